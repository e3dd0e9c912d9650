"""Signs that fit too much baclofen: drowsiness, confusion, floppy muscles, an overdose, failing breath.

The kidneys clear baclofen; with weak kidneys, a raised dose or another sedative it builds up within days.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from ...core.fact import Evidence, Known, Need, is_yes
from ...core.lapses import latest_rise, oral_start, was_exposed
from ...core.measuring import is_recent
from ...core.overdose import Taken, boluses, day_totals, single_amounts
from ...core.rule import Finding, Gap, Said, Severity
from ...core.sign_kinds import Sign
from .said import kidney_below, shown
from .symptoms_parts import baclofen_orders, cite, has_pump, say, undated
from .withdrawal_parts import note_if

if TYPE_CHECKING:
    from ...core.facts import Facts
    from ...core.knowledge import Limits

CAPS = (
    "BAC-RENAL-01",
    "BAC-RENAL-02",
    "BAC-RENAL-03",
    "BAC-RENAL-04",
    "BAC-RENAL-05",
    "BAC-RENAL-11",
    "BAC-DOSE-01",
    "BAC-DOSE-06",
    "BAC-DOSE-07",
    "BAC-DOSE-09",
)
MENTAL: tuple[Need, ...] = (Need("Condition"), Need("Observation", ("lab-glasgow-coma-score",)))
BREATH = ("lab-respiratory-rate", "lab-spo2")
CONFUSION = (Need("Condition", ("cond-delirium-encephalopathy-or-coma",), parts=("certainty",)),)


def toxicity(facts: Facts, limits: Limits) -> Iterator[Said]:
    """BAC-SX-03."""
    if not was_exposed(facts, limits.int("exposure-days")):
        return
    if not facts.signs.mental_state_known:
        yield Gap("no-mental-state", needs=MENTAL, high=False)
        return
    begun = None if has_pump(facts) else oral_start(facts)
    signs = tuple(sign for sign in facts.signs.toxicity_signs if sign.begun_after(begun))
    if not signs:
        if doubtful := facts.signs.confusion_possible:
            yield Gap("unconfirmed", needs=CONFUSION, evidence=doubtful)
        return
    risks = _risks(facts, limits, signs)
    pump = ("pump",) if has_pump(facts) else ()
    yield Finding(
        Severity.HIGH if risks else Severity.MODERATE,
        evidence=cite(signs, *(one for _, found in risks for one in found)),
        implicated=baclofen_orders(facts),
        values=_values(facts, signs),
        notes=(
            *(name for name, _ in risks),
            *undated(signs),
            *note_if(recorded=all(sign.only_recorded for sign in signs)),
        ),
        variant="-".join((*pump, "moderate")) if not risks and pump else (pump[0] if pump else None),
        marks=frozenset(() if risks else ("no-risk-factor",)),
    )


def _values(facts: Facts, signs: tuple[Sign, ...]) -> dict[str, object]:
    """What is filled into the sentences; what is not known stays out and is said to be unknown."""
    dose, it, band = facts.oral.daily_dose, facts.it.daily_dose, facts.kidney.band
    doses = [f"{shown(dose.value)} mg/day"] if isinstance(dose, Known) and dose.value else []
    doses += [f"{shown(it.value)} mcg/day intrathecally"] if isinstance(it, Known) and it.value else []
    values: dict[str, object] = {"signs": say(signs)}
    if doses:
        values["dose"] = ", ".join(doses)
    if isinstance(band, Known):
        values["egfr"] = band.value.shown
    return values


Risk = tuple[str, tuple[Evidence, ...]]


def _risks(facts: Facts, limits: Limits, signs: tuple[Sign, ...]) -> tuple[Risk, ...]:
    """Why baclofen may have built up: names of notes, and what they rest on."""
    found: list[Risk] = []
    if kidney_below(facts, limits["risk-kidney-below"]):
        assert isinstance(facts.kidney.band, Known)
        found.append(("risk-kidney", facts.kidney.band.value.evidence))
    aki = facts.kidney.aki
    if isinstance(aki, Known) and aki.value is not None:
        found.append(("risk-aki", aki.value.evidence))
    rise = latest_rise(facts, limits.int("rise-days"))
    if rise is not None and any(sign.begun_after(rise) for sign in signs):
        found.append(("risk-rise", ()))
    caps = [one for one in (facts.found(rule) for rule in CAPS) if one is not None and one.cap is not None]
    if caps:
        found.append(("risk-dose", tuple(one for cap in caps for one in cap.evidence)))
    found += _pump_risks(facts, limits)
    days = limits["sedative-risk-days"]
    started = tuple(one for one in facts.partners.sedatives if not one.draft and one.started_within(days))
    if started:
        found.append(("risk-sedative", tuple(said for one in started for said in one.evidence)))
    alcohol = facts.found("BAC-DDI-18")
    if alcohol is not None or facts.signs.intoxicated:
        found.append(("risk-alcohol", () if alcohol is None else alcohol.evidence))
    return tuple(found)


def _pump_risks(facts: Facts, limits: Limits) -> Iterator[Risk]:
    """A pump filled or reprogrammed within hours."""
    days = limits["refill-risk-days"]
    refilled, changed = facts.it.refilled_at, facts.pump.reprogrammed_at
    if refilled is not None and is_recent(refilled, days, facts.as_of):
        yield "risk-refill", (Evidence(facts.it.refilled_ref, str(refilled)),)
    if changed is not None and is_recent(changed, days, facts.as_of):
        yield "risk-programme", ()


def overdose(facts: Facts, limits: Limits) -> Iterator[Said]:
    """BAC-SX-04."""
    days = limits.int("overdose-days")
    poisoned = facts.signs.overdose_event.evidence
    taken = tuple(_too_much(facts, limits, days))
    if not poisoned and not taken:
        return
    told = max(taken, key=lambda one: (one.unit == "mg", one.amount), default=None)
    yield Finding(
        Severity.HIGH,
        evidence=tuple(dict.fromkeys((*poisoned, *(one for each in taken for one in each.evidence)))),
        implicated=baclofen_orders(facts),
        values={} if told is None else {"amount": f"{shown(told.amount)} {told.unit}"},
        notes=(
            "amount" if taken else "amount-unknown",
            *note_if(intrathecal=any(one.unit == "mcg" for one in taken), may_fill=any(one.may_fill for one in taken)),
        ),
    )


def _too_much(facts: Facts, limits: Limits, days: int) -> Iterator[Taken]:
    single, total = limits["overdose-single-from"], limits["overdose-ceilings-from"] * _ceiling(facts, limits)
    yield from (one for one in single_amounts(facts, days) if one.amount >= single)
    yield from (one for one in day_totals(facts, days) if one.amount >= total)
    yield from (one for one in boluses(facts, days) if one.amount > limits["overdose-bolus-above"])


def _ceiling(facts: Facts, limits: Limits) -> Decimal:
    """The most a person of this age takes a day, mg."""
    for name in ("small-child", "child"):
        if facts.person.below(limits[f"overdose-{name}-below"]) is True:
            return limits[f"overdose-{name}-ceiling"]
    return limits["overdose-adult-ceiling"]


def slow_breathing(facts: Facts, limits: Limits) -> Iterator[Said]:
    """BAC-SX-05."""
    if not was_exposed(facts, limits.int("exposure-days")) or facts.signs.ventilated:
        return
    signs = facts.signs.breathing_signs
    since = facts.as_of - timedelta(hours=facts.limits.int("sign-hours"))
    if signs:
        values = {name: said for name, said in _breath(facts).items() if said}
        yield Finding(
            Severity.HIGH,
            evidence=cite(signs),
            implicated=baclofen_orders(facts),
            values={"rr": "not measured", "spo2": "not measured", **values},
            notes=undated(signs),
        )
    elif facts.signs.breath_unread:
        yield Gap("unreadable", needs=(Need("Observation", BREATH, since, ("state", "value")),))
    elif _must_look(facts) and not facts.signs.breath_measured:
        yield Gap("no-vital-signs", needs=(Need("Observation", BREATH, since),), high=False)


def _must_look(facts: Facts) -> bool:
    """Is there a reason to ask for breathing: signs of too much baclofen, or an overdose?"""
    return bool(facts.signs.toxicity_signs) or is_yes(facts.signs.overdose_event)


def _breath(facts: Facts) -> dict[str, str]:
    rate, oxygen = facts.signs.respiratory_rate, facts.signs.spo2
    return {
        "rr": f"{shown(rate.value)}/min" if isinstance(rate, Known) else "",
        "spo2": f"{shown(oxygen.value)} %" if isinstance(oxygen, Known) else "",
    }
