"""What of a verdict is shown at this moment, and on how many cards.

A moment about a session (orders being signed, a visit being booked) shows what its resources take part in; when one of
them is baclofen, all that is found but mere follow-up. A moment about the patient shows everything, and so does one
whose orders were held back.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from ..core.chart import Trouble
from ..core.medicines import Given, MedicineState, Order, Supply
from ..core.rule import Severity
from ..core.verdict import Issue, OpenQuestion
from .occasion import Occasion, references
from .prefetch import UNUSED
from .record import unresolved


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
    must_have: frozenset[str]  # of the prefetch
    medicines: frozenset[str]  # of the prefetch
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


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown: findings, and what kept this moment from being judged."""

    issues: tuple[Issue, ...] = ()
    questions: tuple[OpenQuestion, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    lost: bool = False  # an order the moment is about was not sent, or cannot be read
    missing: Mapping[str, str] | None = None  # by prefetch key
    why: str = ""  # phrase key of the knowledge, when nothing was judged at all

    @property
    def unchecked(self) -> bool:
        """Must it be said that something was not checked?"""
        return bool(self.questions or self.troubles or self.lost or self.missing or self.why)


@dataclass(frozen=True, slots=True)
class Group:
    """The findings of one card, worst first. ``together`` = it is about its first finding, the others belong to it."""

    issues: tuple[Issue, ...]
    together: bool = True

    @property
    def severity(self) -> Severity:
        return max((issue.severity for issue in self.issues), key=lambda severity: severity.rank)


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
        must_have=frozenset(row["must_have"]),
        medicines=frozenset(row["medicines"]),
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


def wants_creatinine(question: OpenQuestion) -> bool:
    """Would a kidney test help with this question?"""
    return any(moments().creatinine_concept in need.concepts for need in question.gap.needs)


def shown_of(occasion: Occasion) -> Shown:
    """What this moment shows."""
    verdict, about = occasion.verdict, is_about_baclofen(occasion)
    unsent = occasion.session.refs.intersection(unresolved(occasion.session, occasion.supply))
    lost = bool(unsent) or occasion.session.unread
    if not verdict.applies:
        asked = about and not occasion.whole
        unknown = occasion.supply.missing if occasion.session.barred else None
        troubles = _troubles(occasion, about=False)
        if asked:
            return Shown(why=verdict.why, troubles=troubles, missing=unknown)
        return Shown(lost=lost, missing=_unused_medicines(occasion))
    known = [one for one in verdict.issues if not _is_guessed(one, occasion)]
    issues = tuple(one for one in known if occasion.whole or _is_shown(one, occasion, about=about))
    questions = tuple(one for one in verdict.questions if one.high and _is_asked(one, occasion, about=about))
    troubles = _troubles(occasion, about=about)
    missing = occasion.supply.missing
    needed = {*occasion.call.service.required, *moments().must_have}.intersection(missing)
    needed |= {key for key, reason in missing.items() if reason in UNUSED}
    unsure = about and (questions or troubles or needed)
    shown = Shown(issues, questions, troubles, lost, missing=missing if unsure else None)
    return shown if occasion.whole else replace(shown, issues=_without_follow_up(shown, occasion))


def _unused_medicines(occasion: Occasion) -> Mapping[str, str]:
    """Medicines that were sent and could not be used, any of which may have been baclofen."""
    missing = occasion.supply.missing
    return {key: missing[key] for key in sorted(moments().medicines) if missing.get(key) in UNUSED}


def _is_guessed(issue: Issue, occasion: Occasion) -> bool:
    """Does it say that something was not done, while the records in which it would stand are not known?"""
    asked, missing = occasion.call.service.prefetch, occasion.supply.missing
    places = (key for key, rules in moments().absence.items() if issue.sheet.id in rules)
    return any(key not in asked or key in missing for key in places)


def _without_follow_up(shown: Shown, occasion: Occasion) -> tuple[Issue, ...]:
    """Follow-up work is told alone or not at all: it must not bury what matters for the order."""
    main = tuple(issue for issue in shown.issues if not _is_follow_up(issue))
    early = occasion.call.service.hook in moments().early_hooks
    return main if main or shown.unchecked or early else shown.issues


def _is_follow_up(issue: Issue) -> bool:
    table = moments()
    return issue.sheet.group in table.follow_up and issue.sheet.id not in table.not_follow_up


def is_about_baclofen(occasion: Occasion) -> bool:
    """Is baclofen, or its pump, what the moment is about?"""
    if occasion.whole:
        return occasion.verdict.applies
    if occasion.session.barred and "medicationRequests" in occasion.supply.missing:
        return True
    refs, chart = occasion.session.refs, occasion.verdict.chart
    records: tuple[Order | Supply | Given, ...] = (*chart.orders, *chart.supplies, *chart.given)
    if any(one.ref in refs and one.medicine.is_baclofen for one in records):
        return True
    if any(one.ref in refs and any(old.is_baclofen for old in one.versions) for one in chart.orders):
        return True
    if any(
        one.ref in refs and concept.startswith(moments().pump_concepts)
        for one in chart.acts
        for concept in one.concepts
    ):
        return True
    return any(one.ref in refs and one.needed and not _is_other(one.ref, occasion) for one in chart.troubles)


def _is_other(ref: str, occasion: Occasion) -> bool:
    """Is it an order of a medicine that is known and is not baclofen?"""
    order = occasion.orders.get(ref)
    known = order is not None and order.medicine.state in (MedicineState.MATCHED, MedicineState.KNOWN)
    return known and order is not None and not order.is_baclofen


def groups_of(issues: Iterable[Issue], room: int) -> tuple[Group, ...]:
    """Findings on at most ``room`` cards, worst first: what belongs together on one, notes on one, the rest on one."""
    named = {issue.sheet.id: issue for issue in issues}
    groups: list[Group] = []
    for issue in sorted(named.values(), key=lambda one: one.merged):  # what carries another comes before it
        if named.pop(issue.sheet.id, None) is None:
            continue
        carried = (named.pop(rule, None) for rule in issue.carries)
        groups.append(Group((issue, *(one for one in carried if one is not None))))
    groups.sort(key=lambda group: (-group.severity.rank, not forbids(group.issues[0])))
    notes = [group for group in groups if group.severity is Severity.LOW]
    if len(notes) > 1:
        groups = [group for group in groups if group.severity is not Severity.LOW] + [_joined(notes)]
    if len(groups) > room:
        groups = [*groups[: room - 1], _joined(groups[room - 1 :])]
    return tuple(groups)


def forbids(issue: Issue) -> bool:
    """Does it say that a draft must not be started at any dose? Then how high it may start is no question."""
    return issue.preliminary and issue.sheet.id in moments().do_not_start and issue.finding.cap is None


def _joined(groups: Iterable[Group]) -> Group:
    issues = [issue for group in groups for issue in group.issues]
    return Group(tuple(sorted(issues, key=lambda issue: -issue.severity.rank)), together=False)


def _is_shown(issue: Issue, occasion: Occasion, *, about: bool) -> bool:
    named = references(issue)
    if any(ref in occasion.session.refs for ref in named):
        return True
    drafts = [ref for ref in named if ref in occasion.orders and occasion.orders[ref].status == "draft"]
    if issue.preliminary and drafts:
        return False  # of a draft nobody speaks of at this moment
    if issue.preliminary:
        return True
    return about and not _is_follow_up(issue)


def _is_asked(question: OpenQuestion, occasion: Occasion, *, about: bool) -> bool:
    """Is an open question one of this moment, and not only of an order that is still being written?"""
    table = moments()
    if occasion.whole:
        return True
    if occasion.call.service.hook in table.early_hooks and question.sheet.id in table.early_questions:
        return False
    if question.sheet.id in table.questions_if_taken and not occasion.taken:
        return False
    needs = {need.resource for need in question.gap.needs}
    if needs and needs.isdisjoint(_asked_for(occasion)):
        return False
    return about or any(one.reference in occasion.session.refs for one in question.gap.evidence)


def _asked_for(occasion: Occasion) -> frozenset[str]:
    """The types this moment asks for: a question about others is no question of this moment."""
    queries = occasion.call.service.prefetch.values()
    return frozenset(query.partition("?")[0].partition("/")[0] for query in queries)


def _troubles(occasion: Occasion, *, about: bool) -> tuple[Trouble, ...]:
    """What could not be read and may hide a danger; searches that failed are told as records not received."""
    return tuple(
        one
        for one in occasion.verdict.troubles
        if one.needed
        and (about or one.ref in occasion.session.refs)
        and not (one.kind == "not-used" and one.ref.startswith("Bundle"))
    )
