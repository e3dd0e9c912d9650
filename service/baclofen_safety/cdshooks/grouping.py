"""What of a verdict is shown at this moment, and on how many cards.

A moment about a session (orders being signed, a visit being booked) shows what its resources take part in; when one of
them is baclofen, all that is found but mere follow-up. A moment about the patient shows everything, and so does one
whose orders were held back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from ..core.chart import Trouble
from ..core.medicines import Given, MedicineState, Order, Supply
from ..core.rule import Severity
from ..core.verdict import Issue, OpenQuestion
from ..fhir.answers import NOT_READ
from .changes import changes_of, left_beside, unpaired
from .following import is_followed
from .habitual import is_habitual
from .moments import moments
from .occasion import Occasion, references
from .prefetch import in_vain
from .pump_words import said_of_pump
from .questions import asks_of_baclofen, is_taken_or_not
from .record import unresolved
from .session import role_of
from .shown import Shown

UNREADABLE, OTHER_PATIENT = "unreadable", "other-patient"
"""The kinds of trouble that may be baclofen: a record nobody could read, or one that names nobody we know."""

UNKNOWN_MEDICINE = "unrecognised-medicine"


@dataclass(frozen=True, slots=True)
class Group:
    """The findings of one card, worst first. ``together`` = it is about its first finding, the others belong to it."""

    issues: tuple[Issue, ...]
    together: bool = True

    @property
    def severity(self) -> Severity:
        return max((issue.severity for issue in self.issues), key=lambda severity: severity.rank)


def shown_of(occasion: Occasion) -> Shown:
    """What this moment shows."""
    changes, aside, pump = changes_of(occasion), unpaired(occasion), said_of_pump(occasion)
    shown = replace(_shown(occasion), changes=changes, unpaired=aside, beside=left_beside(occasion), pump=pump)
    silent = not (shown.issues or shown.unchecked)
    return replace(shown, elsewhere=occasion.session.elsewhere or (occasion.session.named and silent))


def _shown(occasion: Occasion) -> Shown:
    verdict, about = occasion.verdict, is_about_baclofen(occasion)
    unsent = occasion.session.refs.intersection(unresolved(occasion.session, occasion.supply))
    lost = bool(unsent) or occasion.session.unread or any(_is_disguised(one, occasion) for one in occasion.orders)
    if not verdict.applies:
        return _shown_without_baclofen(occasion, about=about, lost=lost)
    known = [one for one in verdict.issues if not (_is_guessed(one, occasion) or is_followed(one, occasion))]
    issues = tuple(one for one in known if occasion.whole or _is_shown(one, occasion, about=about))
    open_ones = tuple(one for one in verdict.questions if _is_asked(one, occasion, about=about))
    habitual = tuple(one for one in open_ones if is_habitual(one, issues, occasion))
    questions = tuple(one for one in open_ones if one not in habitual)
    troubles = _troubles(occasion, about=about)
    missing = occasion.supply.missing
    must_have = moments().must_have | moments().must_have_at.get(occasion.call.happened, frozenset())
    required = missing.keys() & {*occasion.call.service.required}
    failed: Mapping[str, str] = {}
    if not (issues or questions or troubles) and (about or role_of(occasion.call.service) == "facts"):
        troubles, failed = _doubts(occasion), in_vain(occasion.supply, occasion.call.service)
    asked = about or any(map(is_taken_or_not, questions))
    unsure = required or (asked and (questions or troubles or missing.keys() & must_have))
    unread = missing if unsure else failed or _not_read(occasion)
    shown = Shown(issues, questions, habitual, troubles, lost, missing=unread)
    return shown if occasion.whole else replace(shown, issues=_without_follow_up(shown, occasion))


def _shown_without_baclofen(occasion: Occasion, *, about: bool, lost: bool) -> Shown:
    """What is shown when no baclofen was found: whether it is there may not be known."""
    session, missing = occasion.session, occasion.supply.missing
    if about and not occasion.whole:
        troubles = _troubles(occasion, about=False)
        return Shown(why=occasion.verdict.why, troubles=troubles, missing=missing if session.barred else None)
    meets = _meets_baclofen(occasion)
    hidden = _may_be_baclofen(occasion) if meets or occasion.whole or occasion.call.service.required else ()
    telling = {key: why for key, why in _not_read(occasion).items() if key in moments().names_baclofen}
    unsure = missing.keys() & occasion.call.service.required or (meets and "medicationRequests" in missing)
    return Shown(lost=lost, troubles=hidden, missing=missing if unsure else telling)


def _meets_baclofen(occasion: Occasion) -> bool:
    """Does the moment bring a medicine the rules speak of, which matters to whoever takes baclofen?"""
    orders = (order for ref, order in occasion.orders.items() if ref in occasion.session.refs)
    return any(order.medicine.state is MedicineState.MATCHED for order in orders)


def _may_be_baclofen(occasion: Occasion) -> tuple[Trouble, ...]:
    """Orders without any name, and records nobody could read or that name nobody we know.

    Medicines with names of the house are not told: charts are full of them.
    """
    nameless = {
        order.ref
        for order in occasion.orders.values()
        if order.medicine.state is MedicineState.UNRECOGNISED and not order.medicine.name
    }
    found = _troubles(occasion, about=True)
    return tuple(one for one in found if one.ref in nameless or one.kind in (UNREADABLE, OTHER_PATIENT))


def _not_read(occasion: Occasion) -> Mapping[str, str]:
    """What was sent and could not be read: that is told at any moment of somebody on baclofen."""
    return {key: reason for key, reason in occasion.supply.missing.items() if reason == NOT_READ}


def _is_guessed(issue: Issue, occasion: Occasion) -> bool:
    """Does it say that something was not done, while the records in which it would stand are not known?"""
    asked, missing = occasion.call.service.prefetch, occasion.supply.missing
    places = (key for key, rules in moments().absence.items() if issue.sheet.id in rules)
    return any(key not in asked or key in missing for key in places)


def _without_follow_up(shown: Shown, occasion: Occasion) -> tuple[Issue, ...]:
    """Follow-up work is told alone or not at all: it must not bury what matters for the order."""
    main = tuple(issue for issue in shown.issues if not _is_follow_up(issue))
    return main if main or shown.unchecked or occasion.call.service.hook in moments().early_hooks else shown.issues


def _is_follow_up(issue: Issue) -> bool:
    table = moments()
    return issue.sheet.group in table.follow_up and issue.sheet.id not in table.not_follow_up


def is_about_baclofen(occasion: Occasion) -> bool:
    """Is baclofen, or its pump, what the moment is about?"""
    if occasion.whole:
        return occasion.verdict.applies
    if occasion.session.elsewhere and occasion.verdict.applies:
        return True
    if occasion.session.barred and "medicationRequests" in occasion.supply.missing:
        return True
    refs, chart = occasion.session.refs, occasion.verdict.chart
    records: tuple[Order | Supply | Given, ...] = (*chart.orders, *chart.supplies, *chart.given)
    if any(one.ref in refs and one.medicine.is_baclofen for one in records):
        return True
    if any(
        one.ref in refs and concept.startswith(moments().pump_concepts)
        for one in chart.acts
        for concept in one.concepts
    ):
        return True
    return any(one.ref in refs and one.needed and not _is_other(one.ref, occasion) for one in chart.troubles)


def _is_disguised(ref: str, occasion: Occasion) -> bool:
    """Is it an order of baclofen in the chart, and of something nobody knows in the session?"""
    order = occasion.orders[ref]
    unknown = order.medicine.state is MedicineState.UNRECOGNISED
    return ref in occasion.session.refs and unknown and any(old.is_baclofen for old in order.versions)


def _is_other(ref: str, occasion: Occasion) -> bool:
    """Is it an order of a medicine that is known and is not baclofen?"""
    order = occasion.orders.get(ref)
    known = order is not None and order.medicine.state in (MedicineState.MATCHED, MedicineState.KNOWN)
    return known and order is not None and not order.is_baclofen


def groups_of(issues: Iterable[Issue], room: int, occasion: Occasion) -> tuple[Group, ...]:
    """Findings on at most ``room`` cards, worst first: what belongs together on one, notes on one, the rest on one."""
    named = {issue.sheet.id: issue for issue in issues}
    groups: list[Group] = []
    for issue in sorted(named.values(), key=lambda one: one.merged):  # what carries another comes before it
        if named.pop(issue.sheet.id, None) is None:
            continue
        carried = (named.pop(rule, None) for rule in issue.carries)
        groups.append(Group((issue, *(one for one in carried if one is not None))))
    groups.sort(key=lambda group: _place(group, occasion))
    notes = [group for group in groups if group.severity is Severity.LOW]
    if len(notes) > 1:
        groups = [group for group in groups if group.severity is not Severity.LOW] + [_joined(notes)]
    if len(groups) > room:
        groups = [*groups[: room - 1], _joined(groups[room - 1 :])]
    return tuple(groups)


def forbids(issue: Issue) -> bool:
    """Does it say that a draft must not be started at any dose? Then how high it may start is no question."""
    return issue.preliminary and issue.sheet.do_not_start and issue.finding.cap is None


def _place(group: Group, occasion: Occasion) -> tuple[int, bool, bool, bool]:
    """Worst first; among equals what the moment is there for, what bars a draft, what is about what is written down."""
    first, table = group.issues[0], moments()
    writing = role_of(occasion.call.service) == "facts" and first.sheet.group in table.recorded_first
    recorded = writing and not occasion.session.refs.isdisjoint(references(first))
    awaited = first.sheet.id in table.first_at.get(occasion.call.happened, ())
    return -group.severity.rank, not awaited, not forbids(first), not recorded


def _joined(groups: Iterable[Group]) -> Group:
    issues = sorted((issue for group in groups for issue in group.issues), key=lambda issue: -issue.severity.rank)
    return Group(tuple(issues), together=False)


def _is_shown(issue: Issue, occasion: Occasion, *, about: bool) -> bool:
    named = references(issue)
    if not occasion.session.refs.isdisjoint(named):
        return True
    drafts = [ref for ref in named if ref in occasion.orders and occasion.orders[ref].status == "draft"]
    if issue.preliminary and drafts:
        return False  # of a draft nobody speaks of at this moment
    if issue.preliminary:
        return True
    return _is_news(issue, occasion) or (about and not _is_follow_up(issue))


def _is_news(issue: Issue, occasion: Occasion) -> bool:
    """Does what is being written down speak of the same thing, though the finding rests on other records?"""
    told_by, refs = moments().recorded_news.get(issue.sheet.group, frozenset()), occasion.session.refs
    return any(one.ref in refs and one.concepts & told_by for one in occasion.verdict.chart.problems)


def _is_asked(question: OpenQuestion, occasion: Occasion, *, about: bool) -> bool:
    """Is an open question one of this moment, and not only of an order that is still being written?"""
    table, of_moment = moments(), _is_of_moment(question, occasion)
    if occasion.whole or not (question.high or of_moment):
        return question.high or of_moment
    drafts = all(one.reference in occasion.session.refs for one in question.gap.evidence)
    if drafts and occasion.call.service.hook in table.early_hooks and question.sheet.id in table.early_questions:
        return False
    if question.sheet.id in table.questions_if_taken and not occasion.taken:
        return False
    needs = {need.resource for need in question.gap.needs}
    if needs and needs.isdisjoint(_asked_for(occasion)) and not of_moment:
        return False
    if asks_of_baclofen(question) and _meets_baclofen(occasion):
        return True
    return about or any(one.reference in occasion.session.refs for one in question.gap.evidence)


def _is_of_moment(question: OpenQuestion, occasion: Occasion) -> bool:
    """Is it a question this moment is there for, however small?"""
    return question.sheet.id in moments().asked_at.get(occasion.call.happened, ())


def _asked_for(occasion: Occasion) -> frozenset[str]:
    """The types this moment asks for: a question about others is no question of this moment."""
    queries = (query for key, query in occasion.call.service.prefetch.items() if key not in occasion.supply.spared)
    return frozenset(query.partition("?")[0].partition("/")[0] for query in queries)


def _troubles(occasion: Occasion, *, about: bool) -> tuple[Trouble, ...]:
    """What could not be read and may hide a danger; searches that failed are told as records not received."""
    return tuple(
        one
        for one in occasion.verdict.troubles
        if _is_unread_visit(one, occasion)
        or (one.needed and (about or one.ref in occasion.session.refs) and not _is_failed_search(one))
        or (one.needed and one.kind == OTHER_PATIENT)
        or _is_unknown_draft(one, occasion)
    )


def _is_unknown_draft(trouble: Trouble, occasion: Occasion) -> bool:
    """Is it a medicine nobody recognises that is being ordered beside baclofen?"""
    drafted = role_of(occasion.call.service) == "draft" and trouble.ref in occasion.session.refs
    return drafted and trouble.kind == UNKNOWN_MEDICINE and occasion.verdict.applies


def _doubts(occasion: Occasion) -> tuple[Trouble, ...]:
    """What is told, however small, where nothing else would be, as it may be why: values without a unit we know, what
    is dated in the future, records that cannot be read. An order that is being written is told when its dose cannot
    be read."""
    session = occasion.session.refs
    return tuple(
        one
        for one in occasion.verdict.troubles
        if one.kind in ("unit", "future") or (one.kind == UNREADABLE and one.ref not in session)
    )


def _is_failed_search(trouble: Trouble) -> bool:
    return trouble.kind == "not-used" and trouble.ref.startswith("Bundle")


def _is_unread_visit(trouble: Trouble, occasion: Occasion) -> bool:
    """What a visit is for cannot be read, and it is the visit this moment is about."""
    booked = role_of(occasion.call.service) == "booking" and trouble.ref in occasion.session.refs
    return booked and trouble.kind == UNREADABLE and occasion.verdict.applies
