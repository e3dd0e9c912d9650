"""Single oral doses too large, and doses too many, too close or too few: peaks sedate, troughs cramp."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...core.fact import DOSED, is_yes
from ...core.rule import Finding, Gap, Said, Severity
from .said import OVERRIDE, coming_steps, daily_words, evidence, kidney_below, oral_orders, shown

if TYPE_CHECKING:
    from ...core.facts import Facts
    from ...core.knowledge import Limits
    from ...core.medicines import DoseStep


def single_dose(facts: Facts, limits: Limits) -> Iterator[Said]:
    if not facts.person.adult_or_unknown or _is_overridden_in_hospital(facts):
        return
    top = limits["dose-single-above"]
    for order in oral_orders(facts):
        steps = coming_steps(order, facts.as_of)
        single = max((step.single for step in steps if step.single is not None), default=None)
        daily = max((step.daily or top for step in steps if step.single is None), default=top)
        if daily > top:
            yield Gap(
                "single-dose",
                {"dose": shown(daily)},
                (DOSED,),
                (evidence(order, f"{shown(daily)} mg/day"),),
                high=daily > limits["dose-single-high-above"],
            )
        if single is None or single <= top:
            continue
        yield Finding(
            Severity.HIGH if single > limits["dose-single-high-above"] else Severity.MODERATE,
            (evidence(order, f"{shown(single)} mg"),),
            (order.ref,),
            values={"dose": shown(single)},
        )


def _is_overridden_in_hospital(facts: Facts) -> bool:
    """Did a specialist decide on the dose, in the current hospital stay?"""
    if facts.hospital.stay is None:
        return False
    orders = oral_orders(facts)
    return facts.person.override() is not None or any(OVERRIDE in order.concepts for order in orders)


def interval(facts: Facts, limits: Limits) -> Iterator[Said]:
    if is_yes(facts.kidney.dialysis) or kidney_below(facts, limits["dose-renal-regimen-below"]):
        return
    orders = oral_orders(facts)
    for order in orders:
        for step in coming_steps(order, facts.as_of):
            if step.once or step.daily is None:
                continue
            if step.doses_per_day is None:
                yield Gap("timing", {}, (DOSED,), (evidence(order, daily_words(order)),), high=False)
                break
            freq = _odd_timing(step, limits, alone=len(orders) == 1)
            if freq:
                yield Finding(
                    Severity.LOW,
                    (evidence(order, freq),),
                    (order.ref,),
                    values={"freq": freq},
                    same_as=order.ref,
                )
                break


def _odd_timing(step: DoseStep, limits: Limits, *, alone: bool) -> str:
    """The unusual timing as people read it, or "". ``alone``: no other order shares the day."""
    count, gap, single = step.doses_per_day, step.min_interval_h, step.single
    if count is not None and count > limits["dose-count-above"]:
        return f"{shown(count)} doses/day"
    if gap is not None and gap < limits["dose-interval-below"]:
        return f"every {shown(gap)} h"
    if alone and count == 1 and single is not None and single > limits["dose-once-above"]:
        return f"{shown(single)} mg once/day"
    return ""
