"""One resource under the reader's eyes: typed access that tells what it cannot read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ..core.chart import (
    Acknowledgement,
    Act,
    Allergy,
    Child,
    Contact,
    Implant,
    Measurement,
    MedicineList,
    Problem,
    RaisedIssue,
    Stay,
    Trouble,
)
from ..core.concepts import Concept
from ..core.medicines import Given, Order, SaidOver, Supply
from ..core.moment import Moment
from ..terminology.lookup import Coding, Terminology
from .bundle import Json, Record
from .resource_types import DECISIVE
from .versions import FhirVersion
from .when import ZONE_LESS, read_end, read_moment

if TYPE_CHECKING:
    from .patients import Subject

Words = tuple[list[Coding], str]
"""The codings and the text of a CodeableConcept."""

NO_WORDS: Words = ([], "")
_TEXT = frozenset({str, type(None)})


@dataclass(slots=True)
class Intake:
    """What has been read so far, and what every reader needs to know."""

    record: Record
    terms: Terminology
    as_of: datetime
    latest: datetime  # as_of and the five minutes by which clocks may differ
    patient_ref: str
    zone: tzinfo
    troubles: list[Trouble]
    declared: FhirVersion | None = None  # the version the sender names
    birth: Moment | None = None
    medicines: dict[str, Any] = field(default_factory=dict)  # Medication reference -> medicine read
    orders: list[Order] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)  # orders entered in error
    supplies: list[Supply] = field(default_factory=list)
    given: list[Given] = field(default_factory=list)
    measurements: dict[Concept, list[Measurement]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    seen: dict[str, list[Moment]] = field(default_factory=dict)  # condition -> starts of the encounters that name it
    acts: list[Act] = field(default_factory=list)
    stays: list[Stay] = field(default_factory=list)
    implants: list[Implant] = field(default_factory=list)
    lists: list[MedicineList] = field(default_factory=list)
    allergies: list[Allergy] = field(default_factory=list)
    acknowledgements: list[Acknowledgement] = field(default_factory=list)
    raised: list[RaisedIssue] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    changes: dict[str, list[Moment]] = field(default_factory=dict)  # order -> recorded times of a status change
    said_over: dict[str, SaidOver] = field(default_factory=dict)  # order -> what says that it was stopped or held
    resumes: dict[str, Moment] = field(default_factory=dict)  # order -> planned end of a hold
    children: list[Child] = field(default_factory=list)
    mother: Subject | None = None  # whose own orders of baclofen are read too
    maternal: list[Order] = field(default_factory=list)
    weight_kg: Decimal | None = None  # newest weight of the last year, for doses per kg
    caregiver_ref: str | None = None
    team_ref: str | None = None


class Page:
    """A resource, its canonical reference and the intake it belongs to."""

    __slots__ = ("inside", "intake", "kind", "ref", "resource")

    def __init__(self, intake: Intake, resource: Json, ref: str, kind: str, inside: str = "") -> None:
        self.intake = intake
        self.resource = resource
        self.ref = ref
        self.kind = kind
        self.inside = inside

    def within(self, inside: str) -> Page:
        """The same resource, where every place told is below this one ("component.")."""
        return Page(self.intake, self.resource, self.ref, self.kind, f"{self.inside}{inside}")

    def tell(self, kind: str, says: str, path: str = "", *, needed: bool = False) -> None:
        """Add a trouble with this resource."""
        self.intake.troubles.append(Trouble(kind, self.ref, says, f"{self.inside}{path}", needed))

    def stumble(self, path: str, expected: str, *, needed: bool | None = None) -> None:
        """Tell that ``path`` cannot be read; needed when the resource type decides."""
        decides = self.kind in DECISIVE if needed is None else needed
        self.tell(
            "unreadable", f"{self.kind}.{self.inside}{path} cannot be read: expected {expected}", path, needed=decides
        )

    def string(self, key: str, holder: Json | None = None, at: str = "") -> str:
        """A string element; "" when absent, or told."""
        value = (self.resource if holder is None else holder).get(key)
        if value is None or type(value) is str:
            return value or ""
        self.stumble(f"{at}{key}", "a string")
        return ""

    def flag(self, key: str) -> bool | None:
        """A boolean element; None when absent, or told."""
        value = self.resource.get(key)
        if value is None or type(value) is bool:
            return value
        if value in ("true", "false"):
            return bool(value == "true")
        self.stumble(key, "true or false")
        return None

    def element(self, key: str, holder: Json | None = None, at: str = "") -> Json:
        """An object element; empty when absent, or told. The first of a list is taken."""
        value = (self.resource if holder is None else holder).get(key)
        if value is None:
            return {}
        if type(value) is dict:
            return value
        if type(value) is list and value and type(value[0]) is dict:
            return value[0]
        if value != []:
            self.stumble(f"{at}{key}", "an object")
        return {}

    def elements(self, key: str, holder: Json | None = None, at: str = "") -> list[Json]:
        """The objects of a list element; one object stands for a list of one. Other items are told."""
        value = (self.resource if holder is None else holder).get(key)
        if value is None:
            return []
        if type(value) is dict:
            return [value]
        if type(value) is not list:
            self.stumble(f"{at}{key}", "a list of objects")
            return []
        kept = [each for each in value if type(each) is dict]
        if len(kept) != len(value):
            self.stumble(f"{at}{key}", "a list of objects")
        return kept

    def words(self, value: object, at: str) -> Words:
        """Codings and text of a CodeableConcept, a Coding, a code or (told) a string in its place."""
        if value is None:
            return NO_WORDS
        if type(value) is str:
            self.stumble(at, "a CodeableConcept, found a string, used as its text")
            return [], value
        if type(value) is not dict:
            self.stumble(at, "a CodeableConcept")
            return NO_WORDS
        codings = value.get("coding")
        if codings is None and ("code" in value or "system" in value):
            codings = [value]
        text = value.get("text")
        if text is not None and type(text) is not str:
            self.stumble(f"{at}.text", "a string")
            text = None
        return ([] if codings is None else self._codings(codings, f"{at}.coding")), text or ""

    def _codings(self, value: object, at: str) -> list[Coding]:
        if type(value) is dict:
            value = [value]
        if type(value) is not list:
            self.stumble(at, "a list of codings")
            return []
        found: list[Coding] = []
        for index, each in enumerate(value):
            if type(each) is not dict:
                self.stumble(f"{at}[{index}]", "a Coding")
                continue
            system, code, display = each.get("system"), each.get("code"), each.get("display")
            if type(code) is int:
                code = str(code)
            if not (type(system) in _TEXT and type(code) in _TEXT and type(display) in _TEXT):
                self.stumble(f"{at}[{index}]", "a Coding of strings")
                system, code, display = (part if type(part) is str else "" for part in (system, code, display))
            found.append((system or "", code or "", display or ""))
        return found

    def concept(self, key: str) -> Words:
        """The CodeableConcept under ``key``; of a list, the codings and the texts of all."""
        value = self.resource.get(key)
        if value is None:
            return NO_WORDS
        if type(value) is not list:
            return self.words(value, key)
        codings: list[Coding] = []
        texts: list[str] = []
        for index, each in enumerate(value):
            more, text = self.words(each, f"{key}[{index}]")
            codings += more
            if text:
                texts.append(text)
        return codings, "; ".join(texts)

    def moment(self, key: str, holder: Json | None = None, at: str = "", *, is_end: bool = False) -> Moment | None:
        """A date, dateTime or instant; None when absent, or told. A day as an end includes that day."""
        value = (self.resource if holder is None else holder).get(key)
        if value is None:
            return None
        moment, wrong = (read_end if is_end else read_moment)(value, self.intake.zone)
        if moment is None:
            self.stumble(f"{at}{key}", "a date or a time from 1900 on")
        elif wrong == ZONE_LESS:
            self.tell("assumption", "time without a zone, read in the patient's zone", f"{at}{key}")
        return moment

    def period(self, key: str, holder: Json | None = None, at: str = "") -> tuple[Moment | None, Moment | None]:
        """Start and (exclusive) end of a Period."""
        value = self.element(key, holder, at)
        if not value:
            return None, None
        at = f"{at}{key}."
        return self.moment("start", value, at), self.moment("end", value, at, is_end=True)

    def finished(self, key: str) -> Moment | None:
        """The end of a Period as it was written: a day is that day, not the midnight after it."""
        return self.moment("end", self.element(key), f"{key}.")

    def reference(self, key: str, holder: Json | None = None, at: str = "") -> str | None:
        """The canonical reference an element names; None when absent, by identifier only, or told."""
        value = self.element(key, holder, at)
        target = value.get("reference")
        if target is None:
            return None
        if type(target) is not str:
            self.stumble(f"{at}{key}.reference", "a string")
            return None
        return self.intake.record.name(target) if target else None

    def references(self, key: str) -> frozenset[str]:
        """The canonical references of a list of References."""
        name = self.intake.record.name
        return frozenset(name(each["reference"]) for each in self.elements(key) if type(each.get("reference")) is str)


def shown(words: Words) -> str:
    """What people read of a CodeableConcept: its text, else the first display."""
    codings, text = words
    return text or next((display for _, _, display in codings if display), "")
