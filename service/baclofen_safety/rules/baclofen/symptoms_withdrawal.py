"""Signs that fit too little baclofen: after a gap by mouth, or from a pump.

Withdrawal can look like sepsis, malignant syndrome or serotonin syndrome; giving baclofen back is what helps.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...core.fact import Evidence, Need, Unknown, is_yes
from ...core.lapses import Lapse, find_lapses
from ...core.measuring import is_recent
from ...core.rule import Finding, Gap, Said, Severity
from ...core.sign_kinds import Sign
from .symptoms_parts import baclofen_orders, cite, cluster, gather, say, undated

if TYPE_CHECKING:
    from ...core.facts import Facts
    from ...core.knowledge import Limits

MAJOR = (
    cluster("withdrawal"),
    cluster("seizure"),
    cluster("hallucination"),
    cluster("confusion"),
    cluster("rhabdomyolysis", "muscle-breakdown"),
)
MINOR = (
    cluster("agitation", "anxiety"),
    cluster("tachycardia"),
    cluster("spasticity"),
    cluster("insomnia"),
    cluster("sweating"),
    cluster("itching", "tingling"),
    cluster("fever"),
)
PUMP = (
    cluster("spasticity"),
    cluster("itching"),
    cluster("tingling"),
    cluster("fever"),
    cluster("tachycardia"),
    cluster("pressure"),
    cluster("agitation", "confusion", "hallucination"),
    cluster("seizure"),
    cluster("muscle-breakdown", "rhabdomyolysis"),
)
CUES = ("BAC-PUMP-01", "BAC-PUMP-02", "BAC-PUMP-03", "BAC-PUMP-04", "BAC-WD-10")


def oral_withdrawal(facts: Facts, limits: Limits) -> Iterator[Said]:
    """BAC-SX-01."""
    if facts.person.acknowledged("BAC-SX-01", limits["symptom-acknowledged-days"]) is not None:
        return
    seen = (*_withdrawal_signs(facts), *facts.signs.withdrawal_named)
    days, supply_days = limits.int("withdrawal-days"), limits.int("withdrawal-supply-days")
    for lapse in find_lapses(facts, days, supply_days, limits["withdrawal-cut-above"]):
        signs = [sign for sign in seen if not lapse.certain or sign.begun_after(lapse.since)]
        found = _enough(signs, limits)
        if found:
            yield _say_oral(found, lapse, facts)
            return
    if _has_itb(facts):
        return
    if facts.signs.withdrawal_named:
        yield _say_named(facts)
    elif facts.signs.underdosing_new and not facts.signs.toxicity_signs and facts.found("BAC-WD-08") is None:
        yield _say_underdosed(facts)
    elif not facts.signs.toxicity_signs:
        yield from _ask_doses(facts)


def _ask_doses(facts: Facts) -> Iterator[Gap]:
    """A sign that alone would do, while no record tells whether every dose was taken."""
    oral, gap = facts.oral, facts.oral.gap_days
    signs = tuple(sign for found in gather(_withdrawal_signs(facts), MAJOR) for sign in found)
    taken = any(order.status != "draft" for order in oral.in_force) and not oral.prn_only
    if signs and taken and isinstance(gap, Unknown):
        yield Gap("doses-unknown", values={"signs": say(signs)}, needs=gap.needs, evidence=cite(signs))


def _say_named(facts: Facts) -> Finding:
    """Withdrawal as a diagnosis: nobody recorded the gap behind it."""
    signs = facts.signs.withdrawal_named
    return Finding(
        Severity.HIGH,
        evidence=cite(signs),
        implicated=baclofen_orders(facts),
        values={"signs": say(signs)},
        notes=("named", *undated(signs)),
    )


def _say_underdosed(facts: Facts) -> Finding:
    """Too little was taken of late; signs of withdrawal were not recorded, yet."""
    told = facts.signs.underdosing_new
    return Finding(
        Severity.MODERATE,
        evidence=cite(told),
        implicated=baclofen_orders(facts),
        values={"signs": say(told), "when": told[0].at},
        notes=("underdosing",),
    )


def _withdrawal_signs(facts: Facts) -> tuple[Sign, ...]:
    signs = facts.signs
    fever = signs.fever or signs.fever_told
    return (
        *signs.seizure,
        *signs.hallucination,
        *signs.confusion,
        *signs.rhabdomyolysis,
        *fever,
        *signs.withdrawal_signs,
        *signs.tachycardia,
    )


def _enough(signs: list[Sign], limits: Limits) -> tuple[Sign, ...]:
    """The signs, if one is major or enough of different kinds are minor."""
    major, minor = gather(signs, MAJOR), gather(signs, MINOR)
    enough = major or _hot(signs, limits) or len(minor) >= limits["minor-signs-from"]
    return tuple(sign for found in (*major, *minor) for sign in found) if enough else ()


def _hot(signs: list[Sign], limits: Limits) -> bool:
    """Is the temperature higher than any fever of a common kind?"""
    return any(
        sign.kind == "fever" and sign.value is not None and sign.value > limits["high-fever-above"] for sign in signs
    )


def _say_oral(signs: tuple[Sign, ...], lapse: Lapse, facts: Facts) -> Finding:
    return Finding(
        Severity.HIGH,
        evidence=cite(signs, *lapse.evidence),
        implicated=lapse.orders or baclofen_orders(facts),
        values={"signs": say(signs), "when": lapse.says},
        notes=(*undated(signs), *(() if lapse.certain else ("last-dose-unknown",))),
    )


def pump_withdrawal(facts: Facts, limits: Limits) -> Iterator[Said]:
    """BAC-SX-02."""
    if not _has_itb(facts):
        return
    signs = list(_pump_signs(facts))
    found = gather(signs, PUMP)
    cues = _cues(facts)
    named = facts.signs.withdrawal_named
    enough = named or len(found) >= limits["pump-signs-from"] or (found and cues) or _hot(signs, limits)
    if enough:
        told = (*named, *(sign for one in found for sign in one))
        yield Finding(
            Severity.HIGH,
            evidence=cite(told, *cues),
            implicated=baclofen_orders(facts),
            values={"signs": say(told)},
            notes=(*undated(told), *(("cue",) if cues else ())),
        )
    elif _temperature_without_unit(facts):
        yield Gap("temperature-unit", needs=(Need("Observation", ("lab-body-temperature",), parts=("value",)),))


def _pump_signs(facts: Facts) -> tuple[Sign, ...]:
    """Itching counts without a rash only."""
    seen = (sign for sign in _withdrawal_signs(facts) if sign.kind != "itching")
    return (*seen, *facts.signs.itching_without_rash, *facts.signs.pressure_signs)


def _has_itb(facts: Facts) -> bool:
    """Continuous intrathecal baclofen now, perhaps, or until lately."""
    it = facts.it
    if is_yes(it.active) or it.delivery_unclear or (isinstance(it.active, Unknown) and bool(it.in_force)):
        return True
    days = facts.limits["stop-current-days"]
    gone = it.explant
    ends = [it.ended.at] if it.ended is not None else []
    if gone is not None and gone.state == "done" and gone.start is not None and it.orders:
        ends.append(gone.start)
    return any(is_recent(end, days, facts.as_of) for end in ends)


def _cues(facts: Facts) -> tuple[Evidence, ...]:
    """What says that the pump may have stopped giving baclofen."""
    findings = [one for one in (facts.found(rule) for rule in CUES) if one is not None]
    return (
        *(evidence for one in findings for evidence in one.evidence),
        *facts.pump.catheter_problem.evidence,
        *(told.evidence for told in facts.signs.baclofen_underdosing),
    )


def _temperature_without_unit(facts: Facts) -> bool:
    told = facts.signs.temperature
    return isinstance(told, Unknown) and told.reason == "unreadable"
