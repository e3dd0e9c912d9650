"""Baclofen leaves by the kidneys: the weaker they are, the smaller the dose that clouds the mind.

The worst band speaks. Dialysis says more than any eGFR; a failing kidney has no eGFR to dose by.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ...core.fact import BIRTH, Known, Reason, Unknown, is_yes
from ...core.measuring import span, tell, time_of
from ...core.rule import Finding, Gap, Judge, Said, Severity
from .renal_listed import problem_list_only
from .renal_parts import Oral, band_notes, band_values, make_cap, oral_baclofen, step_down
from .renal_state import acute_injury, child, intrathecal, low_muscle
from .said import oral_orders

if TYPE_CHECKING:
    from ...core.facts import Facts
    from ...core.kidney import Band
    from ...core.knowledge import Limits

NONE = frozenset[str]()
OLD = frozenset({"old-value"})


def dialysis(facts: Facts, limits: Limits) -> Iterator[Said]:
    oral = oral_baclofen(facts)
    if oral is None:
        return
    answer = facts.kidney.dialysis
    if isinstance(answer, Unknown):
        if not facts.kidney.one_dialysis_session:
            reason = "not-sent" if answer.reason is Reason.NOT_SENT else "uncertain"
            yield Gap(reason, {"about": answer.about}, answer.needs, answer.evidence)
        return
    if not answer.value:
        return
    taper, notes = step_down(facts, limits, oral, limits["renal-avoid-target"])
    yield Finding(
        Severity.HIGH,
        (*answer.evidence, *oral.evidence()),
        oral.refs,
        values={"dose": oral.shown, "status": "drafted" if oral.drafted else "active"},
        notes=notes,
        cap=make_cap(oral, limits["renal-severe-cap"]),
        taper=taper,
    )


def _band(facts: Facts, name: str) -> tuple[Oral, Band] | None:
    """The oral baclofen and the band of an adult, if it is the band asked for."""
    band = facts.kidney.band
    if not isinstance(band, Known) or band.value.name != name or not facts.person.adult_or_unknown:
        return None
    oral = oral_baclofen(facts)
    return (oral, band.value) if oral else None


def egfr_below_15(facts: Facts, limits: Limits) -> Iterator[Said]:
    yield from _unclear_kidneys(facts)
    if found := _band(facts, "<15"):
        yield _avoid(facts, limits, *found, target="renal-avoid-target")


def egfr_15_29(facts: Facts, limits: Limits) -> Iterator[Said]:
    if found := _band(facts, "15-29"):
        yield _avoid(facts, limits, *found, target="renal-severe-cap")


def _avoid(facts: Facts, limits: Limits, oral: Oral, band: Band, *, target: str) -> Finding:
    """Kidneys too weak for baclofen at any dose."""
    taper, notes = step_down(facts, limits, oral, limits[target])
    return Finding(
        Severity.HIGH,
        (*band.evidence, *oral.evidence()),
        oral.refs,
        values=band_values(band, oral),
        notes=(*band_notes(band, facts, limits), *notes),
        marks=OLD if band.old else NONE,
        cap=make_cap(oral, limits["renal-severe-cap"]),
        taper=taper,
    )


def _unclear_kidneys(facts: Facts) -> Iterator[Gap]:
    """A result that is there but sets no band: an interval over an edge, a creatinine without age or sex."""
    band = facts.kidney.band
    if not oral_orders(facts) or not facts.person.adult_or_unknown or is_yes(facts.kidney.dialysis):
        return
    if isinstance(band, Known):
        clearance = facts.kidney.worse_clearance
        if clearance is not None:
            said = tell(clearance, "creatinine clearance")
            needs = facts.kidney.newer_than(time_of(clearance).day)
            yield Gap("clearance", {"about": said.says, "band": band.value.name}, needs, (said,))
        if band.value.at_best and band.value.egfr:
            needs = facts.kidney.newer_than(band.value.at.day)
            yield Gap("interval", {"about": f"eGFR {band.value.egfr.shown}"}, needs, band.value.evidence)
        return
    if band.reason is Reason.NOT_COMPUTABLE:
        reason = "interval" if isinstance(facts.kidney.egfr, Known) else "not-computable"
        egfr = facts.kidney.egfr
        needs = facts.kidney.newer_than(egfr.value.at.day) if isinstance(egfr, Known) else band.needs
        yield Gap(reason, {"about": band.about}, needs, band.evidence)


def egfr_30_44(facts: Facts, limits: Limits) -> Iterator[Said]:
    found = _band(facts, "30-44")
    if found is None:
        return
    oral, band = found
    if _is_acknowledged(facts, limits, "BAC-RENAL-04", oral):
        return
    large = oral.top >= limits["renal-high-dose-from"]
    older = facts.person.at_least(limits["older-age"]) is not False
    taper, notes = step_down(facts, limits, oral, limits["renal-preferred-max"]) if large else (None, ())
    yield Finding(
        Severity.HIGH if older or large else Severity.MODERATE,
        (*band.evidence, *oral.evidence()),
        oral.refs,
        values=band_values(band, oral),
        notes=(*band_notes(band, facts, limits), *notes),
        variant="dose-high" if large else None,
        marks=OLD if band.old else NONE,
        cap=make_cap(oral, limits["renal-preferred-max"]),
        taper=taper,
    )


def egfr_45_59(facts: Facts, limits: Limits) -> Iterator[Said]:
    found = _band(facts, "45-59")
    if found is None:
        yield from _clearance_unknown(facts, limits)
        return
    oral, band = found
    if _is_acknowledged(facts, limits, "BAC-RENAL-05", oral):
        return
    severity = _mild_severity(facts, limits, oral)
    if severity is None:
        return
    taper, notes = step_down(facts, limits, oral, limits["renal-preferred-max"])
    if _naive_unknown(facts):
        notes = ("exposure-unknown", *notes)
    yield Finding(
        severity,
        (*band.evidence, *oral.evidence()),
        oral.refs,
        values=band_values(band, oral),
        notes=(*band_notes(band, facts, limits), *notes),
        marks=OLD if band.old else NONE,
        cap=make_cap(oral, limits["renal-preferred-max"]),
        taper=taper,
    )


def _clearance_unknown(facts: Facts, limits: Limits) -> Iterator[Gap]:
    """In old age a good eGFR is half the answer: without weight or height nobody knows the clearance."""
    band, clearance = facts.kidney.band, facts.kidney.clearance_at
    old = facts.person.at_least(limits["older-age"])
    if not isinstance(band, Known) or band.value.name not in ("60-89", ">=60", ">=90") or old is False:
        return
    if not oral_orders(facts) or is_yes(facts.kidney.dialysis):
        return
    said, evidence = {"egfr": band.value.shown}, band.value.evidence
    height = facts.person.height(limits["adult-height-days"])
    if old is None:
        if facts.kidney.creatinine:
            yield Gap("clearance-age", said, (BIRTH,), evidence, high=False)
    elif isinstance(clearance, Unknown):
        if clearance.needs:
            yield Gap("clearance", said, clearance.needs, evidence, high=False)
    elif clearance[0].how == "computed" and isinstance(height, Unknown):
        yield Gap("clearance-height", said, height.needs, evidence, high=False)


def _mild_severity(facts: Facts, limits: Limits, oral: Oral) -> Severity | None:
    """Severity at eGFR 45-59; None = not worth an issue."""
    if facts.person.at_least(limits["older-age"]) is not False:
        return Severity.HIGH if oral.top >= limits["renal-high-dose-from"] else Severity.MODERATE
    if oral.top > limits["renal-younger-high-above"]:
        return Severity.HIGH
    if oral.top >= limits["renal-high-dose-from"] or _starts_high(facts, limits):
        return Severity.MODERATE
    return Severity.LOW if _starts_or_rises(facts, limits) else None


def _starts_high(facts: Facts, limits: Limits) -> bool:
    """A first order of a patient known to be new to baclofen begins above the start limit."""
    for order in facts.oral.started_within(limits.int("new-start-days")):
        first = facts.oral.first_step(order)
        above = isinstance(first, Known) and first.value > limits["renal-mild-start-max"]
        if above and is_yes(facts.oral.naive(order)):
            return True
    return False


def _naive_unknown(facts: Facts) -> bool:
    return any(isinstance(facts.oral.naive(order), Unknown) for order in facts.oral.new_orders)


def _starts_or_rises(facts: Facts, limits: Limits) -> bool:
    """Baclofen begins now, or its dose went or goes up."""
    oral = facts.oral
    starts = (oral.naive(order) for order in oral.started_within(limits.int("new-start-days")))
    if any(is_yes(naive) for naive in starts) or _naive_unknown(facts):
        return True
    days = span(limits["new-order-days"])
    return any(change.after > change.before and (facts.as_of - change.at) <= days for change in oral.changes)


def _is_acknowledged(facts: Facts, limits: Limits, rule: str, oral: Oral) -> bool:
    """Acted on in the window, at the same or a higher dose than is ordered now."""
    told = facts.person.acknowledged(rule, limits["renal-acknowledged-days"])
    if told is None or told.at is None or not oral.known:
        return False
    then = facts.oral.dose_at(told.at.first)
    return isinstance(then, Known) and oral.top <= then.value


def egfr_60_89(facts: Facts, limits: Limits) -> Iterator[Said]:
    found = _band(facts, "60-89") or _band(facts, ">=60")
    if found is None:
        return
    oral, band = found
    if oral.top <= limits["renal-good-max"] or facts.person.acknowledged("BAC-RENAL-06"):
        return
    if band.name == ">=60":
        yield Gap(
            "interval", {"about": f"eGFR {band.shown}"}, facts.kidney.newer_than(band.at.day), band.evidence, high=False
        )
        return
    yield Finding(
        Severity.LOW,
        (*band.evidence, *oral.evidence()),
        oral.refs,
        values=band_values(band, oral),
        notes=band_notes(band, facts, limits),
        cap=make_cap(oral, limits["renal-good-max"]),
    )


RULES: Mapping[str, Judge] = {
    "BAC-RENAL-01": dialysis,
    "BAC-RENAL-02": egfr_below_15,
    "BAC-RENAL-03": egfr_15_29,
    "BAC-RENAL-04": egfr_30_44,
    "BAC-RENAL-05": egfr_45_59,
    "BAC-RENAL-06": egfr_60_89,
    "BAC-RENAL-07": problem_list_only,
    "BAC-RENAL-08": acute_injury,
    "BAC-RENAL-09": low_muscle,
    "BAC-RENAL-10": intrathecal,
    "BAC-RENAL-11": child,
}
