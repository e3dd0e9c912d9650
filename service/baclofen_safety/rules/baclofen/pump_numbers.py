"""The pump's numbers: dose, rate and concentration that do not fit each other.

A pump is set in mL but meant in mcg: after a change of concentration the old rate gives up to four times the dose.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...core.fact import Evidence, Need
from ...core.facts import Facts
from ...core.knowledge import Limits
from ...core.reservoir import Reading
from ...core.rule import Finding, Gap, Said, Severity
from .pump_refill import name_pump
from .said import shown
from .withdrawal_parts import note_if

PROGRAMME = (Need("Observation", ("fact-programmed-rate", "fact-drug-concentration", "fact-programmed-daily-dose")),)
USUAL = ("concentration-usual-low", "concentration-usual-middle", "concentration-usual-high")


def disagreeing(facts: Facts, limits: Limits) -> Iterator[Said]:
    """BAC-PUMP-05."""
    pump = facts.pump
    if not pump.delivers:
        return
    delivered = _delivered(facts)
    pairs = (*_in_the_order(facts), *_of_the_pump(facts, delivered))
    off = [(given, dose) for given, dose in pairs if _is_off(given, dose, limits)]
    unusual = pump.concentration is not None and pump.concentration.value not in {limits[name] for name in USUAL}
    changed = pump.concentration_changed if pump.bridge_bolus is None else ()
    if off or unusual or changed:
        yield _numbers_finding(facts, off, unusual=unusual, changed=changed)
    judged = delivered is not None and (delivered is not pump.programme or pump.flexible_programme)
    if not (judged or off or pump.ordered_numbers):
        yield Gap("numbers", needs=PROGRAMME)


def _in_the_order(facts: Facts) -> Iterator[tuple[Reading, Reading]]:
    """Rate and concentration that stand in the order itself, against its dose."""
    numbers, dose = facts.pump.ordered_numbers, facts.pump.ordered
    if numbers is not None and dose is not None:
        yield numbers, dose


def _delivered(facts: Facts) -> Reading | None:
    """mcg/day the pump gives: concentration by rate; the total of a programme that varies or is newer than the rate."""
    pump = facts.pump
    rate, concentration, programme = pump.programmed_rate, pump.concentration, pump.programme
    if pump.flexible_programme or rate is None or (programme is not None and programme.day > rate.day):
        return programme
    if concentration is None or concentration.day > rate.day:
        return None
    said = (*concentration.evidence, *rate.evidence)
    return Reading(concentration.value * rate.value, rate.at, said, "computed")


def _of_the_pump(facts: Facts, delivered: Reading | None) -> Iterator[tuple[Reading, Reading]]:
    """What it gives, against what is ordered, once the pump was set on or after the order's day, and programmed."""
    if delivered is None:
        return
    ordered, programmed = facts.pump.ordered, facts.pump.programme
    if ordered is not None and ordered.day <= delivered.day:
        yield delivered, ordered
    if programmed is not None:
        yield delivered, programmed


def _is_off(delivered: Reading, dose: Reading, limits: Limits) -> bool:
    return abs(delivered.value - dose.value) > dose.value * limits["pump-mismatch-above"]


def _numbers_finding(
    facts: Facts, off: list[tuple[Reading, Reading]], *, unusual: bool, changed: tuple[Evidence, ...]
) -> Finding:
    pump = facts.pump
    given, dose = off[0] if off else (None, pump.ordered or pump.programme)
    own = given is not None and given is pump.ordered_numbers
    rate = pump.ordered_rate if own else pump.programmed_rate
    concentration = pump.ordered_concentration if own else pump.concentration
    readings = (concentration, rate, *(reading for pair in off for reading in pair), dose)
    said = [one for reading in readings if reading is not None for one in reading.evidence]
    found = (
        ("dose does not fit", bool(off)),
        ("unusual concentration", unusual),
        ("concentration changed", bool(changed)),
    )
    values = {
        "finding": tuple(words for words, holds in found if holds),
        "conc": None if concentration is None else f"{shown(concentration.value)} mcg/mL",
        "rate": None if rate is None else f"{shown(rate.value)} mL/day",
        "dose": None if dose is None else shown(dose.value),
        "given": None if given is None else shown(given.value),
        "ordered_on": None if dose is None else dose.day,
        "set_on": None if given is None else given.day,
    }
    older = given is not None and dose is pump.ordered and dose is not None and dose.day < given.day
    return Finding(
        Severity.HIGH if off else Severity.MODERATE,
        evidence=tuple(dict.fromkeys((*said, *changed))),
        implicated=name_pump(facts),
        values={name: value for name, value in values.items() if value is not None},
        notes=note_if(mismatch=bool(off), older_order=older, unusual=unusual, no_bridge=bool(changed)),
        same_as=str(dose.day) if dose is not None else "",
    )
