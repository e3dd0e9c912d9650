"""Small charts for the facts of person, kidney and risk."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from baclofen_safety.assessor import load_knowledge
from baclofen_safety.core.chart import Act, Chart, Measurement, Patient, Problem
from baclofen_safety.core.facts import Facts
from baclofen_safety.core.knowledge import Rulebook
from baclofen_safety.core.medicines import DoseStep, Medicine, MedicineState, Order
from baclofen_safety.core.moment import Moment

AS_OF = datetime.fromisoformat("2026-11-20T12:00:00+00:00")
BACLOFEN = Medicine(
    "baclofen 10 mg tablet",
    MedicineState.MATCHED,
    frozenset({"baclofen"}),
    frozenset({"med-baclofen"}),
    form="tablet",
)
EVERYTHING = dict.fromkeys(("Condition", "Observation", "Procedure", "MedicationRequest"), "sent")


@cache
def book() -> Rulebook:
    return load_knowledge("")


def ago(days: float) -> Moment:
    return Moment.at(AS_OF - timedelta(days=days))


def day(text: str) -> Moment:
    """A whole day, month or year."""
    parts = [int(part) for part in text.split("-")]
    year, month, first = (*parts, 1, 1)[:3]
    start = AS_OF.replace(year=year, month=month, day=first, hour=0)
    if len(parts) == 3:
        return Moment(start, start + timedelta(days=1), "day")
    after = start.replace(year=year + 1) if len(parts) == 1 or month == 12 else start.replace(month=month + 1)
    after = after.replace(month=1) if month == 12 and len(parts) == 2 else after
    return Moment(start, after, "year" if len(parts) == 1 else "month")


def lab(concept: str, value: float | None, days: float = 10, **more: Any) -> Measurement:
    number = None if value is None else Decimal(str(value))
    more = {"low": number, "high": number, "shown": "" if value is None else str(value)} | more
    return Measurement(f"Observation/{concept}-{days}", f"lab-{concept}", ago(days), **more)


def problem(concept: str, days: float | None = 100, **more: Any) -> Problem:
    more = {"state": "active", "text": concept} | more
    onset = None if days is None else ago(days)
    return Problem(f"Condition/{concept}", frozenset({f"cond-{concept}"}), onset=onset, **more)


def act(concept: str, days: float, kind: str = "Procedure", **more: Any) -> Act:
    more = {"state": "done"} | more
    return Act(f"{kind}/{concept}-{days}", kind, frozenset({f"proc-{concept}"}), start=ago(days), **more)


def order(mg: float, days: float = 90, **more: Any) -> Order:
    step = DoseStep(Decimal(str(mg)), start=ago(days))
    more = {"status": "active", "route": "route-oral"} | more
    return Order(f"MedicationRequest/{mg}", medicine=BACLOFEN, steps=(step,), start=ago(days), **more)


def chart(*records: Any, birth: str | None = "1981-03-01", sex: Any = "male", **more: Any) -> Chart:
    """A chart of measurements, problems, acts and orders, sorted by their types."""
    measured: dict[str, tuple[Measurement, ...]] = {}
    for one in records:
        if isinstance(one, Measurement):
            measured[one.concept] = (*measured.get(one.concept, ()), one)
    kept: dict[str, Any] = {
        "orders": tuple(one for one in records if isinstance(one, Order)),
        "problems": tuple(one for one in records if isinstance(one, Problem)),
        "acts": tuple(one for one in records if isinstance(one, Act)),
        "measurements": measured,
        "received": EVERYTHING,
    }
    return Chart(Patient("Patient/p1", day(birth) if birth else None, sex), **(kept | more))


def facts(*records: Any, **more: Any) -> Facts:
    return Facts(chart(*records, **more), AS_OF, book().shared_limits(AS_OF.date()))
