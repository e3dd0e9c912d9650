"""What is shown at a moment, before it is laid out in cards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..core.chart import Trouble
from ..core.medicines import Order
from ..core.verdict import Issue, OpenQuestion
from .changes import Change


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown: findings, and what kept this moment from being judged."""

    issues: tuple[Issue, ...] = ()
    questions: tuple[OpenQuestion, ...] = ()
    habitual: tuple[OpenQuestion, ...] = ()  # told beside other things that were not checked, else not
    troubles: tuple[Trouble, ...] = ()
    lost: bool = False  # an order the moment is about was not sent, or cannot be read
    elsewhere: bool = False  # baclofen is in the session, and not as the medicine of an order
    changes: tuple[Change, ...] = ()  # of running baclofen, which may end or cut it
    unpaired: tuple[str, ...] = ()  # sedating medicines, ordered where all baclofen is stopped or held
    beside: tuple[Order, ...] = ()  # running orders that stay beside the steps in their place
    pump: tuple[str, ...] = ()  # words about it that nobody recognised
    missing: Mapping[str, str] | None = None  # by prefetch key
    why: str = ""  # phrase key of the knowledge, when nothing was judged at all

    @property
    def unchecked(self) -> bool:
        """Must it be said that something was not checked?"""
        open_ones = self.questions or self.troubles or self.grave or self.unpaired or self.beside
        return bool(open_ones or self.lost or self.elsewhere or self.missing or self.why)

    @property
    def grave(self) -> bool:
        """May what was not checked end or cut baclofen?"""
        return bool(self.changes or self.pump)
