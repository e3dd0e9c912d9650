"""Dispenses as supplies, and administrations as doses given or missed."""

from __future__ import annotations

from decimal import Decimal

from ..core.concepts import INTRATHECAL_ROUTES, ORAL_ROUTES, Concept
from ..core.medicines import Given, Medicine, Supply
from ..core.moment import Moment
from .bundle import Json
from .dosage import read_steps
from .numbers import read_number
from .order_words import says_refill
from .page import Page
from .read_medicines import codings_of, read_medicine, read_route, unit_of
from .rendered import dosages_of, tell_other_dose
from .who_ordered import days_of

_DOSAGES = "dosageInstruction"
_NOT_YET = frozenset({"in-progress", "preparation", "on-hold"})
_NO_SUPPLY = frozenset({"declined", "cancelled", "stopped"})
_FITTING_ROUTES = ORAL_ROUTES | INTRATHECAL_ROUTES | {"route-topical"}
_RESERVOIR_FROM_UG = Decimal(2000)
_RESERVOIR_FROM_ML = Decimal(10)
_MG = {"mg": Decimal(1), "ug": Decimal("0.001"), "g": Decimal(1000)}
_UNITS = frozenset({"{tbl}", "{packet}", "{capsule}", "1"})


def read_dispense(page: Page) -> None:
    """Add a supply handed over, or one refused; what is still being prepared is none."""
    status = page.string("status").strip().lower()
    if status == "entered-in-error":
        page.tell("not-used", "entered in error")
        return
    if status in _NOT_YET:
        return
    handed = page.moment("whenHandedOver")
    if handed is None:
        handed = page.moment("whenPrepared")
        if handed is not None:
            page.tell("assumption", "no hand-over time; the time of preparation is used", "whenHandedOver")
    if is_future(page, handed):
        return
    given = status not in _NO_SUPPLY and page.resource.get("notDone") is not True
    if given and status != "completed":
        page.stumble("status", "a status of FHIR; a hand-over date makes it count")
        if handed is None:
            return
    medicine = read_medicine(page)
    dosages = page.elements("dosageInstruction")
    route = read_route(page, dosages, medicine)[0] if medicine.is_baclofen else medicine.product_route
    orders = sorted(page.references("authorizingPrescription"))
    page.intake.supplies.append(
        Supply(
            ref=page.ref,
            medicine=medicine,
            given=given,
            route=route,
            handed_over=handed,
            days=days_of(page, page.element("daysSupply"), "daysSupply"),
            quantity=_quantity(page),
            order=orders[0] if orders else None,
            daily=_daily(page, medicine, route, handed),
            pharmacist_ref=_dispenser(page),
        )
    )


def is_future(page: Page, at: Moment | None) -> bool:
    """Is a happening dated after ``as_of`` by more than five minutes? Then it is told and not used."""
    if at is None or at.first <= page.intake.latest:
        return False
    page.tell("future", "dated after the time of the check; not used")
    return True


def _quantity(page: Page) -> Decimal | None:
    quantity = page.element("quantity")
    amount = read_number(quantity.get("value"))
    return amount if amount is not None and amount > 0 else None


def _daily(page: Page, medicine: Medicine, route: Concept | None, start: Moment | None) -> Decimal | None:
    dosages = dosages_of(page, _DOSAGES)
    if not medicine.is_baclofen or dosages is None:
        return None
    intake = page.intake
    steps, _ = read_steps(
        dosages,
        medicine,
        route=route,
        start=start,
        zone=intake.zone,
        terms=intake.terms,
        weight_kg=intake.weight_kg,
        ref=page.ref,
    )
    tell_other_dose(page, medicine, steps, _DOSAGES)
    return steps[0].daily if len(steps) == 1 else None


def _dispenser(page: Page) -> str | None:
    for each in page.elements("performer"):
        found = page.reference("actor", each, "performer.")
        if found is not None:
            return found
    return None


def read_administration(page: Page) -> None:
    """Add a dose given or missed; an unknown state is told and not used."""
    status = page.string("status").strip().lower()
    if status == "entered-in-error":
        page.tell("not-used", "entered in error")
        return
    missed = status == "not-done" or page.resource.get("notGiven") is True
    if not missed and status not in ("completed", "in-progress", "stopped"):
        page.tell("not-used", "an administration whose state is not known", "status", needed=status != "on-hold")
        return
    at = _given_at(page)
    if is_future(page, at):
        return
    medicine = read_medicine(page)
    dosage = page.element("dosage")
    route = _given_route(page, dosage, medicine, missed=missed) if medicine.concepts else None
    intrathecal = route in INTRATHECAL_ROUTES
    amount = _amount(page, dosage, medicine)
    if amount is not None and intrathecal and medicine.is_baclofen:
        amount *= 1000
    text = page.string("text", dosage, "dosage.")
    large = (amount is not None and amount >= _RESERVOIR_FROM_UG) or _millilitres(page, dosage) >= _RESERVOIR_FROM_ML
    page.intake.given.append(
        Given(
            ref=page.ref,
            medicine=medicine,
            at=at,
            given=not missed,
            route=route,
            amount=amount,
            order=page.reference("request") or page.reference("prescription"),
            reservoir=intrathecal and large and says_refill(codings_of(page), text),
            fill_sized=intrathecal and large,
        )
    )


def _given_route(page: Page, dosage: Json, medicine: Medicine, *, missed: bool) -> Concept | None:
    """The route of a dose. No rule judges doses of baclofen given: one that cannot be right is asked about."""
    route, clash, _ = read_route(page, [dosage] if dosage else [], medicine)
    if medicine.is_baclofen and not missed and (clash or (route is not None and route not in _FITTING_ROUTES)):
        says = "baclofen given by a route that does not fit it or its product; doses given are not judged"
        page.tell("route", says, "dosage.route", needed=True)
    return route


def _given_at(page: Page) -> Moment | None:
    for key in ("effectiveDateTime", "occurenceDateTime", "occurrenceDateTime"):
        if key in page.resource:
            return page.moment(key)
    for key in ("effectivePeriod", "occurencePeriod", "occurrencePeriod"):
        if key in page.resource:
            return page.period(key)[0]
    return None


def _millilitres(page: Page, dosage: Json) -> Decimal:
    """The volume of one administration; 0 when none is stated."""
    dose = page.element("dose", dosage, "dosage.")
    value = read_number(dose.get("value"))
    return value if value is not None and unit_of(page, dose) == "mL" else Decimal(0)


def _amount(page: Page, dosage: Json, medicine: Medicine) -> Decimal | None:
    """mg of one administration: by mass, by tablets or by volume through the product's strength."""
    dose = page.element("dose", dosage, "dosage.")
    value = read_number(dose.get("value"))
    if value is None:
        return None
    unit = unit_of(page, dose)
    if unit in _MG:
        return value * _MG[unit]
    strength = medicine.strength
    if strength is not None and (
        (unit in _UNITS and strength.per == "unit") or (unit == "mL" and strength.per == "mL")
    ):
        return value * strength.mg
    page.tell("unit", "the amount given is in an unknown unit", "dosage.dose", needed=medicine.is_baclofen)
    return None
