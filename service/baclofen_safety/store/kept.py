"""Answers that are kept for whoever asks the same again, and work that is to be done for one. No SQL here.

What was asked and what was answered is patient data: both are kept as bytes nobody here looks into, until a time, and
only for callers who wanted it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol


class Kind(StrEnum):
    """What an answer is kept for."""

    KEY = "key"
    MESSAGE = "message"
    JOB = "job"


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for one answer: what it is for, and a name known to the caller alone. The store keeps a hash of both."""

    kind: Kind
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Kept:
    """What a slot holds. ``asked`` is a mark of the question, ``answer`` is None while somebody works on it.

    ``question`` is there for jobs only; ``looked`` is when somebody last asked how far it is.
    """

    asked: str
    since: datetime
    until: datetime
    question: bytes = field(default=b"", repr=False)
    answer: bytes | None = field(default=None, repr=False)
    looked: datetime | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to answer, until the lease ends: then another may claim it, and this one is worth nothing."""

    slot: str
    lease: str


@dataclass(frozen=True, slots=True)
class Work:
    """A job that was claimed. ``tries`` counts this claim, too."""

    claim: Claim
    question: bytes = field(repr=False)
    since: datetime
    tries: int


class KeptAnswers(Protocol):
    """Usable by several threads and processes at once. Every method raises StoreError."""

    def claim(self, slot: Slot, asked: str, until: datetime, lease: timedelta) -> Claim | Kept:
        """The right to answer, for one only; for all others what the slot holds.

        A lease that ended without an answer is passed on to whoever asks next.
        """
        ...

    def add(self, slot: Slot, question: bytes, until: datetime) -> None:
        """Keep a question for which nobody has a claim yet."""
        ...

    def next(self, kind: Kind, lease: timedelta) -> Work | None:
        """Claim the oldest question that nobody works on."""
        ...

    def waiting(self, kind: Kind) -> int:
        """How many have no answer yet."""
        ...

    def keep(self, claim: Claim, answer: bytes, until: datetime | None = None) -> bool:
        """Keep the answer, in place of the question; no, if the claim was lost. ``until`` overrules what was said."""
        ...

    def drop(self, claim: Claim) -> None:
        """Nothing is kept: the next who asks begins anew."""
        ...

    def look(self, slot: Slot, *, note: bool = False) -> Kept | None:
        """What a slot holds. With ``note`` the next one is told that somebody looked now."""
        ...

    def forget(self, slot: Slot) -> bool:
        """Remove what a slot holds; whether there was something."""
        ...

    def forget_old(self) -> int:
        """Remove what has been kept long enough, and what the disk still holds of what was removed; how many."""
        ...
