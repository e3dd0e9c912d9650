"""Short ways to write dosages and to read them, for the dosage tests."""

from datetime import timedelta, timezone
from decimal import Decimal
from functools import cache
from typing import Any

from baclofen_safety.core.chart import Trouble
from baclofen_safety.core.medicines import DoseStep, Medicine, MedicineState, Strength
from baclofen_safety.core.moment import Moment
from baclofen_safety.fhir.dosage import read_steps
from baclofen_safety.fhir.when import read_moment
from baclofen_safety.terminology.lookup import Terminology

UCUM = "http://unitsofmeasure.org"
ZONE = timezone(timedelta(hours=1))
START = "2026-11-10"


@cache
def terms() -> Terminology:
    return Terminology.load()


def baclofen(**changes: Any) -> Medicine:
    """Baclofen 10 mg tablets unless changed."""
    usual: dict[str, Any] = {"form": "tablet", "strength": Strength(Decimal(10), "unit")}
    return Medicine(
        "baclofen",
        MedicineState.MATCHED,
        frozenset({"baclofen"}),
        frozenset({"med-baclofen"}),
        **usual | changes,
    )


TABLETS = baclofen()
LIQUID = baclofen(form="liquid", strength=Strength(Decimal(1), "mL"))
PUMP = baclofen(form="injection", strength=Strength(Decimal(2), "mL"), product_route="route-intrathecal")
PLAIN = baclofen(form=None, strength=None)


def quantity(value: object, unit: str = "mg", code: str | None = None) -> dict[str, Any]:
    return {"value": value, "unit": unit, "system": UCUM, "code": code or unit}


def dose(value: object, unit: str = "mg", code: str | None = None) -> dict[str, Any]:
    return {"doseAndRate": [{"doseQuantity": quantity(value, unit, code)}]}


def repeat(**parts: Any) -> dict[str, Any]:
    return {"timing": {"repeat": parts}}


def a_day(times: object, **more: Any) -> dict[str, Any]:
    return repeat(frequency=times, period=1, periodUnit="d", **more)


def read(
    dosages: object, medicine: Medicine = TABLETS, **given: Any
) -> tuple[tuple[DoseStep, ...], tuple[Trouble, ...]]:
    """``read_steps`` with the usual context; ``start`` as a FHIR date."""
    route = given.get("route", "route-intrathecal" if medicine is PUMP else "route-oral")
    start = given.get("start", START)
    begun: Moment | None = read_moment(start, ZONE)[0]
    return read_steps(
        dosages, medicine, route=route, start=begun, zone=ZONE, terms=terms(),
        weight_kg=given.get("weight"), ref="MedicationRequest/1",
    )  # fmt: skip


def step_of(dosage: dict[str, Any], medicine: Medicine = TABLETS, **given: Any) -> DoseStep:
    steps, _ = read([dosage], medicine, **given)
    assert len(steps) == 1
    return steps[0]
