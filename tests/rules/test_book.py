"""Tables that do not fit are refused, each with the place and what was expected."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import baclofen_safety
from baclofen_safety.assessor import load_knowledge
from baclofen_safety.core.knowledge import KnowledgeError
from baclofen_safety.rules import FAMILIES, SHARED_TABLES, load_rulebook
from baclofen_safety.rules.book import _in_order

FOLDER = Path(baclofen_safety.__file__).parent / "rules" / "baclofen"
Tables = dict[str, Any]


@cache
def shipped() -> Tables:
    stems = (*SHARED_TABLES, *FAMILIES)
    return {stem: tomllib.loads((FOLDER / f"{stem}.toml").read_text("utf-8"), parse_float=Decimal) for stem in stems}


def change(path: str, value: object) -> Callable[[Tables], None]:
    """Put a value at "stem/key/0/key"; None takes the key out."""

    def act(tables: Tables) -> None:
        *way, last = path.split("/")
        at: Any = tables
        for key in way:
            at = at[int(key)] if isinstance(at, list) else at[key]
        if value is None:
            del at[last]
        elif last == "+":
            at.append(value)
        else:
            at[last] = value

    return act


LIMIT = {"name": "x", "value": 1, "unit": "d", "sources": ["K13"], "effective": 1, "about": "x"}
RULE = "dose/rule/BAC-DOSE-01"


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("facts", None, "facts.toml: missing"),
        ("sources", None, "sources.toml: missing"),
        ("dose/rule", [], "dose.toml: [rule.…] tables expected"),
        (RULE, None, "dose.toml: words and logic disagree on ['BAC-DOSE-01']"),
        ("dose/rule/BAC-DOSE-99", {}, "dose.toml: words and logic disagree on ['BAC-DOSE-99']"),
        ("dose/title", " ", "dose: title: a sentence expected"),
        ("dose/rule/BAC-DOSE-02/summary", None, "dose.toml [BAC-DOSE-02]: summary: a sentence expected"),
        (f"{RULE}/code", "dose", "dose.toml [BAC-DOSE-01]: a rule id like BAC-RENAL-01 and a v3-ActCode expected"),
        (f"{RULE}/sources", ["S999"], "dose.toml [BAC-DOSE-01]: sources unknown or none: ['S999']"),
        (f"{RULE}/sources", [], "dose.toml [BAC-DOSE-01]: sources unknown or none: []"),
        (f"{RULE}/effective", "2026-11-20", "dose.toml [BAC-DOSE-01]: effective: a date expected"),
        (f"{RULE}/severities", ["grave"], "dose.toml [BAC-DOSE-01]: severities unknown or none: ['grave']"),
        (f"{RULE}/severities", [], "dose.toml [BAC-DOSE-01]: severities unknown or none: []"),
        (f"{RULE}/tell/requester", "soon", "dose.toml [BAC-DOSE-01]: tell : priorities are ('routine', "),
        (f"{RULE}/tell/texts", ["PT-NONE"], "dose.toml [BAC-DOSE-01] tell : texts unknown or none: ['PT-NONE']"),
        (f"{RULE}/tell/texts", [], "dose.toml [BAC-DOSE-01] tell : texts unknown or none: []"),
        (
            f"{RULE}/instead",
            {"no-note": {}},
            "dose.toml [BAC-DOSE-01] instead no-note: notes unknown or none: ['no-note']",
        ),
        (
            f"{RULE}/instead",
            {"override": {}},
            "dose.toml [BAC-DOSE-01] instead override: sentences unknown or none: []",
        ),
        (
            f"{RULE}/instead",
            {"override": {"title": "x"}},
            "dose.toml [BAC-DOSE-01] instead override: sentences unknown or none: ['title']",
        ),
        (f"{RULE}/gap_titles", {"no-gap": "x"}, "dose.toml [BAC-DOSE-01] gap_titles: gaps unknown or none: ['no-gap']"),
        ("dose/rule/BAC-DOSE-02/question", None, "dose.toml [BAC-DOSE-02]: question: a sentence expected"),
        ("dose/limit/0/value", "80", "dose.toml limit unit-single-below: value: a number expected"),
        ("dose/limit/0/value", True, "dose.toml limit unit-single-below: value: a number expected"),
        ("dose/limit/0/unit", None, "dose.toml limit unit-single-below: unit: a sentence expected"),
        ("dose/limit/0/sources", ["S999"], "dose.toml limit unit-single-below: sources unknown or none: ['S999']"),
        (
            "dose/limit/0/rules",
            ["BAC-NO-01"],
            "dose.toml limit unit-single-below: rules unknown or none: ['BAC-NO-01']",
        ),
        ("facts/limit/0/effective", None, "facts.toml limit established-days: effective: a date expected"),
        ("facts/limit/1/name", "established-days", "facts.toml: a limit stands twice with the same day of effect"),
        ("dose/limit/0/name", "adult-age", "dose.toml: limits already shared: ['adult-age']"),
        ("sources/source/K13/citation", None, "sources.toml [K13]: citation: a sentence expected"),
        ("texts/text/PT-STOP/text", "", "texts.toml [PT-STOP]: text: a sentence expected"),
        ("arbitration/relation/0/kind", "hides", "arbitration.toml: kind 'hides': one of ('silences', "),
        ("arbitration/relation/0/kind", "lowers", "arbitration.toml: a row that lowers says to what severity"),
        ("arbitration/relation/0/to", "grave", "arbitration.toml: a row that lowers says to what severity: one of ["),
    ],
)
def test_a_bad_table_is_refused(path: str, value: object, message: str) -> None:
    tables = copy.deepcopy(shipped())
    change(path, value)(tables)
    with pytest.raises(KnowledgeError) as caught:
        load_rulebook(tables, "v1")
    assert str(caught.value).startswith(message)


def test_a_rule_id_has_a_form(monkeypatch: pytest.MonkeyPatch) -> None:
    tables = copy.deepcopy(shipped())
    tables["dose"]["rule"]["DOSE-1"] = tables["dose"]["rule"].pop("BAC-DOSE-01")
    rules = {("DOSE-1" if name == "BAC-DOSE-01" else name): judge for name, judge in FAMILIES["dose"].RULES.items()}
    monkeypatch.setattr(FAMILIES["dose"], "RULES", rules)
    with pytest.raises(KnowledgeError, match=r"dose\.toml \[DOSE-1\]: a rule id like BAC-RENAL-01"):
        load_rulebook(tables, "v1")


def test_a_limit_may_change_on_a_day() -> None:
    tables = copy.deepcopy(shipped())
    first = tables["dose"]["limit"][0]
    later = first["effective"].replace(year=first["effective"].year + 1)
    tables["dose"]["limit"].append({**first, "value": 2, "effective": later})
    book = load_rulebook(tables, "v1")
    assert book.family_limits("dose", first["effective"])[first["name"]] == first["value"]
    assert book.family_limits("dose", later)[first["name"]] == 2


def test_relations_over_rules_that_are_not_loaded_do_nothing() -> None:
    book = load_rulebook(copy.deepcopy(shipped()), "v1")
    for relation in book.relations:
        assert relation.over
        assert set(relation.over) | set(relation.by) <= set(book.sheets)


def test_rules_that_wait_for_each_other_are_refused() -> None:
    sheets = load_knowledge("").sheets
    first, second = sheets["BAC-DOSE-01"], sheets["BAC-DOSE-02"]
    circle = {first.id: replace(first, after=(second.id,)), second.id: replace(second, after=(first.id,))}
    with pytest.raises(KnowledgeError, match="look at each other's findings"):
        _in_order(circle)
