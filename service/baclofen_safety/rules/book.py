"""From parsed TOML tables to a checked rulebook."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import get_args

from ..core.knowledge import (
    PRIORITIES,
    Attribute,
    KnowledgeError,
    Limit,
    LimitTable,
    PatientText,
    Relation,
    RelationKind,
    Rulebook,
    RuleSheet,
    Source,
    Tell,
    Wording,
)
from ..core.rule import Judge, Severity
from ..core.words import fill
from .tables import Table, day_of, known, list_of, rows_of, same_names, word, words
from .voices import read_voices

SEVERITIES: Mapping[str, Severity] = {severity.value: severity for severity in Severity}
_RULE_ID = re.compile(r"BAC-[A-Z]+-\d\d")
_CODE = re.compile(r"[A-Z]+")
_WORDED = ("summary", "detail", "do", "order_change", "order_if_capped")
"""The sentences of a rule that a note may put others in place of."""


@dataclass(frozen=True, slots=True)
class _Shelf:
    """What the rules quote from."""

    sources: Mapping[str, Source]
    texts: Mapping[str, PatientText]
    phrases: Mapping[str, str]


def build_rulebook(
    tables: Mapping[str, Table],
    families: Mapping[str, Mapping[str, Judge]],
    version: str,
    translations: Iterable[Table] = (),
) -> Rulebook:
    """Read every table and check that logic, words, limits, sources and texts name each other rightly."""
    shelf = _Shelf(
        sources={name: _source(name, row) for name, row in rows_of(tables, "sources", "source").items()},
        texts={name: _text(name, row) for name, row in rows_of(tables, "texts", "text").items()},
        phrases=_phrases(tables),
    )
    rows = (*list_of(tables, "facts", "limit"), *list_of(tables, "taper", "limit"))
    shared = LimitTable(_limits(rows, "facts", shelf.sources), "facts.toml")
    sheets: dict[str, RuleSheet] = {}
    judges: dict[str, Judge] = {}
    for family, rules in families.items():
        worded = rows_of(tables, family, "rule")
        same_names(f"{family}.toml", set(worded), set(rules))
        for rule, judge in rules.items():
            sheets[rule] = _sheet(rule, family, worded[rule], shelf)
            judges[rule] = judge
    family_limits = {
        name: LimitTable(_limits(list_of(tables, name, "limit"), name, shelf.sources, sheets), f"{name}.toml", shared)
        for name in families
    }
    for name, table in family_limits.items():
        clash = {limit.name for limit in table.limits} & {limit.name for limit in shared.limits}
        if clash:
            raise KnowledgeError(f"{name}.toml", f"limits already shared: {sorted(clash)}")
    return Rulebook(
        sheets=sheets,
        judges={rule: judges[rule] for rule in _in_order(sheets)},
        shared=shared,
        families=family_limits,
        family_titles={name: word(tables[name], "title", name) for name in families},
        sources=shelf.sources,
        texts=shelf.texts,
        voices=read_voices(rows_of(tables, "phrases", "patient"), shelf.texts, sheets, translations),
        relations=_relations(list_of(tables, "arbitration", "relation"), sheets),
        phrases=shelf.phrases,
        attributes=tuple(_attribute(row) for row in list_of(tables, "attributes", "attribute")),
        version=version,
    )


def _phrases(tables: Mapping[str, Table]) -> dict[str, str]:
    return {
        f"{prefix}{key}": str(value)
        for stem, table, prefix in (
            ("phrases", "phrase", ""),
            ("taper", "words", "taper."),
            ("taper", "refused", "refused."),
            ("taper", "unneeded", "unneeded."),
        )
        for key, value in rows_of(tables, stem, table).items()
        if isinstance(value, str)
    }


def _source(name: str, row: Table) -> Source:
    where = f"sources.toml [{name}]"
    return Source(name, word(row, "citation", where), str(row.get("read_at", "")), word(row, "status", where))


def _attribute(row: Table) -> Attribute:
    where = f"attributes.toml {row.get('id')}"
    when = frozenset(words(row, "when"))
    return Attribute(
        id=word(row, "id", where),
        title=word(row, "title", where),
        when=when,
        used=word(row, "used", where),
        not_used=word(row, "not_used", where) if when else "",
    )


def _text(name: str, row: Table) -> PatientText:
    where = f"texts.toml [{name}]"
    return PatientText(name, word(row, "title", where), word(row, "text", where), bool(row.get("emergency")))


def _limits(
    rows: tuple[Table, ...],
    family: str,
    sources: Mapping[str, Source],
    rules: Mapping[str, object] | None = None,
) -> tuple[Limit, ...]:
    limits = []
    for row in rows:
        where = f"{family}.toml limit {row.get('name')}"
        value = row.get("value")
        if not isinstance(value, int | Decimal) or isinstance(value, bool):
            raise KnowledgeError(where, "value: a number expected")
        named = words(row, "rules")
        if rules is not None and named:
            known(where, named, rules, "rules")
        limits.append(
            Limit(
                name=word(row, "name", where),
                value=Decimal(value),
                unit=word(row, "unit", where),
                sources=known(where, words(row, "sources"), sources, "sources"),
                effective=day_of(row, where),
                about=word(row, "about", where),
                rules=named,
            )
        )
    seen = [(limit.name, limit.effective) for limit in limits]
    if len(seen) != len(set(seen)):
        raise KnowledgeError(f"{family}.toml", "a limit stands twice with the same day of effect")
    return tuple(limits)


def _tell(where: str, row: Table, texts: Mapping[str, PatientText]) -> dict[str, Tell]:
    own = {key: value for key, value in row.items() if not isinstance(value, Mapping)}
    rows = {"": own} | {name: {**own, **extra} for name, extra in row.items() if isinstance(extra, Mapping)}
    found: dict[str, Tell] = {}
    for name, told in rows.items():
        priorities = {role: told.get(role) or None for role in ("requester", "pharmacist", "patient")}
        if any(value is not None and value not in PRIORITIES for value in priorities.values()):
            raise KnowledgeError(where, f"tell {name}: priorities are {PRIORITIES} or empty")
        listed = words(told, "texts") if priorities["patient"] else ()
        if priorities["patient"]:
            known(f"{where} tell {name}", listed, texts, "texts")
        found[name] = Tell(**priorities, texts=listed, at_once=bool(told.get("at_once")))
    return found


def _sheet(rule: str, family: str, row: Table, shelf: _Shelf) -> RuleSheet:
    where = f"{family}.toml [{rule}]"
    if not _RULE_ID.fullmatch(rule) or not _CODE.fullmatch(word(row, "code", where)):
        raise KnowledgeError(where, "a rule id like BAC-RENAL-01 and a v3-ActCode expected")
    named = known(where, words(row, "sources"), shelf.sources, "sources")
    return RuleSheet(
        id=rule,
        group=family,
        code=row["code"],
        codes={str(key): word(row["codes"], key, where) for key in row.get("codes", {})},
        do_not_start=bool(row.get("do_not_start")),
        severities=tuple(Severity(word) for word in known(where, words(row, "severities"), SEVERITIES, "severities")),
        events=words(row, "events"),
        needs=words(row, "needs"),
        helps=words(row, "helps"),
        after=words(row, "after"),
        sources=named,
        cited="; ".join(f"[{name}] {shelf.sources[name].citation}" for name in named),
        advice=_advice(row, shelf),
        effective=day_of(row, where),
        tell=_tell(where, row.get("tell", {}), shelf.texts),
        gaps={str(key): str(value) for key, value in row.get("gaps", {}).items()},
        gap_titles=_gap_titles(where, row),
        notes={str(key): str(value) for key, value in row.get("notes", {}).items()},
        instead={note: _wording(f"{where} instead {note}", row, note, shelf) for note in row.get("instead", {})},
        quiet=str(row.get("quiet", "")),
        cannot_judge=str(row.get("cannot_judge", "")),
        order_change=str(row.get("order_change", "")),
        capped=_capped(row),
        title=word(row, "title", where),
        question=_question(where, row, shelf),
        fires=word(row, "fires", where),
        summary=word(row, "summary", where),
        detail=word(row, "detail", where),
        consequence=word(row, "consequence", where),
        do=word(row, "do", where),
    )


def _capped(row: Table) -> str:
    return str(row.get("order_if_capped", row.get("order_change", "")))


def _advice(row: Table, shelf: _Shelf) -> str:
    return " ".join(fill(shelf.phrases[key], row) for key in ("consequence", "do", "order_change") if row.get(key))


def _question(where: str, row: Table, shelf: _Shelf) -> str:
    """The title of what the rule leaves open; a rule that asks nothing can only fail to run."""
    return word(row, "question", where) if row.get("gaps") else fill(shelf.phrases["not_run"], row)


def _gap_titles(where: str, row: Table) -> dict[str, str]:
    titles = row.get("gap_titles", {})
    if titles:
        known(f"{where} gap_titles", list(titles), row.get("gaps", {}), "gaps")
    return {reason: word(titles, reason, where) for reason in titles}


def _wording(where: str, row: Table, note: str, shelf: _Shelf) -> Wording:
    """What a finding with a note says in place of the rule's own words."""
    known(where, [note], row.get("notes", {}), "notes")
    known(where, row["instead"][note], dict.fromkeys(_WORDED), "sentences")
    said = {**row, **row["instead"][note]}
    return Wording(
        summary=word(said, "summary", where),
        detail=word(said, "detail", where),
        do=word(said, "do", where),
        order_change=str(said.get("order_change", "")),
        capped=_capped(row["instead"][note]) if "order_change" in row["instead"][note] else _capped(row),
        advice=_advice(said, shelf),
    )


