"""What patients and caregivers must know to notice harm in time, and who would notice it for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ...core.fact import Known, Need, Unknown, is_no, is_yes
from ...core.rule import Finding, Gap, Judge, Said, Severity
from .monitoring import day_or_none, is_due
from .said import daily_words, evidence, is_known_user, refs

if TYPE_CHECKING:
    from ...core.facts import Facts
    from ...core.knowledge import Limits

TAUGHT_IN = (Need("Communication"),)
CARRIED_IN = (Need("Observation", ("fact-medical-alert-id",)), Need("DocumentReference"), Need("Flag"))


def starter(facts: Facts, limits: Limits) -> Iterator[Said]:
    taught = facts.follow_up.starter_education_at
    if facts.hospital.stay is not None or is_known_user(facts):
        return
    if not is_due(taught, limits["education-days"], facts):
        return
    starts = facts.oral.started_within(limits.int("new-start-days"))
    new = tuple(order for order in starts if order.setting != "inpatient" and not is_no(facts.oral.naive(order)))
    if not new:
        return
    notes = (
        ("exposure-unknown", not any(is_yes(facts.oral.naive(order)) for order in new)),
        ("none-received", isinstance(taught, Unknown)),
    )
    yield Finding(
        Severity.LOW,
        (*taught.evidence, *(evidence(order, daily_words(order)) for order in new)),
        refs(new),
        notes=tuple(note for note, holds in notes if holds),
    )


def pump(facts: Facts, limits: Limits) -> Iterator[Said]:
    active, taught = facts.it.active, facts.follow_up.pump_education_at
    if is_no(active) or not is_due(taught, limits["pump-education-days"], facts):
        return
    if _taught_at_implant(facts, limits) or facts.follow_up.raised_before("BAC-EDU-02", limits["raised-days"]):
        return
    if isinstance(active, Unknown):
        yield Gap("delivery-unclear", {}, active.needs, active.evidence, high=False)
        return
    notes = (
        ("none-received", isinstance(taught, Unknown)),
        ("no-rescue", not facts.follow_up.rescue_supply),
    )
    yield Finding(
        Severity.MODERATE,
        (*active.evidence, *taught.evidence),
        refs(facts.it.in_force),
        values={"date": day_or_none(taught)},
        notes=tuple(note for note, holds in notes if holds),
    )
    yield from _not_looked_into(facts, TAUGHT_IN)


def _not_looked_into(facts: Facts, needs: tuple[Need, ...]) -> Iterator[Gap]:
    """What is told as not on record may stand where nobody looked."""
    absent = tuple(need for need in needs if not facts.chart.was_answered((need,)))
    if absent:
        yield Gap("not-sent", {"about": tuple(need.resource for need in absent)}, absent, high=False)


def _taught_at_implant(facts: Facts, limits: Limits) -> bool:
    """A pump just implanted, and teaching at the discharge after it."""
    implants = [act.start for act in facts.it.implants_done if act.start is not None]
    taught = facts.follow_up.discharge_teaching_at
    told = taught.value if isinstance(taught, Known) else None
    if told is None:
        return False
    return any(at.days_before(facts.as_of) < limits["new-pump-days"] and told.last > at.first for at in implants)


def alert_id(facts: Facts, limits: Limits) -> Iterator[Said]:
    carried = facts.follow_up.medical_alert_id
    if not facts.partners.on_baclofen or (isinstance(carried, Known) and carried.value is not None):
        return
    if not facts.risk.wd_tier.is_high or facts.follow_up.raised_before("BAC-EDU-03", limits["raised-days"]):
        return
    orders = facts.partners.baclofen
    yield Finding(
        Severity.LOW,
        tuple(evidence(order, daily_words(order)) for order in orders),
        refs(orders),
        notes=("none-received",) if isinstance(carried, Unknown) else (),
    )
    yield from _not_looked_into(facts, CARRIED_IN)


def caregiver(facts: Facts, limits: Limits) -> Iterator[Said]:
    contact, unable = facts.follow_up.caregiver_recorded, facts.person.communication_difficulty
    if not facts.partners.on_baclofen or is_yes(contact) or facts.follow_up.in_staffed_institution:
        return
    young = facts.person.below(limits["caregiver-below-age"]) is True
    if not young and not is_yes(unable):
        if isinstance(unable, Unknown) and unable.evidence:
            yield Gap("unconfirmed", {}, unable.needs, unable.evidence, high=False)
        return
    orders = facts.partners.baclofen
    yield Finding(
        Severity.MODERATE,
        (*unable.evidence, *contact.evidence, *(evidence(order, daily_words(order)) for order in orders)),
        refs(orders),
        notes=(
            "child" if young else "cannot-report",
            *(("none-received",) if isinstance(contact, Unknown) else ()),
            *(("no-address",) if contact.evidence else ()),
        ),
    )


RULES: Mapping[str, Judge] = {
    "BAC-EDU-01": starter,
    "BAC-EDU-02": pump,
    "BAC-EDU-03": alert_id,
    "BAC-EDU-04": caregiver,
}
