"""One rule explained: what it looks for, its limits with source and date, whom it tells, and the cases that show it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .casebook import casebook
from .core.attributes import source_attributes
from .core.knowledge import Limit, Rulebook, RuleSheet, Tell
from .core.words import say

Json = dict[str, Any]


def rule_list(book: Rulebook) -> list[Json]:
    """Every rule in a line: id, title, family, severities, and how the site runs it."""
    return [
        {
            "id": sheet.id,
            "title": sheet.title,
            "family": book.family_titles[sheet.group],
            "severities": [severity.value for severity in sheet.severities],
            "mode": book.mode(sheet.id),
        }
        for sheet in book.sheets.values()
    ]


def explain(rule: str, book: Rulebook) -> Json:
    """All there is to say about one rule, as JSON. Raises KeyError for a rule that is not in the book."""
    sheet = book.sheets[rule]
    policy = book.policy
    return {
        "id": sheet.id,
        "title": sheet.title,
        "family": book.family_titles[sheet.group],
        "code": sheet.code,
        "severities": [severity.value for severity in sheet.severities],
        "effective": sheet.effective.isoformat(),
        "knowledge": book.version,
        "mode": book.mode(rule),
        "sitePolicy": None if policy is None else {"site": policy.site, "changes": list(policy.notes.get(rule, ()))},
        "fires": sheet.fires,
        "quiet": sheet.quiet,
        "cannotJudge": sheet.cannot_judge,
        "needs": list(sheet.needs),
        "helps": list(sheet.helps),
        "looksAtFindingsOf": list(sheet.after),
        "consequence": sheet.consequence,
        "do": sheet.do,
        "orderChange": sheet.order_change,
        "summary": sheet.summary,
        "detail": sheet.detail,
        "tell": [_tell(name, told) for name, told in sheet.tell.items()],
        "limits": [_limit(limit, book) for limit in limits_of(sheet, book)],
        "relations": _relations(rule, book),
        "sources": [_source(name, book) for name in sheet.sources],
        "sourceAttributes": [
            {"id": one.id, "title": one.title, "says": one.says} for one in source_attributes(sheet, book)
        ],
        "cases": [{"table": one.table, "name": one.name, "says": one.says} for one in casebook().get(rule, ())],
    }


def limits_of(sheet: RuleSheet, book: Rulebook) -> list[Limit]:
    """The family's limits that name the rule, or no rule at all; a site's own row in place of ours, from its day on."""
    table = book.families[sheet.group]
    rows: Mapping[str, Limit] = {limit.name: limit for limit in (*table.limits, *table.over)}
    return [limit for limit in rows.values() if not limit.rules or sheet.id in limit.rules]


def _limit(limit: Limit, book: Rulebook) -> Json:
    return {
        "name": limit.name,
        "about": limit.about,
        "value": say(limit.value),
        "unit": limit.unit,
        "effective": limit.effective.isoformat(),
        "sources": [_source(name, book) for name in limit.sources],
    }


def _source(name: str, book: Rulebook) -> Json:
    source = book.sources[name]
    return {"id": source.id, "citation": source.citation, "readAt": source.read_at, "status": source.status}


def _tell(name: str, told: Tell) -> Json:
    return {
        "row": name or "default",
        "requester": told.requester,
        "pharmacist": told.pharmacist,
        "patient": told.patient,
        "texts": list(told.texts),
    }


def _relations(rule: str, book: Rulebook) -> list[Json]:
    """The rows of the arbitration table that name the rule, on either side."""
    return [
        {"by": list(one.by), "over": list(one.over), "kind": one.kind, "when": one.when, "about": one.about}
        for one in book.relations
        if rule in one.by or rule in one.over
    ]


def _limit_line(one: dict[str, Any]) -> str:
    ids = ", ".join(source["id"] for source in one["sources"])
    return f"{one['about']}: {one['value']} {one['unit']} ({ids}; from {one['effective']})"


def _tell_line(one: dict[str, Any]) -> str:
    roles = ", ".join(f"{role} {one[role]}" for role in ("requester", "pharmacist", "patient") if one[role])
    return f"{one['row']}: {roles or 'nobody'}{' with ' + ', '.join(one['texts']) if one['texts'] else ''}"


def _relation_line(one: dict[str, Any]) -> str:
    when = f" when {one['when']}" if one["when"] else ""
    return f"{', '.join(one['by']) or 'a state'} {one['kind']} {', '.join(one['over'])}{when}"


LISTS: dict[str, Callable[[Any], str]] = {
    "needs": str,
    "helps": str,
    "limits": _limit_line,
    "tell": _tell_line,
    "relations": _relation_line,
    "sources": lambda one: f"[{one['id']}] {one['citation']} ({one['status']})",
    "sourceAttributes": lambda one: f"{one['title']}: {one['says']}",
    "cases": lambda one: f"{one['table']}: {one['name']} -> {one['says']}",
}
"""The lists of an explanation, and how one item of each is said."""
