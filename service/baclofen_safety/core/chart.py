"""The chart: one patient's record as the rules see it. Codes, units and FHIR shapes stay outside.

Every record carries ``ref``, the reference of the resource it was read from, so that evidence can name it. Doses of
oral baclofen are milligrams, of intrathecal baclofen micrograms; concentrations are mg/mL.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from .concepts import BACLOFEN, INTRATHECAL_ROUTES, ORAL_ROUTES, Concept
from .fact import How
from .moment import Moment

Sex = Literal["male", "female"]
Form = Literal["tablet", "liquid", "granules", "injection", "topical"]
RouteGroup = Literal["oral", "intrathecal", "topical", "other", "unknown"]


@dataclass(frozen=True, slots=True)
class Patient:
    """The one person judged. ``ref`` is ``Patient/<id>`` or the reference the orders use when no Patient was sent."""

    ref: str
    birth: Moment | None = None
    sex: Sex | None = None
    deceased: bool = False
    died: Moment | None = None
    language: str | None = None


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

    @property
    def is_baclofen(self) -> bool:
        return BACLOFEN in self.concepts


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


OrderStatus = Literal[
    "active", "on-hold", "stopped", "completed", "cancelled", "draft", "unknown", "intended", "not-taken"
]
StopReason = Literal["toxicity", "overdose", "serious-reaction", "allergy", "kidney", "sedation"]
Setting = Literal["inpatient", "community", "discharge"]


@dataclass(frozen=True, slots=True)
class Order:
    """A MedicationRequest, or a MedicationStatement read as a reported order (``reported``).

    Entered-in-error, proposals and prohibitions never become orders (the reader tells them). ``versions`` are older
    versions of the same order found in the input, oldest first: its status history.
    """

    ref: str
    status: OrderStatus
    medicine: Medicine
    route: Concept | None = None
    route_conflict: bool = False  # route written and product disagree
    steps: tuple[DoseStep, ...] = ()
    reported: bool = False
    authored: Moment | None = None
    start: Moment | None = None  # facts 3.3; None = unknown
    changed: Moment | None = None  # exact recorded time of the last status change
    updated: Moment | None = None  # meta.lastUpdated
    proven: Moment | None = None  # a statement's dateAsserted: taking by then
    stop_reasons: frozenset[StopReason] = frozenset()
    reason_text: str = ""  # statusReason as sent
    setting: Setting | None = None
    encounter: str | None = None
    requester: str | None = None  # a comparable key: reference, identifier or display
    requester_ref: str | None = None  # Reference that may be written back, e.g. "Practitioner/1"
    pharmacist_ref: str | None = None
    identifiers: frozenset[str] = frozenset()
    group: str | None = None  # groupIdentifier
    based_on: frozenset[str] = frozenset()
    replaces: str | None = None  # priorPrescription
    specific: bool = False  # filler-, instance- or reflex-order
    dispense_until: Moment | None = None  # dispenseRequest.validityPeriod.end
    refills: int | None = None  # numberOfRepeatsAllowed
    supply_days: Decimal | None = None  # expectedSupplyDuration
    resume_at: Moment | None = None  # planned end of a hold
    versions: tuple[Order, ...] = ()
    concepts: frozenset[Concept] = frozenset()  # fact-rescue-supply, fact-home-medication … on the order
    refill: bool = False  # a reservoir filling, not a dose
    bolus: bool = False  # an intrathecal single dose

    @property
    def is_baclofen(self) -> bool:
        return self.medicine.is_baclofen

    @property
    def route_group(self) -> RouteGroup:
        if self.route is None:
            return "unknown"
        if self.route in ORAL_ROUTES:
            return "oral"
        if self.route in INTRATHECAL_ROUTES:
            return "intrathecal"
        return "topical" if self.route == "route-topical" else "other"

    @property
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


@dataclass(frozen=True, slots=True)
class Measurement:
    """An Observation value under one concept, in the concept's canonical unit (mg/dL, mL/min, kg, cm …).

    ``low``/``high`` bound the value: both equal for a plain number; ``>60`` has low 60, high None. ``problem`` is set
    when the value cannot be used (no unit, implausible, not final …); then both are None.
    """

    ref: str
    concept: Concept
    at: Moment | None
    low: Decimal | None = None
    high: Decimal | None = None
    low_open: bool = False  # ">60" as against ">=60"
    high_open: bool = False
    unit: str = ""
    shown: str = ""  # as sent, e.g. "124 umol/L"
    issued: Moment | None = None
    flag: bool | None = None  # yes/no results
    when: Moment | None = None  # a date result (refill-by, estimated delivery date …)
    concept_value: frozenset[Concept] = frozenset()
    problem: str | None = None

    @property
    def value(self) -> Decimal | None:
        """The number, when it is one number and not an interval."""
        return self.low if self.low is not None and self.low == self.high else None


@dataclass(frozen=True, slots=True)
class Problem:
    """A Condition (or a Flag with a condition's code): what the patient has, had, or may have."""

    ref: str
    concepts: frozenset[Concept]
    state: Literal["active", "history", "possible"]
    onset: Moment | None = None
    recorded: Moment | None = None
    abated: Moment | None = None
    text: str = ""
    how: How = "coded"
    code: str = ""  # dotless code the concept came from, for sub-marks such as a CKD stage in the text


@dataclass(frozen=True, slots=True)
class Act:
    """Something done or planned: Procedure, ServiceRequest, Appointment, NutritionOrder, CarePlan, Task."""

    ref: str
    kind: str  # the FHIR resource type
    concepts: frozenset[Concept]
    state: Literal["done", "planned", "active", "not-done", "unsure"]
    start: Moment | None = None
    end: Moment | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Stay:
    """An Encounter. ``inpatient`` for classes in which the hospital gives the medicines (emergency included)."""

    ref: str
    inpatient: bool
    current: bool
    start: Moment | None
    end: Moment | None
    reason: str = ""
    attender_ref: str | None = None


@dataclass(frozen=True, slots=True)
class Implant:
    """A Device or DeviceUseStatement."""

    ref: str
    concepts: frozenset[Concept]
    active: bool
    text: str = ""


@dataclass(frozen=True, slots=True)
class MedicineList:
    """A discharge or home medication list (List or Composition section)."""

    ref: str
    kind: Literal["discharge", "home"]
    at: Moment | None
    medicines: tuple[str, ...]  # references listed
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """A human action recorded on an earlier issue of ours."""

    ref: str
    rule: str
    at: Moment | None
    implicated: frozenset[str] = frozenset()
    override: bool = False  # a documented specialist decision to stay above a limit


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something in the input that was not used, or used with doubt. Never dropped in silence.

    ``kind``: unreadable, unknown-type, unsupported-version, unrecognised-medicine, medicine-conflict, unit, route,
    other-patient, future, not-used, conflict, assumption. ``needed`` marks trouble that may hide a high-severity
    hazard: the verdict then asks for data.
    """

    kind: str
    ref: str
    says: str
    path: str = ""  # FHIRPath-like place inside the resource
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """One patient's record at ``as_of``'s door. ``received`` says per resource type: answered, sent (else not sent)."""

    patient: Patient
    orders: tuple[Order, ...] = ()  # every medicine, folded, baclofen and others
    supplies: tuple[Supply, ...] = ()
    given: tuple[Given, ...] = ()
    measurements: Mapping[Concept, tuple[Measurement, ...]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    acts: tuple[Act, ...] = ()
    stays: tuple[Stay, ...] = ()
    implants: tuple[Implant, ...] = ()
    lists: tuple[MedicineList, ...] = ()
    acknowledgements: tuple[Acknowledgement, ...] = ()
    received: Mapping[str, Literal["answered", "sent"]] = field(default_factory=dict)
    troubles: tuple[Trouble, ...] = ()
    caregiver_ref: str | None = None  # RelatedPerson who speaks for the patient
    team_ref: str | None = None  # CareTeam lead or Organization to fall back on

    @property
    def baclofen(self) -> tuple[Order, ...]:
        """Every baclofen order of any route and status."""
        return tuple(order for order in self.orders if order.is_baclofen)

    def was_sent(self, *types: str) -> bool:
        """Was at least one of the resource types looked into (received, or answered empty)?"""
        return any(kind in self.received for kind in types)
