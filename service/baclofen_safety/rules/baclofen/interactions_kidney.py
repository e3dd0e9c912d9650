"""Medicines that lower kidney function: baclofen leaves the body by the kidneys and builds up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from ...core.classes import ACE_OR_ARB, DIURETICS, KIDNEY_TOXINS
from ...core.fact import BIRTH, Evidence, Known, Unknown, is_yes
from ...core.kidney_risks import contrast, reaching_blood, systemic_nsaids
from ...core.rule import Finding, Gap, Said, Severity
from .interactions_parts import cite, implicate, is_older, names, unsent, weak_kidney
from .withdrawal_parts import cite_act

if TYPE_CHECKING:
    from ...core.chart import Act
    from ...core.facts import Facts
    from ...core.knowledge import Limits
    from ...core.partners import Partner

FAILING = "failing"
CONTRAST_ACT, MRI = "proc-iv-contrast", "proc-mri"
DAY = timedelta(days=1)
Partners = tuple["Partner", ...]


@dataclass(frozen=True, slots=True)
class Kidneys:
    """How the kidneys work. ``reduced`` (below 60) holds too when nobody knows."""

    severe: bool  # below 30
    poor: bool  # below 45
    reduced: bool
    shown: str
    notes: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    unknown: bool


@dataclass(frozen=True, slots=True)
class Risk:
    """A line of the severities that is met: by which partners or planned acts, and the notes that say why."""

    severity: Severity
    partners: Partners
    notes: tuple[str, ...] = ()
    acts: tuple[Act, ...] = ()


def kidney_risk(facts: Facts, limits: Limits) -> Iterator[Said]:
    yield from unsent(facts)
    if not facts.partners.on_baclofen:
        return
    kidneys, nsaids = _kidneys(facts, limits), systemic_nsaids(facts)
    found = (*_high(facts, kidneys, nsaids), *_moderate(facts, limits, kidneys, nsaids), *_low(facts, limits, kidneys))
    aki = facts.kidney.aki
    failing = aki.evidence if isinstance(aki, Known) and aki.value is not None else ()
    for risk in found:
        yield Finding(
            risk.severity,
            (*cite(risk.partners), *map(cite_act, risk.acts), *kidneys.evidence, *failing),
            (*implicate(facts, risk.partners), *(act.ref for act in risk.acts)),
            values={"drug": names(risk.partners) or ", ".join(act.text for act in risk.acts), "egfr": kidneys.shown},
            notes=(FAILING, *risk.notes) if failing else risk.notes,
        )
    yield from _gaps(facts, limits, kidneys, nsaids, told=bool(found))


def _kidneys(facts: Facts, limits: Limits) -> Kidneys:
    band, dialysis = facts.kidney.band, is_yes(facts.kidney.dialysis)
    unknown = isinstance(band, Unknown) and not dialysis
    reduced = weak_kidney(facts, limits["band-g2-from"])
    notes = (("egfr-assumed", unknown), ("dialysis", dialysis), ("weak-kidney", reduced and not dialysis))
    return Kidneys(
        severe=weak_kidney(facts, limits["band-g3b-from"]),
        poor=weak_kidney(facts, limits["band-g3a-from"]),
        reduced=reduced or unknown,
        shown=band.value.shown if isinstance(band, Known) else "",
        notes=tuple(note for note, holds in notes if holds),
        evidence=(*band.evidence, *(facts.kidney.dialysis.evidence if dialysis else ())),
        unknown=unknown,
    )


def _high(facts: Facts, kidneys: Kidneys, nsaids: Partners) -> Iterator[Risk]:
    blockers, diuretics = facts.partners.of(*ACE_OR_ARB), facts.partners.of(*DIURETICS)
    if nsaids and blockers and diuretics:
        yield Risk(Severity.HIGH, (*nsaids, *blockers, *diuretics), ("triple",))
    toxins = reaching_blood(facts.partners.of(*KIDNEY_TOXINS))
    if toxins:
        yield Risk(Severity.HIGH, toxins)
    injected, acts = _contrast(facts)
    if kidneys.severe and (injected or acts):
        yield Risk(Severity.HIGH, injected, kidneys.notes, acts)
    if kidneys.poor and nsaids:
        yield Risk(Severity.HIGH, nsaids, kidneys.notes)


def _moderate(facts: Facts, limits: Limits, kidneys: Kidneys, nsaids: Partners) -> Iterator[Risk]:
    long = tuple(p for p in nsaids if _is_long(p, limits))
    if long and (kidneys.reduced or is_older(facts, limits) or _takes_much(facts, limits)):
        unsure = ("length-unknown",) if any(p.until is None for p in long) else ()
        yield Risk(Severity.MODERATE, long, (*kidneys.notes, *unsure))
    others = facts.partners.of(*ACE_OR_ARB, *DIURETICS)
    if nsaids and others:
        yield Risk(Severity.MODERATE, (*nsaids, *others), ("pair",))
    if calcineurin := facts.partners.of("med-calcineurin-inhibitor"):
        yield Risk(Severity.MODERATE, calcineurin)
    if vancomycin := reaching_blood(facts.partners.of("med-vancomycin")):
        yield Risk(Severity.MODERATE, vancomycin)


def _low(facts: Facts, limits: Limits, kidneys: Kidneys) -> Iterator[Risk]:
    new = _untested(facts, limits)
    if new and (kidneys.reduced or is_older(facts, limits)):
        yield Risk(Severity.LOW, new, kidneys.notes)


def _gaps(facts: Facts, limits: Limits, kidneys: Kidneys, nsaids: Partners, *, told: bool) -> Iterator[Gap]:
    """What might have been reported if somebody had sent the kidney test or the birth date."""
    injected, acts = _contrast(facts)
    if kidneys.unknown and (injected or acts):
        yield Gap("contrast", {}, facts.kidney.needs, (*cite(injected), *map(cite_act, acts)))
    waiting = (*(p for p in nsaids if _is_long(p, limits)), *_untested(facts, limits))
    if waiting and not told and is_older(facts, limits) is None:
        yield Gap("age", {"drug": names(waiting)}, (BIRTH,), cite(waiting), high=False)


def _contrast(facts: Facts) -> tuple[Partners, tuple[Act, ...]]:
    """Iodinated contrast ordered or just given, and supplies or imaging with contrast ahead; an MRI has another one."""
    acts = tuple(
        act
        for act in facts.chart.acts
        if CONTRAST_ACT in act.concepts and MRI not in act.concepts and act.state in ("planned", "active")
        if act.start is None or act.start.last.date() >= facts.as_of.date()
    )
    return contrast(facts), acts


def _is_long(nsaid: Partner, limits: Limits) -> bool:
    """Taken or planned for days; a length nobody knows counts."""
    if nsaid.until is None or nsaid.started is None:
        return True
    return Decimal((nsaid.until - nsaid.started.first) / DAY) >= limits["kidney-nsaid-days-from"]


def _takes_much(facts: Facts, limits: Limits) -> bool:
    return facts.oral.at_least >= limits["kidney-nsaid-dose-from"]


def _untested(facts: Facts, limits: Limits) -> Partners:
    """Of the low line those begun lately, or without a kidney test since they began."""
    tested = facts.kidney.last_test_at
    return tuple(
        p
        for p in facts.partners.of(*ACE_OR_ARB, *DIURETICS, "med-nucleotide-analogue")
        if not p.older_than(limits["kidney-tested-after-days"])
        or tested is None
        or p.started is None
        or tested.last <= p.started.first
    )
