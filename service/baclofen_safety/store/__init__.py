"""What is kept between requests: feedback on cards, tokens that were used, marks of what was shown, answers that may be
asked for again. No SQL here."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from ..errors import Unavailable
from .kept import KeptAnswers

Outcome = Literal["accepted", "overridden"]


class StoreError(Unavailable):
    """The store cannot be opened or used. The message carries nothing of what was to be kept, and no password."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a card was overridden, as the client coded it. ``system`` and ``code`` may be empty."""

    system: str
    code: str
    display: str = ""


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a person did with one card. ``comment`` may hold patient data: it is kept apart, and shown nowhere.

    ``at`` is the client's time of the outcome, ``received`` ours; both aware. ``rule`` is None when the card is not
    one of ours.
    """

    card: str
    outcome: Outcome
    at: datetime
    received: datetime
    service: str
    client: str
    rule: str | None = None
    reasons: tuple[Reason, ...] = ()
    suggestions: tuple[str, ...] = ()
    comment: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class OutcomeCount:
    """How often a service's cards of one rule had one outcome."""

    rule: str | None
    service: str
    outcome: Outcome
    count: int


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """How often a reason was given for overriding; ``reason`` is None for overrides without one."""

    rule: str | None
    service: str
    reason: Reason | None
    count: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Every count, seen at one moment. An override with two reasons counts once as outcome and once for each reason."""

    outcomes: tuple[OutcomeCount, ...]
    reasons: tuple[ReasonCount, ...]


class Store(Protocol):
    """Usable by several threads and processes at once. Every method but ``close`` raises StoreError."""

    @property
    def in_memory(self) -> bool:
        """Whether everything is lost when this process ends, and unknown to the others."""
        ...

    @property
    def answers(self) -> KeptAnswers:
        """Answers that may be asked for again."""
        ...

    def ready(self) -> None:
        """Make what is missing. Called by the first use; at start it finds a store that cannot be used."""
        ...

    def check(self) -> None:
        """Ask the database something small: whoever may not be sent to a broken store asks this first."""
        ...

    def add_feedback(self, rows: Sequence[Feedback]) -> int:
        """Keep all or none; how many were new. Client, card, outcome and time make one feedback."""
        ...

    def figures(self, client: str | None = None) -> Figures:
        """What was counted so far, of one client only when it is named."""
        ...

    def forget_comments(self, before: datetime) -> int:
        """Remove the comments received before; how many. The counts stay, and a repetition brings none back."""
        ...

    def remember_token(self, issuer: str, jti: str, until: datetime) -> bool:
        """Whether this token is seen for the first time; it is remembered ``until`` then."""
        ...

    def remember_shown(self, marks: Collection[str], until: datetime) -> None:
        """Keep ``until`` then that these findings were shown; a mark is a hash nobody else can make or undo."""
        ...

    def shown(self, marks: Collection[str]) -> frozenset[str]:
        """Which of these were shown and are not forgotten yet."""
        ...

    def close(self) -> None:
        """Let go of every connection."""
        ...
