"""What the table ``moments.toml`` says: how the moments differ, and which rules and records matter at which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from .tables import parse_table, text_of

FILE = "moments.toml"


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
    taken_or_not: Mapping[str, frozenset[str]]  # by rule the reasons of questions
    shown_elsewhere: Mapping[str, frozenset[str]]  # by rule the reasons of questions
    first_at: Mapping[str, frozenset[str]]  # by hook, or by what happened
    asked_at: Mapping[str, frozenset[str]]  # by hook, or by what happened
    must_have_at: Mapping[str, frozenset[str]]  # by hook, or by what happened
    must_have: frozenset[str]  # of the prefetch
    names_baclofen: frozenset[str]  # of the prefetch
    pump_concepts: tuple[str, ...]
    pump_words: tuple[str, ...]
    own_pump: tuple[str, ...]
    other_pumps: tuple[str, ...]
    pump_quiet: tuple[str, ...]
    pump_changes: tuple[str, ...]
    means: Mapping[str, str]  # by a word that is no status of FHIR the status it means
    not_begun: str  # a note
    recorded_first: frozenset[str]  # families
    recorded_news: Mapping[str, frozenset[str]]  # by family concepts of problems
    keep_one: frozenset[str]
    beside_pump: frozenset[str]
    leave_as_is: frozenset[str]
    renewing_hooks: frozenset[str]
    supply_ends: frozenset[str]
    delivery_ends: frozenset[str]
    withdrawal_concepts: frozenset[str]
    withdrawal_words: frozenset[str]
    settled_by_draft: frozenset[str]
    steps_judged: frozenset[str]
    after_a_gap: frozenset[str]
    partners: frozenset[str]  # families
    absence: Mapping[str, frozenset[str]]  # by prefetch key the rules that say something is not in it
    habitual: Mapping[str, frozenset[str]]  # by rule the reasons of questions that alone make no card
    habitual_key: str  # of the prefetch
    habitual_asked_at: frozenset[str]  # hooks
    habitual_beside: frozenset[str]  # families
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
    """The table, read once. Raises TableError."""
    return read_moments(text_of(FILE))


def read_moments(text: str) -> Moments:
    """What the text of the table says. Raises TableError."""
    row = parse_table(FILE, text)
    first_dose, creatinine, habitual = row.table("first_dose"), row.table("creatinine"), row.table("habitual")
    coding = creatinine.table("coding")
    found = Moments(
        most_cards=row.number("most_cards"),
        most_questions=row.number("most_questions"),
        most_titles=row.number("most_titles"),
        most_evidence=row.number("most_evidence"),
        most_sources=row.number("most_sources"),
        follow_up=frozenset(row.names("follow_up")),
        not_follow_up=frozenset(row.names("not_follow_up")),
        early_hooks=frozenset(row.names("early_hooks")),
        early_questions=frozenset(row.names("early_questions")),
        questions_if_taken=frozenset(row.names("questions_if_taken")),
        taken_or_not=row.lists("taken_or_not"),
        shown_elsewhere=row.lists("shown_elsewhere"),
        first_at=row.lists("first_at"),
        asked_at=row.lists("asked_at"),
        must_have_at=row.lists("must_have_at"),
        must_have=frozenset(row.names("must_have")),
        names_baclofen=frozenset(row.names("names_baclofen")),
        pump_concepts=row.names("pump_concepts"),
        pump_words=row.names("pump_words"),
        own_pump=row.names("own_pump"),
        other_pumps=row.names("other_pumps"),
        pump_quiet=row.names("pump_quiet"),
        pump_changes=row.names("pump_changes"),
        means={word: status for status, words in row.lists("means").items() for word in words},
        not_begun=row.words("not_begun"),
        recorded_first=frozenset(row.names("recorded_first")),
        recorded_news=row.lists("recorded_news"),
        keep_one=frozenset(row.names("keep_one")),
        beside_pump=frozenset(row.names("beside_pump")),
        leave_as_is=frozenset(row.names("leave_as_is")),
        renewing_hooks=frozenset(row.names("renewing_hooks")),
        supply_ends=frozenset(row.names("supply_ends")),
        delivery_ends=frozenset(row.names("delivery_ends")),
        withdrawal_concepts=frozenset(row.names("withdrawal_concepts")),
        withdrawal_words=frozenset(row.names("withdrawal_words")),
        steps_judged=frozenset(row.names("steps_judged")),
        settled_by_draft=frozenset(row.names("settled_by_draft")),
        after_a_gap=frozenset(row.names("after_a_gap")),
        partners=frozenset(row.names("partners")),
        absence=row.lists("absence"),
        habitual=habitual.lists("questions"),
        habitual_key=habitual.words("key"),
        habitual_asked_at=frozenset(habitual.names("hooks")),
        habitual_beside=frozenset(habitual.names("families")),
        first_dose_family=first_dose.words("family"),
        first_dose=first_dose.words("limit"),
        careful_families=frozenset(first_dose.names("careful_families")),
        careful_first_dose=first_dose.words("careful_limit"),
        creatinine_rules=frozenset(creatinine.names("rules")),
        creatinine_concept=creatinine.words("concept"),
        creatinine_key=creatinine.words("key"),
        creatinine_doubt=frozenset(creatinine.names("doubt")),
        creatinine_repeat=frozenset(creatinine.names("repeat")),
        creatinine_coding={key: coding.words(key) for key in ("system", "code", "display")},
    )
    for table in (row, first_dose, creatinine, coding, habitual):
        table.done()
    return found
