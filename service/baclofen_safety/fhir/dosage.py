"""Dosage (R4, R4B, R5, STU3) to dose steps."""

from __future__ import annotations

from datetime import tzinfo
from decimal import Decimal

from ..core.chart import DoseStep, Medicine, Trouble
from ..core.concepts import Concept
from ..core.moment import Moment
from ..terminology.lookup import Terminology


def read_steps(
    dosages: object,
    medicine: Medicine,
    *,
    route: Concept | None,
    start: Moment | None,
    zone: tzinfo,
    terms: Terminology,
    weight_kg: Decimal | None,
    ref: str,
) -> tuple[tuple[DoseStep, ...], tuple[Trouble, ...]]:
    """The dose steps of a raw ``dosageInstruction`` / ``dosage`` value, and what could not be used of it.

    mg/day; mcg/day for intrathecal baclofen (``route``, or the product's own route when ``route`` is None). ``start``
    is the order's start, from which lengths are counted. Never raises: shapes that do not fit become problems of the
    step and ``Trouble("unreadable")``. No dosage at all gives no step.
    """
    raise NotImplementedError


def bounds_of(dosages: object, zone: tzinfo) -> tuple[Moment | None, Moment | None]:
    """Earliest ``boundsPeriod.start`` or ``timing.event``, and the latest ``boundsPeriod.end`` (exclusive)."""
    raise NotImplementedError
