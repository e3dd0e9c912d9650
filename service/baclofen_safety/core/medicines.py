"""Medicines as the chart holds them: what they are, how they are ordered, handed over and given.

Doses of oral baclofen are milligrams, of intrathecal baclofen micrograms; concentrations are mg/mL.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from .caching import cached_property
from .concepts import BACLOFEN, INTRATHECAL_ROUTES, ORAL_ROUTES, Concept
from .fact import How
from .moment import Moment

Form = Literal["tablet", "liquid", "granules", "injection", "topical"]
RouteGroup = Literal["oral", "intrathecal", "topical", "other", "unknown"]
MEDICINE_TYPES = ("MedicationRequest", "MedicationStatement", "MedicationDispense", "MedicationAdministration")
"""The records that say what a patient takes."""
ORDERED = "MedicationRequest"
"""The record without which nobody knows that a patient takes no baclofen."""
ORDER_TYPES = (ORDERED, "MedicationOrder")
"""What an order is called; the second is its name in DSTU2, which references keep."""


def may_name_order(ref: str) -> bool:
    """May a reference be one to an order: by the type it names, or because it names none (``urn:uuid:…``)?"""
    return ref.startswith("urn:") or _type_named(ref) in ORDER_TYPES


def names_medicine(ref: str) -> bool:
    """Does a reference name a record of what a patient takes?"""
    kind = _type_named(ref)
    return kind in MEDICINE_TYPES or kind in ORDER_TYPES


def _type_named(ref: str) -> str:
    """``Type`` of ``[base/]Type/id``; "" when there is none."""
    return ref.rpartition("/")[0].rpartition("/")[2]


class MedicineState(StrEnum):
    """What the look-up of a medicine came to."""

    MATCHED = "matched"  # ingredient known and in a class the rules speak of
    KNOWN = "known"  # ingredient known, no rule speaks of it
    UNRECOGNISED = "unrecognised"  # nothing fits
    CONFLICT = "conflict"  # two codings say different ingredients


@dataclass(frozen=True, slots=True)
class Strength:
    """Baclofen (or other drug) per unit: mg per tablet, packet … or mg per mL."""

    mg: Decimal
    per: Literal["unit", "mL"]


@dataclass(frozen=True, slots=True)
class Medicine:
    """What a code, reference or text was recognised as."""

    name: str  # as sent, for people to read; "" when there was none
    state: MedicineState
    ingredients: frozenset[str] = frozenset()
    concepts: frozenset[Concept] = frozenset()
    how: How = "coded"
    form: Form | None = None
    strength: Strength | None = None
    product_route: Concept | None = None  # the route the product itself implies, e.g. route-intrathecal
    parts: tuple[tuple[str, frozenset[Concept]], ...] = ()  # each ingredient of a class, with its own concepts
    excipients: frozenset[Concept] | None = None  # what the product holds, of those we know; None = not known

    @property
    def is_baclofen(self) -> bool:
        return BACLOFEN in self.concepts


Written = Literal["mg", "mL", "agree", "differ"]
"""How one dose was written: as a mass, as a volume, or as both, which agree or differ by more than 10 %."""


@dataclass(frozen=True, slots=True)
class DoseStep:
    """One step of an order: the parts of a dosage that hold at the same time, already added up.

    ``daily`` is the upper end, mg/day for every drug but intrathecal baclofen, mcg/day there; None when it cannot be
    computed, and then ``problems`` says why in a clinician's words. A day-of-week schedule gives the dose of a taking
    day. ``start``/``end`` are the recorded or derived bounds (``end`` exclusive); ``dated`` is False for a step whose
    place in time is not known (a step without length was before it).
    """

    daily: Decimal | None
    daily_low: Decimal | None = None
    single: Decimal | None = None  # largest single dose
    doses_per_day: Decimal | None = None
    min_interval_h: Decimal | None = None
    start: Moment | None = None
    end: Moment | None = None
    dated: bool = True
    as_needed: bool = False
    once: bool = False  # a single administration, never repeated
    written_unit: str | None = None  # the dose unit as sent, before any conversion
    written_value: Decimal | None = None
    continuous: bool = False  # intrathecal: a rate or a per-day programme
    volume_ml: Decimal | None = None  # a volume stated for one dose or fill
    problems: tuple[str, ...] = ()
    text: str = ""
    mg_and_ml: Written | None = None
    at_least: Decimal | None = None  # of a ``daily`` that cannot be computed the part that can, now or later
    mean: Decimal | None = None  # average a day, where it is not taken every day and so is lower than ``daily``
    times: frozenset[str] = frozenset()  # times and days as coded: tells the parts of a day apart, no dose hangs on it


OrderStatus = Literal[
    "active", "on-hold", "stopped", "completed", "cancelled", "draft", "unknown", "intended", "not-taken"
]
StopReason = Literal["toxicity", "overdose", "serious-reaction", "allergy", "kidney", "sedation"]
Setting = Literal["inpatient", "community", "discharge"]


@dataclass(frozen=True, slots=True)
class SaidOver:
    """A record that says of an order that it was stopped or held, and when; ``at`` None: nobody recorded when."""

    ref: str
    at: Moment | None


@dataclass(frozen=True)
class Order:
    """A MedicationRequest, or a MedicationStatement read as a reported order (``reported``).

    Entered-in-error, proposals and prohibitions never become orders (the reader tells them). ``versions`` are older
    versions of the same order found in the input, oldest first: its status history.
    """

    ref: str
    status: OrderStatus
    medicine: Medicine
    route: Concept | None = None
    route_conflict: bool = False  # route written and product disagree, or two routes written
    other_routes: tuple[Concept, ...] = ()  # the written ones the product contradicts; without a product's, all
    steps: tuple[DoseStep, ...] = ()
    reported: bool = False
    presumed: bool = False  # nobody reported it: it was handed over or given, and no order explains that
    authored: Moment | None = None
    start: Moment | None = None  # facts 3.3; None = unknown
    changed: Moment | None = None  # exact recorded time of the last status change
    updated: Moment | None = None  # meta.lastUpdated
    proven: Moment | None = None  # a statement's dateAsserted: taking by then
    stop_reasons: frozenset[StopReason] = frozenset()
    reason_text: str = ""  # statusReason as sent
    indication: Literal["alcohol", "other"] | None = None  # what it is for; None = not said
    setting: Setting | None = None
    encounter: str | None = None
    requester: str | None = None  # a comparable key: reference, identifier or display
    requester_ref: str | None = None  # Reference that may be written back, e.g. "Practitioner/1"
    pharmacist_ref: str | None = None
    identifiers: frozenset[str] = frozenset()
    group: str | None = None  # groupIdentifier
    based_on: frozenset[str] = frozenset()
    replaces: str | None = None  # priorPrescription
    renews: bool = False  # it goes on with an earlier order, which it need not name
    specific: bool = False  # filler-, instance- or reflex-order
    dispense_until: Moment | None = None  # dispenseRequest.validityPeriod.end
    refills: int | None = None  # numberOfRepeatsAllowed
    supply_days: Decimal | None = None  # expectedSupplyDuration
    resume_at: Moment | None = None  # planned end of a hold
    said_over: SaidOver | None = None  # what says that it was stopped or held, whatever its status
    versions: tuple[Order, ...] = ()
    concepts: frozenset[Concept] = frozenset()  # fact-rescue-supply, fact-home-medication … on the order
    refill: bool = False  # a reservoir filling, not a dose
    fill_sized: bool = False  # intrathecal and no infusion, as large as a filling of a reservoir
    bolus: bool = False  # an intrathecal single dose
    signed_now: bool = False  # a draft, or somebody signs, verifies or sends it on at as_of

    @property
    def is_baclofen(self) -> bool:
        return BACLOFEN in self.medicine.concepts

    @property
    def route_group(self) -> RouteGroup:
        if self.route is None:
            return "unknown"
        if self.route in ORAL_ROUTES:
            return "oral"
        if self.route in INTRATHECAL_ROUTES:
            return "intrathecal"
        return "topical" if self.route == "route-topical" else "other"

    @cached_property
    def as_needed(self) -> bool:
        """Every step is taken only when needed."""
        return bool(self.steps) and all(step.as_needed for step in self.steps)


@dataclass(frozen=True, slots=True)
class Supply:
    """A MedicationDispense that was handed over, or was cancelled (``given`` False)."""

    ref: str
    medicine: Medicine
    given: bool = True
    route: Concept | None = None
    handed_over: Moment | None = None
    days: Decimal | None = None
    quantity: Decimal | None = None  # in units of the product (tablets, mL)
    order: str | None = None  # authorizingPrescription
    daily: Decimal | None = None  # dose written on the dispense, mg/day
    pharmacist_ref: str | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """A MedicationAdministration: given, or a missed dose (``given`` False)."""

    ref: str
    medicine: Medicine
    at: Moment | None
    given: bool = True
    route: Concept | None = None
    amount: Decimal | None = None  # mg, intrathecal mcg
    order: str | None = None
    reservoir: bool = False  # into a pump reservoir
    fill_sized: bool = False  # intrathecal, as large as a filling of a reservoir
