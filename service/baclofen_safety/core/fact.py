"""Every fact is known, or unknown for a reason. "No" is a known fact; silence is not."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Generic, Literal, TypeVar

T = TypeVar("T")
How = Literal["coded", "text", "computed", "assumed"]
Part = Literal[
    "birth",
    "sex",
    "dose",
    "times",
    "route",
    "state",
    "start",
    "date",
    "period",
    "refills",
    "length",
    "value",
    "certainty",
    "model",
    "stay",
]
"""What of a resource must be filled to be of use."""


class Reason(StrEnum):
    """Why a fact is unknown."""

    NOT_SENT = "not-sent"
    UNREADABLE = "unreadable"
    UNIT_MISSING = "unit-missing"
    NOT_COMPUTABLE = "not-computable"
    TOO_OLD = "too-old"
    NOT_RECOGNISED = "not-recognised"
    CONFLICT = "conflict"
    PARTIAL_DATE = "partial-date"
    NOT_FINAL = "not-final"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A resource and the value judged in it, in words a clinician reads: ("Observation/1", "eGFR 40.5 ...")."""

    reference: str
    says: str


@dataclass(frozen=True, slots=True)
class Need:
    """Data that would close a gap: a FHIR resource type, the concepts wanted (any of them), how far back (a day, or an
    instant), and what must be filled."""

    resource: str
    concepts: tuple[str, ...] = ()
    since: date | None = None
    parts: tuple[Part, ...] = ()


BIRTH = Need("Patient", parts=("birth",))
DOSED = Need("MedicationRequest", ("med-baclofen",), parts=("dose", "times"))
STARTED = Need("MedicationRequest", ("med-baclofen",), parts=("start",))
ENDED = Need("MedicationRequest", ("med-baclofen",), parts=("period",))


@dataclass(frozen=True, slots=True)
class Known(Generic[T]):
    """A fact that was found, readable and in its window."""

    value: T
    evidence: tuple[Evidence, ...] = ()
    how: How = "coded"


@dataclass(frozen=True, slots=True)
class Unknown:
    """A fact nobody may read as "no". ``about`` says in words what is missing or wrong."""

    reason: Reason
    about: str = ""
    needs: tuple[Need, ...] = ()
    evidence: tuple[Evidence, ...] = field(default=())


Fact = Known[T] | Unknown


def is_yes(fact: Fact[bool]) -> bool:
    """True only when the fact is known and true."""
    return isinstance(fact, Known) and fact.value


def is_no(fact: Fact[bool]) -> bool:
    """True only when the fact is known and false."""
    return isinstance(fact, Known) and not fact.value
