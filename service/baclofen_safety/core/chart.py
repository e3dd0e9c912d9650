"""The chart: one patient's record as the rules see it. Codes, units and FHIR shapes stay outside.

Every record carries ``ref``, the reference of the resource it was read from, so that evidence can name it. Doses of
oral baclofen are milligrams, of intrathecal baclofen micrograms; concentrations are mg/mL.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from .caching import cached_property
from .concepts import Concept
from .fact import How, Need
from .medicines import Given, Medicine, Order, Supply
from .moment import Moment

Sex = Literal["male", "female"]


@dataclass(frozen=True, slots=True)
class Patient:
    """The one person judged. ``ref`` is ``Patient/<id>`` or the reference the orders use when no Patient was sent."""

    ref: str
    birth: Moment | None = None
    sex: Sex | None = None
    deceased: bool = False
    died: Moment | None = None
    language: str | None = None
    staffed_home: bool = False  # an address where staff are present day and night


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
    upper_normal: Decimal | None = None  # of the laboratory, in ``unit``
    device: str | None = None  # the device that measured, or was read

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
    seen: Moment | None = None  # last encounter that names it
    loosely: bool = False  # words of a kidney disease that was, may be or is another's

    @property
    def says(self) -> str:
        """Its own words; where nobody sent any, its code."""
        return self.text or f"code {self.code}".rstrip()


@dataclass(frozen=True, slots=True)
class Act:
    """Something done, planned or on file: Procedure, ServiceRequest, Appointment, NutritionOrder, CarePlan,
    Communication, DocumentReference."""

    ref: str
    kind: str  # the FHIR resource type
    concepts: frozenset[Concept]
    state: Literal["done", "planned", "active", "not-done", "unsure"]
    start: Moment | None = None
    end: Moment | None = None
    text: str = ""
    booked: bool = False  # an appointment that is fixed, not only proposed
    authored: Moment | None = None  # when a service was asked for
    based_on: frozenset[str] = frozenset()  # the requests it fulfils
    medicine: Medicine | None = None  # what a procedure used: the product a pump was filled with
    loosely: bool = False  # a booking whose words speak of dialysis without being it


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
    people: frozenset[str] = frozenset()  # who took part, as comparable as ``Order.requester``
    service: str = ""  # its kind and service in words


@dataclass(frozen=True, slots=True)
class Implant:
    """A Device or DeviceUseStatement. ``model`` is a name of ``pump_words.toml``; "" when none of them was said."""

    ref: str
    concepts: frozenset[Concept]
    active: bool
    text: str = ""
    model: str = ""
    maker: str = ""
    since: Moment | None = None  # start of its use in this patient
    made: Moment | None = None
    off: bool = False  # operational status off or standby


@dataclass(frozen=True, slots=True)
class Allergy:
    """An AllergyIntolerance that may hold: not refuted, not entered in error, not inactive.

    ``medicine`` is what it is against when that is a medicine; ``concepts`` what else (excipients). ``reactions`` are
    the recorded manifestations, each with the concepts of its codes or words and the words themselves.
    """

    ref: str
    medicine: Medicine | None
    concepts: frozenset[Concept] = frozenset()
    state: Literal["active", "possible"] = "active"
    kind: Literal["allergy", "intolerance"] | None = None
    high: bool = False  # criticality high
    criticality_known: bool = False
    reactions: tuple[tuple[frozenset[Concept], str], ...] = ()
    onset: Moment | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Child:
    """A child of the patient (RelatedPerson) with a birth date."""

    ref: str
    birth: Moment


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
class RaisedIssue:
    """An earlier issue of ours that was given for good (not for a draft), acted on or not."""

    ref: str
    rule: str
    at: Moment | None
    severity: str = ""
    implicated: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody on record who may be asked about the patient; ``reachable`` by phone, address or e-mail."""

    ref: str
    reachable: bool


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something in the input that was not used, or used with doubt. Never dropped in silence.

    ``kind``: unreadable, unknown-type, unsupported-version, unrecognised-medicine, unrecognised-condition,
    unrecognised-procedure, medicine-conflict, unit, route, other-patient, future, not-used, conflict, assumption.
    ``needed`` marks trouble that may hide a high-severity hazard: the verdict then asks for data.
    """

    kind: str
    ref: str
    says: str
    path: str = ""  # FHIRPath-like place inside the resource
    needed: bool = False


@dataclass(frozen=True)
class Chart:
    """One patient's record at ``as_of``'s door. ``received`` says per resource type: answered, sent (else not sent)."""

    patient: Patient
    orders: tuple[Order, ...] = ()  # every medicine, folded, baclofen and others
    withdrawn: tuple[Order, ...] = ()  # ran, and then were marked as entered in error: as they were before
    supplies: tuple[Supply, ...] = ()
    given: tuple[Given, ...] = ()
    measurements: Mapping[Concept, tuple[Measurement, ...]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    acts: tuple[Act, ...] = ()
    stays: tuple[Stay, ...] = ()
    implants: tuple[Implant, ...] = ()
    lists: tuple[MedicineList, ...] = ()
    allergies: tuple[Allergy, ...] = ()
    acknowledgements: tuple[Acknowledgement, ...] = ()
    raised: tuple[RaisedIssue, ...] = ()
    contacts: tuple[Contact, ...] = ()
    children: tuple[Child, ...] = ()
    maternal: tuple[Order, ...] = ()  # baclofen of the mother, from her own record linked to this one
    received: Mapping[str, Literal["answered", "sent"]] = field(default_factory=dict)
    searched: Mapping[str, frozenset[Concept]] = field(default_factory=dict)  # by type what alone was searched for
    partial: frozenset[str] = frozenset()  # types of which a search failed, or brought a part
    troubles: tuple[Trouble, ...] = ()
    caregiver_ref: str | None = None  # RelatedPerson who speaks for the patient
    team_ref: str | None = None  # CareTeam lead or Organization to fall back on

    @cached_property
    def baclofen(self) -> tuple[Order, ...]:
        """Every baclofen order of any route and status."""
        return tuple(order for order in self.orders if order.is_baclofen)

    @cached_property
    def records_baclofen(self) -> bool:
        """Is there any record of baclofen as a medicine: ordered, handed over, given, entered in error?"""
        records: tuple[Order | Supply | Given, ...] = (*self.orders, *self.withdrawn, *self.supplies, *self.given)
        return any(record.medicine.is_baclofen for record in records)

    def was_sent(self, *types: str) -> bool:
        """Was at least one of the resource types looked into (received, or answered empty)?"""
        return not self.received.keys().isdisjoint(types)

    def was_answered(self, needs: Iterable[Need]) -> bool:
        """Was one of these looked into: its type as a whole, or by a search for just these concepts?"""
        return any(
            self.was_sent(need.resource)
            or (bool(need.concepts) and self.searched.get(need.resource, frozenset()).issuperset(need.concepts))
            for need in needs
        )
