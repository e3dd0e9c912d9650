"""A site's policy, checked against the knowledge and laid over it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import get_args

from ..core.knowledge import PRIORITIES, KnowledgeError, Limit, LimitTable, Rulebook, RuleSheet, Source, Tell
from ..core.policy import Mode, SitePolicy
from ..core.words import fill, say
from .tables import Table, day_of, known, list_of, rows_of, word, words

WHERE = "site policy"
_KEYS = frozenset({"site", "source", "effective", "choice", "rule", "limit"})
_RULE_KEYS = frozenset({"mode", "reason", "tell"})
_LIMIT_KEYS = frozenset({"name", "value", "unit", "source", "effective"})
_ROLES = ("requester", "pharmacist", "patient")


@dataclass(frozen=True, slots=True)
class _Site:
    """The head of a policy, and the tables it is read with."""

    name: str
    source: str
    effective: date
    book: Rulebook
    choices: Table


def lay_over(book: Rulebook, policy: Table, choices: Table, version: str) -> Rulebook:
    """The knowledge as the site wants it. Raises KnowledgeError naming the line that does not fit.

    ``policy`` and ``choices`` are parsed TOML (the site's file, the choices of the knowledge); ``version`` is the hash
    of the site's file and goes into the version of the knowledge.
    """
    _no_more(WHERE, policy, _KEYS)
    site = _Site(
        word(policy, "site", WHERE),
        word(policy, "source", WHERE),
        day_of(policy, WHERE),
        book,
        rows_of({"choices": choices}, "choices", "choice"),
    )
    ruled = rows_of({WHERE: policy}, WHERE, "rule")
    known(WHERE, ("BAC-DATA-01", *ruled), book.sheets, "rules")
    sheets = {rule: _with_tell(sheet, ruled.get(rule, {})) for rule, sheet in book.sheets.items()}
    modes = {rule: mode for rule in book.sheets if rule in ruled and (mode := _mode(rule, ruled[rule])) != "on"}
    rows = tuple(_limits(policy, site))
    limits = tuple(row.limit for row in rows)
    shared = _laid(book.shared, limits, None)
    return replace(
        book,
        sheets=sheets,
        shared=shared,
        families={name: _laid(table, limits, shared) for name, table in book.families.items()},
        sources={**book.sources, **{row.source.id: row.source for row in rows}},
        policy=SitePolicy(
            site=site.name,
            source=site.source,
            effective=site.effective,
            version=version,
            modes=modes,
            reasons={rule: str(ruled[rule].get("reason", "")) for rule in modes},
            notes=_notes(site, rows, [rule for rule in ruled if "tell" in ruled[rule]]),
        ),
        bare=book,
        version=f"{book.version}-{version}",
    )


@dataclass(frozen=True, slots=True)
class _Row:
    """A limit of the site's, the family it belongs to, and what stood there before."""

    limit: Limit
    family: str
    before: Decimal
    source: Source


def _no_more(where: str, row: Table, keys: frozenset[str]) -> None:
    more = sorted(set(row) - keys)
    if more:
        raise KnowledgeError(where, f"not known here: {more}; expected {sorted(keys)}")


def _mode(rule: str, row: Table) -> Mode:
    where = f"{WHERE} [{rule}]"
    _no_more(where, row, _RULE_KEYS)
    mode: Mode = row.get("mode", "on")
    if mode not in get_args(Mode):
        raise KnowledgeError(where, f"mode: one of {get_args(Mode)} expected")
    if mode != "on":
        word(row, "reason", where)
    return mode


def _with_tell(sheet: RuleSheet, row: Table) -> RuleSheet:
    """The sheet with the site's recipients: plain keys for every row, a table for the row of its name alone."""
    told = row.get("tell", {})
    if not told:
        return sheet
    own = {key: value for key, value in told.items() if not isinstance(value, Mapping)}
    tell = {name: _told(sheet, name, held, own) for name, held in sheet.tell.items()}
    for name, extra in told.items():
        if isinstance(extra, Mapping):
            held = tell[name] if name in tell else tell[""]
            known(f"{WHERE} [{sheet.id}] tell", [name], dict.fromkeys((*sheet.tell, *sheet.severities)), "row")
            tell[name] = _told(sheet, name, held, extra)
    return replace(sheet, tell=tell)


def _told(sheet: RuleSheet, name: str, held: Tell, row: Table) -> Tell:
    where = f"{WHERE} [{sheet.id}] tell {name}".rstrip()
    _no_more(where, row, frozenset(_ROLES))
    if any(value not in ("", *PRIORITIES) for value in row.values()):
        raise KnowledgeError(where, f"priorities are {PRIORITIES} or empty")
    given = {role: row[role] or None if role in row else getattr(held, role) for role in _ROLES}
    made = Tell(**given, texts=held.texts, at_once=held.at_once)
    if made.patient and not made.texts:
        raise KnowledgeError(where, "the rule has no patient text to send")
    if not (made.requester or made.pharmacist or made.patient):
        raise KnowledgeError(where, "nobody would be told; switch the rule to silent or off instead")
    return made


def _limits(policy: Table, site: _Site) -> Iterator[_Row]:
    """The site's own limits, then those its choices set."""
    own = list_of({WHERE: policy}, WHERE, "limit")
    for number, row in enumerate(own):
        where = f"{WHERE} limit {word(row, 'name', WHERE)}"
        _no_more(where, row, _LIMIT_KEYS)
        cited = Source(f"SITE-{number}", word(row, "source", where), "", site.name)
        if word(row, "unit", where) != _held(site, row["name"])[1].unit:
            raise KnowledgeError(where, f"unit: {_held(site, row['name'])[1].unit} expected, as in the knowledge")
        yield _row(site, row["name"], row.get("value"), day_of(row, where), cited)
    chosen = rows_of({WHERE: policy}, WHERE, "choice")
    for number, (name, value) in enumerate(chosen.items(), start=len(own)):
        known(f"{WHERE} choice", [name], site.choices, "choices")
        choice = site.choices[name]
        if value not in choice["values"]:
            raise KnowledgeError(f"{WHERE} choice {name}", f"one of {list(choice['values'])} expected")
        cited = Source(f"SITE-{number}", f"{site.source}; {', '.join(words(choice, 'sources'))}", "", site.name)
        for limit in words(choice, "limits"):
            yield _row(site, limit, value, site.effective, cited)


def _held(site: _Site, name: str) -> tuple[str, Limit]:
    """The family ("" for shared) and the row of the knowledge's own limit."""
    tables = {"": site.book.shared, **site.book.families}
    found = [(family, row) for family, table in tables.items() for row in table.limits if row.name == name]
    if not found:
        raise KnowledgeError(f"{WHERE} limit {name}", "no such limit in the knowledge")
    return found[-1]


def _row(site: _Site, name: str, value: object, day: date, cited: Source) -> _Row:
    family, held = _held(site, name)
    if not isinstance(value, int | Decimal) or isinstance(value, bool) or value < 0:
        raise KnowledgeError(f"{WHERE} limit {name}", "value: a number expected")
    table = site.book.families[family] if family else site.book.shared
    limit = replace(held, value=Decimal(value), sources=(cited.id,), effective=day)
    return _Row(limit, family, table.on(day)[name], cited)


def _laid(table: LimitTable, limits: tuple[Limit, ...], base: LimitTable | None) -> LimitTable:
    """The table with the site's limits of its names over its own."""
    names = {limit.name for limit in table.limits}
    return LimitTable(table.limits, table.where, base, tuple(limit for limit in limits if limit.name in names))


def _notes(site: _Site, rows: tuple[_Row, ...], told: list[str]) -> dict[str, tuple[str, ...]]:
    """Per rule what the site changed for it; a shared limit touches every rule."""
    notes: dict[str, tuple[str, ...]] = {}
    for rule, sheet in site.book.sheets.items():
        said = [_note(row, site) for row in rows if rule in row.limit.rules or _is_general(row, sheet)]
        if rule in told:
            said.append(fill(site.book.phrases["policy_told"], {"site": site.name}))
        if said:
            notes[rule] = tuple(said)
    return notes


def _is_general(row: _Row, sheet: RuleSheet) -> bool:
    return not row.limit.rules and row.family in ("", sheet.group)


def _note(row: _Row, site: _Site) -> str:
    limit = row.limit
    values = {
        "site": site.name,
        "about": limit.about,
        "value": limit.value,
        "unit": limit.unit,
        "before": say(row.before),
        "source": row.source.citation,
        "effective": limit.effective,
    }
    return fill(site.book.phrases["policy_limit"], values)
