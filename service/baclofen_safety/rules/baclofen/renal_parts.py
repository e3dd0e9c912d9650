"""What the kidney rules ask alike: whose orders, which dose, how low they should go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from ...core.fact import Evidence, Known
from ...core.rule import DoseCap
from ...core.taper import TaperPlan, TaperRefusal, plan_taper
from .said import daily_words, evidence, oral_orders, refs, shown

if TYPE_CHECKING:
    from ...core.fact import Fact
    from ...core.facts import Facts
    from ...core.kidney import Band
    from ...core.knowledge import Limits
    from ...core.medicines import Order


@dataclass(frozen=True, slots=True)
class Oral:
    """The oral baclofen a kidney rule speaks of. Doses are mg/day.

    ``now`` is the dose in force, ``top`` the highest from now on. Where a dose cannot be computed they hold
    the part that can, and ``known`` is False.
    """

    orders: tuple[Order, ...]
    now: Decimal
    top: Decimal
    known: bool

    @property
    def refs(self) -> tuple[str, ...]:
        return refs(self.orders)

    @property
    def drafted(self) -> bool:
        return all(order.status == "draft" for order in self.orders)

    @property
    def shown(self) -> str:
        """The highest dose in words."""
        if self.known:
            return shown(self.top)
        return f"at least {shown(self.top)}" if self.top else "unknown"

    def evidence(self) -> Iterator[Evidence]:
        return (evidence(order, daily_words(order)) for order in self.orders)


def oral_baclofen(facts: Facts) -> Oral | None:
    """Oral baclofen in force or about to be; None when there is none."""
    orders = oral_orders(facts)
    if not orders:
        return None
    oral = facts.oral
    now = _or_least(oral.daily_dose, oral.at_least)
    top = max(now, _or_least(oral.max_planned, oral.at_least))
    known = isinstance(oral.daily_dose, Known) and isinstance(oral.max_planned, Known)
    return Oral(orders, now, top, known)


def _or_least(dose: Fact[Decimal], least: Decimal) -> Decimal:
    return dose.value if isinstance(dose, Known) else least


def make_cap(oral: Oral, ceiling: Decimal) -> DoseCap | None:
    """A ceiling for orders above it, or of unknown dose."""
    return DoseCap(ceiling) if oral.top > ceiling or not oral.known else None


def step_down(facts: Facts, limits: Limits, oral: Oral, target: Decimal) -> tuple[TaperPlan | None, tuple[str, ...]]:
    """The schedule to the target and no note, or the note that says why there is none.

    Nothing while a draft is among the orders (its dose was never taken), for a dose at the target, or while the
    kidneys are failing.
    """
    failing = isinstance(facts.kidney.aki, Known) and facts.kidney.aki.value is not None
    drafted = any(order.status == "draft" for order in oral.orders)
    if drafted or failing or (oral.known and oral.now <= target):
        return None, ()
    planned = plan_taper(
        facts,
        limits,
        start_dose=oral.now if oral.known else None,
        target=target,
        day0=facts.as_of.date(),
        exposure_days=facts.oral.exposure_days(facts.as_of),
        orders=oral.orders,
    )
    return (None, (planned.note,)) if isinstance(planned, TaperRefusal) else (planned, ())


def band_values(band: Band, oral: Oral) -> dict[str, object]:
    """Placeholders of the band rules' sentences."""
    egfr = band.egfr
    return {
        "egfr": band.shown,
        "dose": oral.shown,
        "date": str(band.at.day if band.at.exact else band.at),
        "formula": egfr.formula if egfr else "Cockcroft-Gault",
        "crcl": shown(round(band.crcl, 1)) if band.crcl is not None else "",
    }


def band_notes(band: Band, facts: Facts, limits: Limits) -> tuple[str, ...]:
    """Notes on how sure the band is."""
    held = {
        "old-value": band.old,
        "clearance": band.by == "CrCl",
        "at-best": band.at_best,
        "age-unknown": facts.person.at_least(limits["older-age"]) is None,
    }
    return tuple(note for note, holds in held.items() if holds)
