"""What the table ``moments.toml`` says: how the moments differ, and which rules and records matter at which."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Moments:
    """``moments.toml``: what is shown at which moment."""

    most_cards: int
    most_questions: int
    most_titles: int
    most_evidence: int
    most_sources: int
    follow_up: frozenset[str]  # families
    not_follow_up: frozenset[str]  # rules
    early_hooks: frozenset[str]
    early_questions: frozenset[str]
    questions_if_taken: frozenset[str]
    asked_at: Mapping[str, frozenset[str]]  # by hook
    must_have_at: Mapping[str, frozenset[str]]  # by hook, or by what happened
    must_have: frozenset[str]  # of the prefetch
    names_baclofen: frozenset[str]  # of the prefetch
    pump_concepts: tuple[str, ...]
    do_not_start: frozenset[str]
    keep_one: frozenset[str]
    renewing_hooks: frozenset[str]
    supply_ends: frozenset[str]
    after_a_gap: frozenset[str]
    partners: frozenset[str]  # families
    absence: Mapping[str, frozenset[str]]  # by prefetch key the rules that say something is not in it
    first_dose_family: str
    first_dose: str  # limits of that family
    careful_families: frozenset[str]
    careful_first_dose: str
    creatinine_rules: frozenset[str]
    creatinine_concept: str
    creatinine_key: str  # of the prefetch
    creatinine_doubt: frozenset[str]  # reasons of questions
    creatinine_repeat: frozenset[str]  # reasons of questions
    creatinine_coding: Mapping[str, str]


@cache
def moments() -> Moments:
    """The table, read once."""
    row = tomllib.loads(files(__package__).joinpath("moments.toml").read_text("utf-8"))
    return Moments(
        most_cards=row["most_cards"],
        most_questions=row["most_questions"],
        most_titles=row["most_titles"],
        most_evidence=row["most_evidence"],
        most_sources=row["most_sources"],
        follow_up=frozenset(row["follow_up"]),
        not_follow_up=frozenset(row["not_follow_up"]),
        early_hooks=frozenset(row["early_hooks"]),
        early_questions=frozenset(row["early_questions"]),
        questions_if_taken=frozenset(row["questions_if_taken"]),
        asked_at={hook: frozenset(rules) for hook, rules in row["asked_at"].items()},
        must_have_at={hook: frozenset(keys) for hook, keys in row["must_have_at"].items()},
        must_have=frozenset(row["must_have"]),
        names_baclofen=frozenset(row["names_baclofen"]),
        pump_concepts=tuple(row["pump_concepts"]),
        do_not_start=frozenset(row["do_not_start"]),
        keep_one=frozenset(row["keep_one"]),
        renewing_hooks=frozenset(row["renewing_hooks"]),
        supply_ends=frozenset(row["supply_ends"]),
        after_a_gap=frozenset(row["after_a_gap"]),
        partners=frozenset(row["partners"]),
        absence={key: frozenset(rules) for key, rules in row["absence"].items()},
        first_dose_family=row["first_dose"]["family"],
        first_dose=row["first_dose"]["limit"],
        careful_families=frozenset(row["first_dose"]["careful_families"]),
        careful_first_dose=row["first_dose"]["careful_limit"],
        creatinine_rules=frozenset(row["creatinine"]["rules"]),
        creatinine_concept=row["creatinine"]["concept"],
        creatinine_key=row["creatinine"]["key"],
        creatinine_doubt=frozenset(row["creatinine"]["doubt"]),
        creatinine_repeat=frozenset(row["creatinine"]["repeat"]),
        creatinine_coding=row["creatinine"]["coding"],
    )
