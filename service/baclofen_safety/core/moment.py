"""Points in time as precisely as they were recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

Precision = Literal["time", "day", "month", "year"]
_LENGTHS: dict[Precision, int] = {"time": 16, "day": 10, "month": 7, "year": 4}
"""Characters of an ISO date and time, without its offset, that each precision knows."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A recorded point in time: every instant from ``first`` up to, not including, ``last``.

    An exact time has ``first == last``. A date runs from its midnight to the next, in the patient's zone; a year
    or a year-month runs over the whole of it. Both ends are aware datetimes.
    """

    first: datetime
    last: datetime
    precision: Precision

    @classmethod
    def at(cls, instant: datetime) -> Moment:
        """The exact moment of an aware datetime."""
        return cls(instant, instant, "time")

    @property
    def day(self) -> date:
        """The calendar day on which the moment begins, in the zone it carries."""
        return self.first.date()

    @property
    def exact(self) -> bool:
        """True for a time or a whole day; False for a month or a year (the answer may differ over the range)."""
        return self.precision in ("time", "day")

    def within(self, window: timedelta, as_of: datetime) -> bool:
        """Is the moment inside ``[as_of - window, as_of]``? A date counts by calendar days, both ends in."""
        if self.first > as_of:
            return False
        if self.precision == "time":
            return as_of - window <= self.first
        return (as_of - window).date() <= (self.last - timedelta(microseconds=1)).date()

    def days_before(self, as_of: datetime) -> int:
        """Whole calendar days from the moment's first day to the day of ``as_of``; negative when it lies ahead."""
        return (as_of.date() - self.first.astimezone(as_of.tzinfo).date()).days

    def __str__(self) -> str:
        return self.first.isoformat(" ", "minutes")[: _LENGTHS[self.precision]]
