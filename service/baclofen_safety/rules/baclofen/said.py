"""What the dose families ask and say alike: which orders speak, whom to treat gently, amounts in words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from ...core.concepts import INTRATHECAL_ROUTES
from ...core.fact import Evidence, Known, Need, Unknown, is_yes

if TYPE_CHECKING:
    from ...core.facts import Facts
    from ...core.knowledge import Limits
    from ...core.medicines import DoseStep, Order

LIVE = frozenset({"active", "unknown", "on-hold"})
OVERRIDE = "fact-specialist-override"
MISSED = "cond-baclofen-underdosing"


def shown(amount: Decimal) -> str:
    """An amount without needless zeros, at most two decimals unless it is smaller than that."""
    rounded = round(amount, 2)
    return f"{(rounded or amount).normalize():f}"


def days(limits: Limits, name: str) -> timedelta:
    """A limit in days as a length of time."""
    return timedelta(seconds=float(limits[name]) * timedelta(days=1).total_seconds())


def oral_orders(facts: Facts) -> tuple[Order, ...]:
    """Oral orders that speak of now or later."""
    return facts.oral.speaking


def start_needs(facts: Facts, orders: Iterable[Order]) -> tuple[Need, ...]:
    """What would tell whether these orders are the first."""
    asked = (facts.oral.naive(order) for order in orders)
    return tuple(dict.fromkeys(need for one in asked if isinstance(one, Unknown) for need in one.needs))


def standing(orders: Iterable[Order], facts: Facts) -> tuple[Order, ...]:
    """Orders of any route that stand, drafts too once signed, and whose last step is not over."""
    return tuple(
        order
        for order in orders
        if (order.status in LIVE or (facts.signed and order.status == "draft"))
        and (not order.steps or coming_steps(order, facts.as_of))
    )


MICROGRAMS = frozenset({"ug", "mcg", "µg", "μg", "microgram", "micrograms", "mikrogramm", "microgramme"})
"""Units in which baclofen is not taken by mouth; per kilogram it is."""


def in_micrograms(order: Order) -> bool:
    """Is a dose by mouth written in a unit a thousand times too small?"""
    return any((step.written_unit or "").lower().strip() in MICROGRAMS for step in order.steps)


def coming_steps(order: Order, as_of: datetime) -> tuple[DoseStep, ...]:
    """Steps of an order that are not over yet."""
    return tuple(step for step in order.steps if step.end is None or step.end.last > as_of)


def evidence(order: Order, says: str) -> Evidence:
    """The order as evidence: its medicine and what was judged."""
    return Evidence(order.ref, ": ".join(part for part in (order.medicine.name, says) if part))


def refs(orders: Iterable[Order]) -> tuple[str, ...]:
    """References of orders, each once."""
    return tuple(dict.fromkeys(order.ref for order in orders))


def daily_words(order: Order) -> str:
    """The largest daily dose of an order in words, micrograms in the spinal canal; "" when none is known."""
    spinal = (order.route or order.medicine.product_route) in INTRATHECAL_ROUTES
    if spinal and order.bolus:
        doses, unit = [step.single for step in order.steps if step.single is not None], "mcg"
    else:
        doses = [step.daily for step in order.steps if step.daily is not None]
        unit = "mcg/day" if spinal else "mg/day"
    return f"{shown(max(doses))} {unit}" if doses else ""


def route_words(route: str | None) -> str:
    """A route as people read it."""
    return (route or "").removeprefix("route-").replace("-", " ")


def is_known_user(facts: Facts) -> bool:
    """On a pump, or until days ago (tablets are a bridge; after a longer gap the dose begins low again), or brought the
    drug along from home into the current stay."""
    in_hospital, ended = facts.hospital.stay is not None, facts.it.ended
    window = facts.oral.record.days("gap-bridge-days")
    bridged = ended is not None and facts.as_of - window <= ended.at.last
    return is_yes(facts.it.active) or bridged or (in_hospital and is_yes(facts.hospital.home_baclofen))


def kidney_below(facts: Facts, top: Decimal) -> bool:
    """Is kidney function (the worse of eGFR and clearance) known to lie below, mL/min? "<30" lies below 30."""
    band = facts.kidney.band
    if not isinstance(band, Known):
        return False
    one = band.value
    if one.value is not None or one.egfr is None:
        return one.value is not None and one.value < top
    return one.egfr.high is not None and one.egfr.high <= top


def treats_withdrawal(facts: Facts, orders: Iterable[Order] = ()) -> bool:
    """In hospital now because baclofen was missing: by the stay's or an order's reason, or an active problem."""
    stay = facts.hospital.stay
    if stay is None:
        return False
    reason = stay.reason.lower()
    told = "withdrawal" in reason and "baclofen" in reason
    return told or bool(facts.person.active(MISSED)) or any(MISSED in order.concepts for order in orders)


def frailty(facts: Facts, older_from: Decimal) -> tuple[str, ...]:
    """Why this patient needs smaller doses, as names of notes. An unknown origin is not cerebral here."""
    person, origin = facts.person, facts.person.spasticity_origin
    why = (
        ("older", person.at_least(older_from) is True),
        ("stroke", is_yes(person.cerebrovascular)),
        ("cerebral", isinstance(origin, Known) and origin.value == "cerebral"),
    )
    return tuple(note for note, holds in why if holds)


def count_days(count: int) -> str:
    """A number of days in words: "1 day", "3 days"."""
    return "1 day" if count == 1 else f"{count} days"
