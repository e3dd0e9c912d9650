"""What the condition rules ask alike: which baclofen is meant, what is still open, which change came last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...core.fact import Reason, Unknown
from ...core.lapses import oral_start
from ...core.measuring import is_recent
from ...core.rule import Gap
from .said import refs

if TYPE_CHECKING:
    from decimal import Decimal

    from ...core.chart import Problem
    from ...core.facts import Facts

REASONS = {Reason.NOT_FINAL: "suspected"}


def implicated(facts: Facts) -> tuple[str, ...]:
    """The baclofen orders in force or drafted; without any, what shows that the pump delivers."""
    orders = refs(facts.partners.baclofen)
    return orders or tuple(one.reference for one in facts.it.active.evidence)


def ask(unknown: Unknown, *, high: bool | None = None) -> Gap:
    """The question a rule leaves open: nobody sent problems, or the one that matters is only suspected."""
    reason = REASONS.get(unknown.reason, "not-sent")
    return Gap(reason, {"about": unknown.about}, unknown.needs, unknown.evidence, high)


def stable_dose(facts: Facts, days: Decimal) -> bool:
    """Is baclofen known to be unchanged for so many days?"""
    changed = facts.partners.baclofen_changed
    return changed is not None and not is_recent(changed, days, facts.as_of)


def after_start(facts: Facts, problems: tuple[Problem, ...]) -> bool:
    """Did all of them begin after baclofen? Undated ones did not, nor does anything where its start is unknown."""
    starts = [start for start in (oral_start(facts), facts.it.started_at) if start is not None]
    first = min(starts, key=lambda start: start.first, default=None)
    begun = [problem.onset or problem.recorded for problem in problems]
    return first is not None and all(
        at is not None and (at.first >= first.first or at.last > first.first) for at in begun
    )
