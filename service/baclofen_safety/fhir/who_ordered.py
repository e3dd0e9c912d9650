"""Who ordered, under which number, and for how long was supplied."""

from __future__ import annotations

from decimal import Decimal

from .bundle import Json
from .numbers import read_number
from .page import Page
from .read_medicines import unit_of

_DAYS = {"d": Decimal(1), "wk": Decimal(7), "mo": Decimal(30), "a": Decimal(365), "h": Decimal(1) / 24}
_SUPPLY = "dispenseRequest."


def requester_key(page: Page) -> str | None:
    """A comparable key of who ordered: reference, identifier or display; else of the recorder."""
    requester = page.element("requester")
    return key_of(page.element("agent", requester, "requester.") or requester, page) or key_of(
        page.element("recorder"), page
    )


def requester_reference(page: Page) -> str | None:
    """The requester as a reference that may be written back; None if conditional, contained or logical."""
    requester = page.element("requester")
    for holder in (page.element("agent", requester, "requester.") or requester, page.element("recorder")):
        target = holder.get("reference")
        if type(target) is str and target and not target.startswith("#") and "?" not in target:
            return page.intake.record.name(target)
    return None


def key_of(reference: Json, page: Page | None = None) -> str | None:
    target = reference.get("reference")
    if type(target) is str and target:
        return target if page is None else page.intake.record.name(target)
    identifier = reference.get("identifier")
    if type(identifier) is dict and identifier_of(identifier):
        return identifier_of(identifier)
    display = reference.get("display")
    return display.strip().casefold() or None if type(display) is str else None


def identifier_of(identifier: Json) -> str:
    system, value = identifier.get("system"), identifier.get("value")
    if type(value) is not str or not value:
        return ""
    return f"{system if type(system) is str else ''}|{value}"


def days_of(page: Page, duration: Json, at: str) -> Decimal | None:
    """The Duration at a place in days; a bare number is days. None when there is none; an unknown unit is told."""
    amount = read_number(duration.get("value"))
    if amount is None or amount <= 0:
        return None
    if duration.get("unit") is None and duration.get("code") is None:
        return amount
    unit = unit_of(page, duration) or duration.get("code")
    if unit not in _DAYS:
        page.tell("unit", "a length of supply in an unknown unit", at)
        return None
    return amount * _DAYS[unit]


def supply_days(page: Page, supply: Json) -> Decimal | None:
    """How long one supply of an order is to last."""
    key = "expectedSupplyDuration"
    return days_of(page, page.element(key, supply, _SUPPLY), f"{_SUPPLY}{key}")


def dispenser_of(page: Page, supply: Json) -> str | None:
    """Who is to dispense an order, in R4's or R5's place."""
    key = "dispenser" if "dispenser" in supply else "performer"
    return page.reference(key, supply, _SUPPLY) if key in supply else None
