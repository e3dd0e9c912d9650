"""When an order is said to end, beside its dosages: R5's period, and the end DSTU2 gives."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..core.medicines import DoseStep, SaidOver
from ..core.moment import Moment
from .page import Page


def until(steps: tuple[DoseStep, ...], end: Moment | None) -> tuple[DoseStep, ...]:
    """R5's period ends the last step, unless the step says so itself."""
    if end is None or not steps or steps[-1].end is not None:
        return steps
    return (*steps[:-1], replace(steps[-1], end=end))


def note_end(page: Page, common: dict[str, Any]) -> None:
    """DSTU2: an active order that is said to have ended, or to end on a day to come."""
    if "dateEnded" not in page.resource and "reasonEnded" not in page.resource:
        return
    at = page.moment("dateEnded")
    if at is not None and at.first > page.intake.latest:
        common["steps"] = until(common["steps"], at)
    else:
        page.intake.said_over[page.ref] = SaidOver(page.ref, at)
