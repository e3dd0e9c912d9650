"""From parsed TOML tables to a checked rulebook."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, get_args

from ..core.knowledge import (
    PRIORITIES,
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
)
from ..core.rule import Judge, Severity
from ..core.words import fill

Table = Mapping[str, Any]
SEVERITIES: Mapping[str, Severity] = {severity.value: severity for severity in Severity}
_RULE_ID = re.compile(r"BAC-[A-Z]+-\d\d")
_CODE = re.compile(r"[A-Z]+")


@dataclass(frozen=True, slots=True)
class _Shelf:
    """What the rules quote from."""

    sources: Mapping[str, Source]
    texts: Mapping[str, PatientText]
    phrases: Mapping[str, str]


def build_rulebook(tables: Mapping[str, Table], families: Mapping[str, Mapping[str, Judge]], version: str) -> Rulebook:
    """Read every table and check that logic, words, limits, sources and texts name each other rightly."""
    shelf = _Shelf(
        sources={name: _source(name, row) for name, row in _rows(tables, "sources", "source").items()},
        texts={name: _text(name, row) for name, row in _rows(tables, "texts", "text").items()},
        phrases=_phrases(tables),
    )
    rows = (*_list(tables, "facts", "limit"), *_list(tables, "taper", "limit"))
    shared = LimitTable(_limits(rows, "facts", shelf.sources), "facts.toml")
    sheets: dict[str, RuleSheet] = {}
    judges: dict[str, Judge] = {}
    for family, rules in families.items():
        worded = _rows(tables, family, "rule")
        _same(f"{family}.toml", set(worded), set(rules))
        for rule, judge in rules.items():
            sheets[rule] = _sheet(rule, family, worded[rule], shelf)
            judges[rule] = judge
    family_limits = {
        name: LimitTable(_limits(_list(tables, name, "limit"), name, shelf.sources, sheets), f"{name}.toml", shared)
        for name in families
    }
    for name, table in family_limits.items():
        clash = {limit.name for limit in table.limits} & {limit.name for limit in shared.limits}
        if clash:
            raise KnowledgeError(f"{name}.toml", f"limits already shared: {sorted(clash)}")
    return Rulebook(
        sheets=sheets,
        judges=judges,
        shared=shared,
        families=family_limits,
        family_titles={name: _word(tables[name], "title", name) for name in families},
        sources=shelf.sources,
        texts=shelf.texts,
        relations=_relations(_list(tables, "arbitration", "relation"), sheets),
        phrases=shelf.phrases,
        version=version,
    )


def _rows(tables: Mapping[str, Table], stem: str, key: str) -> Table:
    if stem not in tables:
        raise KnowledgeError(f"{stem}.toml", "missing")
    rows = tables[stem].get(key, {})
    if not isinstance(rows, Mapping):
        raise KnowledgeError(f"{stem}.toml", f"[{key}.…] tables expected")
    return rows


def _list(tables: Mapping[str, Table], stem: str, key: str) -> tuple[Table, ...]:
    if stem not in tables:
        raise KnowledgeError(f"{stem}.toml", "missing")
    return tuple(tables[stem].get(key, ()))


def _phrases(tables: Mapping[str, Table]) -> dict[str, str]:
    return {
        f"{prefix}{key}": str(value)
        for stem, table, prefix in (
            ("phrases", "phrase", ""),
            ("taper", "words", "taper."),
            ("taper", "refused", "refused."),
        )
        for key, value in _rows(tables, stem, table).items()
        if isinstance(value, str)
    }


def _same(where: str, worded: set[str], judged: set[str]) -> None:
    if worded != judged:
        raise KnowledgeError(where, f"words and logic disagree on {sorted(worded ^ judged)}")


def _word(row: Table, key: str, where: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value.strip():
        raise KnowledgeError(where, f"{key}: a sentence expected")
    return value


def _words(row: Table, key: str) -> tuple[str, ...]:
    return tuple(str(item) for item in row.get(key, ()))


def _known(where: str, names: Iterable[str], among: Mapping[str, object], what: str) -> tuple[str, ...]:
    listed = tuple(names)
    missing = [name for name in listed if name not in among]
    if missing or not listed:
        raise KnowledgeError(where, f"{what} unknown or none: {missing}")
    return listed


def _day(row: Table, where: str) -> date:
    value = row.get("effective")
    if not isinstance(value, date):
        raise KnowledgeError(where, "effective: a date expected")
    return value


def _source(name: str, row: Table) -> Source:
    where = f"sources.toml [{name}]"
    return Source(name, _word(row, "citation", where), str(row.get("read_at", "")), _word(row, "status", where))


def _text(name: str, row: Table) -> PatientText:
    where = f"texts.toml [{name}]"
    return PatientText(name, _word(row, "title", where), _word(row, "text", where), bool(row.get("emergency")))


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
        named = _words(row, "rules")
        if rules is not None and named:
            _known(where, named, rules, "rules")
        limits.append(
            Limit(
                name=_word(row, "name", where),
                value=Decimal(value),
                unit=_word(row, "unit", where),
                sources=_known(where, _words(row, "sources"), sources, "sources"),
                effective=_day(row, where),
                about=_word(row, "about", where),
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
        listed = _words(told, "texts") if priorities["patient"] else ()
        if priorities["patient"]:
            _known(f"{where} tell {name}", listed, texts, "texts")
        found[name] = Tell(**priorities, texts=listed, at_once=bool(told.get("at_once")))
    return found


def _sheet(rule: str, family: str, row: Table, shelf: _Shelf) -> RuleSheet:
    where = f"{family}.toml [{rule}]"
    if not _RULE_ID.fullmatch(rule) or not _CODE.fullmatch(_word(row, "code", where)):
        raise KnowledgeError(where, "a rule id like BAC-RENAL-01 and a v3-ActCode expected")
    named = _known(where, _words(row, "sources"), shelf.sources, "sources")
    return RuleSheet(
        id=rule,
        group=family,
        code=row["code"],
        severities=tuple(Severity(word) for word in _known(where, _words(row, "severities"), SEVERITIES, "severities")),
        events=_words(row, "events"),
        needs=_words(row, "needs"),
        helps=_words(row, "helps"),
        sources=named,
        cited="; ".join(f"[{name}] {shelf.sources[name].citation}" for name in named),
        advice=" ".join(fill(shelf.phrases[key], row) for key in ("consequence", "do", "order_change") if row.get(key)),
        effective=_day(row, where),
        tell=_tell(where, row.get("tell", {}), shelf.texts),
        gaps={str(key): str(value) for key, value in row.get("gaps", {}).items()},
        notes={str(key): str(value) for key, value in row.get("notes", {}).items()},
        quiet=str(row.get("quiet", "")),
        cannot_judge=str(row.get("cannot_judge", "")),
        order_change=str(row.get("order_change", "")),
        title=_word(row, "title", where),
        fires=_word(row, "fires", where),
        summary=_word(row, "summary", where),
        detail=_word(row, "detail", where),
        consequence=_word(row, "consequence", where),
        do=_word(row, "do", where),
    )


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
    named = _words(row, key)
    return tuple(
        rule for rule in sheets if any(rule == one or (one[-1] == "*" and rule.startswith(one[:-1])) for one in named)
    )