def _in_order(sheets: Mapping[str, RuleSheet]) -> tuple[str, ...]:
    """The rules, each after those whose findings it looks at, else in the order of the families."""
    waiting = dict.fromkeys(sheets)
    ordered: list[str] = []
    while waiting:
        ready = [rule for rule in waiting if not any(other in waiting for other in sheets[rule].after)]
        if not ready:
            raise KnowledgeError("rules", f"look at each other's findings: {sorted(waiting)}")
        for rule in ready:
            known(f"[{rule}] after", (rule, *sheets[rule].after), sheets, "rules")
            del waiting[rule]
        ordered += ready
    return tuple(ordered)


def _relations(rows: Iterable[Table], sheets: Mapping[str, RuleSheet]) -> tuple[Relation, ...]:
    """The rows that can act: those over a loaded rule, by a loaded rule or a state."""
    relations = (_relation(row, sheets) for row in rows)
    return tuple(one for one, needs_rule in relations if one.over and (one.by or not needs_rule))


def _relation(row: Table, sheets: Mapping[str, RuleSheet]) -> tuple[Relation, bool]:
    """One row with its rules spelt out, and whether it needs a rule to act (else a state is enough)."""
    kind: RelationKind = row.get("kind", "")
    if kind not in get_args(RelationKind):
        raise KnowledgeError("arbitration.toml", f"kind {kind!r}: one of {get_args(RelationKind)} expected")
    to = row.get("to")
    if (kind == "lowers" and to is None) or (to is not None and to not in SEVERITIES):
        raise KnowledgeError("arbitration.toml", f"a row that lowers says to what severity: one of {[*SEVERITIES]}")
    relation = Relation(
        by=_loaded(row, "by", sheets),
        over=_loaded(row, "over", sheets),
        kind=kind,
        when=str(row.get("when", "")),
        to=Severity(to) if to else None,
        about=str(row.get("about", "")),
    )
    return relation, bool(row.get("by"))


def _loaded(row: Table, key: str, sheets: Mapping[str, RuleSheet]) -> tuple[str, ...]:
    """The loaded rules a row names; "BAC-MON-*" names a family."""
    named = words(row, key)
    return tuple(
        rule for rule in sheets if any(rule == one or (one[-1] == "*" and rule.startswith(one[:-1])) for one in named)
    )
