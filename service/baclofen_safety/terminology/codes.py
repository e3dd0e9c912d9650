"""Codes and words of conditions, observations, procedures, routes, forms and our own facts, to concepts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..core.concepts import Concept
from .catalogue import CONCEPTS, FORM_GROUPS, concept
from .rows import Tables
from .systems import FACT, canonical, normal_code
from .text import Phrases

Key = tuple[str, str]  # (canonical system, normal code)

_CODED: tuple[tuple[str, str, str], ...] = (
    ("cond", "conditions_snomed", "class"),
    ("lab", "observations_loinc", "concept"),
    ("proc", "procedures_devices", "class"),
    ("route", "routes", "route"),
    ("form", "dose_forms", "dose_form"),
    ("excipient", "excipient_allergies", "excipient"),
)
_INTENT_AT = 5
_LASTING = re.compile(r"maintenance|home|peritoneal", re.IGNORECASE)
"""Words in the display of a dialysis code that say it is no single acute session."""


@dataclass(frozen=True, slots=True)
class Coded:
    """One row of a table: a code that stands for a concept."""

    kind: str
    concept: Concept
    system: str
    code: str  # as the table writes it
    display: str


@dataclass(frozen=True, slots=True)
class PrefixRule:
    """An ICD prefix that puts a code into (or out of) a concept. ``intent``: allowed intent digits, "" =
    any."""

    kind: str
    concept: Concept
    system: str
    prefix: str  # as the table writes it, with its dot
    include: bool
    intent: str = ""


def read_coded(tables: Tables, systems: Mapping[str, str]) -> Iterator[Coded]:
    """Every listed code of the concepts this version knows; text rows are left to ``read_texts``."""
    for kind, table, column in _CODED:
        display = "display_or_text" if table == "routes" else "display"
        for name, system, code, shown in tables.rows(table, column, "system", "code", display):
            found = concept(kind, FORM_GROUPS.get(name, name) if kind == "form" else name)
            if system == "text" or found not in CONCEPTS:
                continue
            yield Coded(kind, found, canonical(system, systems), code, shown)
            if found == "proc-dialysis" and _LASTING.search(shown):
                yield Coded(kind, "proc-dialysis-maintenance", canonical(system, systems), code, shown)
    for kind, name, system, code, shown in tables.rows("own_codes", "kind", "name", "system", "code", "display"):
        yield Coded(kind, concept(kind, name), canonical(system, systems), code, shown)
    for code, display in tables.rows("own_facts", "code", "display"):
        if concept("fact", code) in CONCEPTS:
            yield Coded("fact", concept("fact", code), FACT, code, display)


def read_rules(tables: Tables, systems: Mapping[str, str]) -> Iterator[PrefixRule]:
    """Every prefix rule of the concepts this version knows."""
    rows = list(tables.rows("conditions_icd_rules", "class", "system", "rule", "prefix"))
    intents = {(name, system): prefix for name, system, rule, prefix in rows if rule == "require_intent"}
    for name, system, rule, prefix in rows:
        found = concept("cond", name)
        if rule == "require_intent" or found not in CONCEPTS:
            continue
        kept = rule.partition("=")[2] or intents.get((name, system), "")
        yield PrefixRule("cond", found, canonical(system, systems), prefix, rule.startswith("include"), kept)
    for kind, name, system, prefix in tables.rows("own_prefixes", "kind", "name", "system", "prefix"):
        yield PrefixRule(kind, concept(kind, name), canonical(system, systems), prefix, True)


def read_texts(tables: Tables) -> Iterator[tuple[str, str, Concept]]:
    """(kind, text, concept) of every text row; "" as the concept means: these words mean nothing."""
    for table, column, shown in (
        ("procedures_devices", "class", "display"),
        ("routes", "route", "display_or_text"),
        ("excipient_allergies", "excipient", "display"),
    ):
        kind = "proc" if column == "class" else column
        for name, system, code, text in tables.rows(table, column, "system", "code", shown):
            if system == "text" and concept(kind, name) in CONCEPTS:
                yield kind, code or text, concept(kind, name)
    for kind, name, text in tables.rows("own_texts", "kind", "name", "text"):
        yield kind, text, concept(kind.partition("_")[0], name) if name else ""


def intent(code: str) -> str:
    """The intent digit of a dotless ICD-10-CM poisoning code: the 6th character, or the 5th when the 6th is
    X."""
    if len(code) <= _INTENT_AT:
        return ""
    return code[_INTENT_AT - 1] if code[_INTENT_AT] == "X" else code[_INTENT_AT]


class CodeBook:
    """Look-up of codes and words; built once, never changed."""

    __slots__ = ("_codes", "_prefixes", "_systems", "_texts", "_weeks")

    def __init__(self, tables: Tables, systems: Mapping[str, str]) -> None:
        self._systems = systems
        self._codes: dict[str, dict[Key, set[Concept]]] = {}
        for row in read_coded(tables, systems):
            key = (row.system, normal_code(row.system, row.code))
            self._codes.setdefault(row.kind, {}).setdefault(key, set()).add(row.concept)
        self._prefixes: dict[str, dict[Key, list[PrefixRule]]] = {}
        for rule in read_rules(tables, systems):
            key = (rule.system, normal_code(rule.system, rule.prefix))
            self._prefixes.setdefault(rule.kind, {}).setdefault(key, []).append(rule)
        self._weeks = {
            (canonical(system, systems), normal_code(system, code)): int(weeks)
            for code, system, weeks in tables.rows("own_gestation", "code", "system", "weeks")
        }
        pairs: dict[str, list[tuple[str, Concept]]] = {}
        for kind, text, found in read_texts(tables):
            pairs.setdefault(kind, []).append((text, found))
        self._texts = {kind: Phrases.of(_joined(rows)) for kind, rows in pairs.items()}

    def of_code(self, kind: str, system: str, code: str) -> frozenset[Concept]:
        """Concepts of one code; ``system`` in any spelling."""
        system = canonical(system, self._systems)
        code = normal_code(system, code)
        found = set(self._codes.get(kind, {}).get((system, code), ()))
        rules = self._prefixes.get(kind, {})
        matched = [rule for end in range(1, len(code) + 1) for rule in rules.get((system, code[:end]), ())]
        excluded = {rule.concept for rule in matched if not rule.include}
        digit = intent(code)
        found.update(
            rule.concept
            for rule in matched
            if rule.include and rule.concept not in excluded and (not rule.intent or (digit and digit in rule.intent))
        )
        return frozenset(found)

    def weeks(self, system: str, code: str) -> int | None:
        """The completed weeks of pregnancy a code stands for."""
        system = canonical(system, self._systems)
        return self._weeks.get((system, normal_code(system, code)))

    def of_text(self, kind: str, text: str) -> frozenset[Concept]:
        """Concepts of the words of a text that are not negated."""
        phrases = self._texts.get(kind)
        if phrases is None or not text:
            return frozenset()
        return frozenset(found for group in phrases.affirmed(text) for found in group if found)


def _joined(pairs: list[tuple[str, Concept]]) -> Iterator[tuple[str, frozenset[Concept]]]:
    """One entry per text, with every concept it stands for."""
    groups: dict[str, set[Concept]] = {}
    for text, found in pairs:
        groups.setdefault(text, set()).add(found)
    return ((text, frozenset(found)) for text, found in groups.items())
