"""Builders of core records for the timeline tests: "11-20" is a day of 2026, "11-20T09:00" a time, both +01:00."""

from __future__ import annotations

import tomllib
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

from baclofen_safety.core.chart import Chart, Patient
from baclofen_safety.core.knowledge import Limits
from baclofen_safety.core.medicines import DoseStep, Medicine, MedicineState, Order, Strength, Supply
from baclofen_safety.core.moment import Moment
from baclofen_safety.core.oral import OralFacts

ZONE = timezone(timedelta(hours=1))
AS_OF = datetime(2026, 11, 20, 20, 0, tzinfo=ZONE)
FACTS_TOML = Path(__file__).parents[2] / "service/baclofen_safety/rules/baclofen/facts.toml"

TABLET = Medicine(
    "baclofen 10 mg tablet",
    MedicineState.MATCHED,
    frozenset({"baclofen"}),
    frozenset({"med-baclofen"}),
    form="tablet",
    strength=Strength(Decimal(10), "unit"),
)
SUSPENSION = Medicine(
    "baclofen 5 mg/mL suspension",
    MedicineState.MATCHED,
    frozenset({"baclofen"}),
    frozenset({"med-baclofen"}),
    form="liquid",
    strength=Strength(Decimal(5), "mL"),
)
INJECTION = Medicine(
    "baclofen 500 mcg/mL injection",
    MedicineState.MATCHED,
    frozenset({"baclofen"}),
    frozenset({"med-baclofen"}),
    form="injection",
    product_route="route-intrathecal",
)
PARACETAMOL = Medicine("paracetamol 500 mg tablet", MedicineState.KNOWN, frozenset({"paracetamol"}))


def limits() -> Limits:
    """The shared limits as shipped."""
    table = tomllib.loads(FACTS_TOML.read_text(encoding="utf-8"), parse_float=Decimal)
    return Limits({row["name"]: Decimal(row["value"]) for row in table["limit"]})


LIMITS = limits()


def moment(text: str) -> Moment:
    """A day ("11-20", "2025-11-01") or a time ("11-20T09:00")."""
    if text[4:5] != "-":
        text = f"2026-{text}"
    at = datetime.fromisoformat(text).replace(tzinfo=ZONE)
    return Moment.at(at) if "T" in text else Moment(at, at + timedelta(days=1), "day")


def when(text: str) -> datetime:
    return moment(text).first


def step(daily: int | str | None = 30, start: str = "", end: str = "", **more: Any) -> DoseStep:
    """One dosage step; ``end`` is the last day or the exact end."""
    return DoseStep(
        None if daily is None else Decimal(daily),
        start=moment(start) if start else None,
        end=moment(end) if end else None,
        problems=("dose missing",) if daily is None else (),
        **more,
    )


def order(
    ref: str = "M1",
    status: Any = "active",
    daily: int | str | None = 30,
    authored: str = "08-22",
    *,
    start: str = "",
    end: str = "",
    updated: str = "",
    changed: str = "",
    proven: str = "",
    steps: tuple[DoseStep, ...] | None = None,
    **more: Any,
) -> Order:
    """An oral baclofen order of 10 mg tablets; ``end`` gives its one step a planned end."""
    given = moment(start) if start else None
    written = moment(authored) if authored else None
    return Order(
        ref=ref,
        status=status,
        medicine=more.pop("medicine", TABLET),
        route=more.pop("route", "route-oral"),
        steps=steps if steps is not None else (step(daily, end=end),),
        authored=written,
        start=given or (None if more.get("reported") else written),
        updated=moment(updated) if updated else None,
        changed=moment(changed) if changed else None,
        proven=moment(proven) if proven else None,
        **more,
    )


def supply(ref: str, handed_over: str, days: int | None = 30, **more: Any) -> Supply:
    """A hand-over of 10 mg tablets."""
    return Supply(
        ref,
        more.pop("medicine", TABLET),
        handed_over=moment(handed_over),
        days=None if days is None else Decimal(days),
        **more,
    )


def chart(*orders: Order, history: bool = True, **more: Any) -> Chart:
    """A chart whose medicine history was answered unless ``history`` is False."""
    received = {"MedicationRequest": "answered" if history else "sent", **more.pop("received", {})}
    return Chart(Patient("Patient/p"), orders=orders, received=received, **more)


def oral(*orders: Order, signed: bool = False, as_of: datetime = AS_OF, **more: Any) -> OralFacts:
    """Oral facts of a chart of these orders."""
    return OralFacts(chart(*orders, **more), as_of, LIMITS, signed=signed)


def intervals(facts: OralFacts) -> list[tuple[str, str, int | None]]:
    """Levels of the ordered line as ("08-22", "11-19T09:00" or "open", dose)."""
    return [(_brief(level.start), _brief(level.end), _int(level.dose)) for level in facts.line.levels]


def _brief(t: datetime) -> str:
    if t.year in (1, 9999):
        return "unknown" if t.year == 1 else "open"
    text = t.astimezone(ZONE).strftime("%m-%d" if t.year == AS_OF.year else "%Y-%m-%d")
    clock = t.astimezone(ZONE).strftime("T%H:%M")
    return text if clock == "T00:00" else text + clock


def _int(dose: Decimal | None) -> int | None:
    return None if dose is None else int(dose)
