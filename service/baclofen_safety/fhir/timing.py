"""FHIR Timing: how often, from when, until when and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal

from ..core.moment import Moment
from .amounts import HOURS, hours_of, number
from .frequency import ONCE, Rhythm, from_clocks, from_times, read_frequency, times_a_day
from .when import read_end, read_moment

ONE = Decimal(1)
DAY_H = Decimal(24)
_LONGEST = timedelta(days=20 * 366)
_WEEK = frozenset(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))
_MEALS = frozenset(("C", "AC", "PC"))


@dataclass(frozen=True, slots=True)
class Timing:
    """What one ``timing`` says. ``unread``: paths inside it that could not be used; ``problems``: why."""

    rhythm: Rhythm | None = None
    start: Moment | None = None
    end: Moment | None = None  # exclusive
    length: timedelta | None = None
    weekdays: int = 7
    coded: Rhythm | None = None  # what timing.code says, when the repeat says something else
    problems: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    times: frozenset[str] = frozenset()  # of the day and of the week, as coded


NOTHING = Timing()


def read_timing(raw: object, zone: tzinfo) -> Timing:
    """A Timing of any FHIR version. Never raises: what does not fit is in ``unread`` and ``problems``."""
    if raw is None:
        return NOTHING
    if not isinstance(raw, dict):
        return Timing(problems=("the timing cannot be read",), unread=("",))
    return _Reader(zone).read(raw)


class _Reader:
    """One reading: collects what could not be used."""

    __slots__ = ("problems", "unread", "zone")

    def __init__(self, zone: tzinfo) -> None:
        self.zone = zone
        self.problems: list[str] = []
        self.unread: list[str] = []

    def read(self, raw: dict[str, object]) -> Timing:
        repeat = raw.get("repeat")
        rhythm: Rhythm | None = None
        start = end = length = None
        weekdays = 7
        if isinstance(repeat, dict):
            rhythm = self.rhythm(repeat)
            start, end, length = self.bounds(repeat)
            weekdays = self.weekdays(repeat)
            rhythm, length = self.counted(repeat, rhythm, length)
        elif repeat is not None:
            self.refuse(".repeat", "the timing cannot be read")
        coded = self.coded(raw.get("code")) if "code" in raw else None
        if "event" in raw:
            rhythm, start, end = self.events(raw["event"], rhythm, start, end)
        broken = bool(self.problems) and rhythm is None
        return Timing(
            rhythm or (None if broken else coded),
            start,
            end,
            length,
            weekdays,
            coded if rhythm is not None else None,
            tuple(self.problems),
            tuple(self.unread),
            _times(repeat) if isinstance(repeat, dict) else frozenset(),
        )

    def refuse(self, path: str, problem: str) -> None:
        self.unread.append(path)
        self.problems.append(problem)

    def rhythm(self, repeat: dict[str, object]) -> Rhythm | None:
        """Doses a day of ``repeat``; None when it does not say."""
        if not repeat.keys() & _SAYS_HOW_OFTEN:
            return None
        if not repeat.keys() & _SAYS_MORE and repeat.get("period") == 1 and repeat.get("periodUnit") == "d":
            plain = repeat.get("frequency")
            if type(plain) is int and 0 < plain <= 24:
                return times_a_day(plain)
        slots, clocks = self.slots(repeat), self.clocks(repeat)
        period_h = self.period_h(repeat)
        low = self.positive(repeat, "frequency")
        high = self.positive(repeat, "frequencyMax") or low
        if self.problems:
            return None
        if high is not None and low is not None and high < low:
            high = low
        if period_h is None:
            return clocks or (times_a_day(slots) if slots else None)
        if high is None and slots and period_h[0] == DAY_H:
            return times_a_day(slots)
        if high is None and not slots and clocks is None:
            self.unread.append(".repeat.frequency")  # read as once per period, and told
        at_least = Decimal(max(slots, int(clocks.per_day) if clocks else 0, 1))
        most = max(high or ONE, at_least)
        least = most if at_least > 1 and at_least >= (high or ONE) else min(low or most, most)
        rhythm = from_times(least, most, *period_h)
        if clocks is not None and clocks.per_day == rhythm.per_day:
            return clocks
        return rhythm

    def period_h(self, repeat: dict[str, object]) -> tuple[Decimal, Decimal] | None:
        """Shortest and longest period in hours."""
        if "period" not in repeat and "periodMax" not in repeat:
            return None
        unit = repeat.get("periodUnit", repeat.get("periodUnits"))
        hours = HOURS.get(unit) if isinstance(unit, str) else None
        first = self.positive(repeat, "period")
        last = self.positive(repeat, "periodMax")
        if hours is None:
            self.refuse(".repeat.periodUnit", "the time unit of the frequency is missing or not known")
            return None
        shortest = first or last
        if shortest is None:
            return None
        return min(shortest, last or shortest) * hours, max(shortest, last or shortest) * hours

    def positive(self, raw: dict[str, object], name: str) -> Decimal | None:
        if name not in raw:
            return None
        value = number(raw[name])
        if value is None or value <= 0:
            self.refuse(f".repeat.{name}", f"the {name} of the timing makes no sense")
            return None
        return value

    def slots(self, repeat: dict[str, object]) -> int:
        """Events of the day in ``when``; a bare "with meals" is three, unless there is a frequency too."""
        when = repeat.get("when")
        if when is None:
            return 0
        words = [when] if isinstance(when, str) else when
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            self.refuse(".repeat.when", "the times of day cannot be read")
            return 0
        meals = 1 if "frequency" in repeat else 3
        return sum(meals if word in _MEALS else 1 for word in set(words))

    def clocks(self, repeat: dict[str, object]) -> Rhythm | None:
        times = repeat.get("timeOfDay")
        if times is None:
            return None
        words = [times] if isinstance(times, str) else times
        try:
            if isinstance(words, list) and all(0 <= int(word[:2]) <= 24 for word in words):
                return from_clocks(tuple(words))
        except (ValueError, TypeError, KeyError):
            pass
        self.refuse(".repeat.timeOfDay", "the times of day cannot be read")
        return None

    def weekdays(self, repeat: dict[str, object]) -> int:
        days = repeat.get("dayOfWeek")
        if days is None:
            return 7
        words = [days] if isinstance(days, str) else days
        if not isinstance(words, list) or not all(isinstance(day, str) and day in _WEEK for day in words):
            self.refuse(".repeat.dayOfWeek", "the days of the week cannot be read")
            return 7
        return len(set(words)) or 7

    def counted(
        self, repeat: dict[str, object], rhythm: Rhythm | None, length: timedelta | None
    ) -> tuple[Rhythm | None, timedelta | None]:
        """``count``: one dose is a single administration; more give the length of the step."""
        if "count" not in repeat:
            return rhythm, length
        count = self.positive(repeat, "countMax") or self.positive(repeat, "count")
        if count is None:
            return rhythm, length
        if count == 1:
            return ONCE, length or timedelta(days=1)
        if rhythm is None or length is not None:
            return rhythm, length
        return rhythm, span(count / (rhythm.mean or rhythm.per_day) * DAY_H)

    def bounds(self, repeat: dict[str, object]) -> tuple[Moment | None, Moment | None, timedelta | None]:
        """Start, exclusive end and length; only what is recorded."""
        start = end = length = None
        if "boundsPeriod" in repeat:
            period = repeat["boundsPeriod"]
            if isinstance(period, dict):
                start = self.moment(period, "start")
                end = self.moment(period, "end")
            else:
                self.unread.append(".repeat.boundsPeriod")
        counted = next((key for key in ("boundsDuration", "boundsQuantity") if key in repeat), None)
        if counted is not None:
            length = self.length(repeat[counted], f".repeat.{counted}")
        elif "boundsRange" in repeat:
            limits = repeat["boundsRange"]
            sides = limits if isinstance(limits, dict) else {}
            length = self.length(sides.get("high", sides.get("low")), ".repeat.boundsRange")
        if start is not None and end is not None and not start.first < end.last <= start.first + _LONGEST:
            if start != end:
                self.unread.append(".repeat.boundsPeriod")
            end = None  # one instant is when a single dose is due; it ends nothing
        return start, end, length

    def moment(self, period: dict[str, object], side: str) -> Moment | None:
        read = read_end if side == "end" else read_moment
        moment, trouble = read(period.get(side), self.zone)
        if trouble:
            self.unread.append(f".repeat.boundsPeriod.{side}")
        return moment

    def length(self, raw: object, path: str) -> timedelta | None:
        if isinstance(raw, dict):
            value = number(raw.get("value"))
            hours = hours_of(raw)
            if value is not None and value > 0 and hours is not None:
                found = span(value * hours)
                if found is not None:
                    return found
        self.unread.append(path)
        return None

    def coded(self, raw: object) -> Rhythm | None:
        """The rhythm of ``timing.code``: codes, displays, then text."""
        if not isinstance(raw, dict):
            if raw is not None:
                self.unread.append(".code")
            return None
        coding = raw.get("coding")
        words: list[object] = [raw.get("text")]
        if isinstance(coding, list):
            words += [c.get(key) for c in coding if isinstance(c, dict) for key in ("code", "display")]
        readings = (read_frequency(word) for word in words if isinstance(word, str) and len(word) < 200)
        found = [reading for reading in readings if reading is not None]
        return max(found, key=lambda r: r.per_day, default=None)

    def events(
        self, raw: object, rhythm: Rhythm | None, start: Moment | None, end: Moment | None
    ) -> tuple[Rhythm | None, Moment | None, Moment | None]:
        """``timing.event``: single administrations at stated times."""
        listed = raw if isinstance(raw, list) else [raw]
        moments = sorted((m for m in (read_moment(e, self.zone)[0] for e in listed) if m), key=lambda m: m.first)
        if len(moments) < len(listed):
            self.unread.append(".event")
        if not moments:
            return rhythm, start, end
        start = start or moments[0]
        if rhythm is not None:
            return rhythm, start, end
        if len(listed) == 1:
            return ONCE, start, end
        days = [moment.day for moment in moments]
        most = max(days.count(day) for day in set(days))
        return times_a_day(most), start, end or Moment.at(_next_day(moments[-1]))


def _times(repeat: dict[str, object]) -> frozenset[str]:
    told = (repeat.get(key) for key in ("when", "timeOfDay", "dayOfWeek"))
    return frozenset(str(one) for said in told if said for one in (said if isinstance(said, list) else [said]))


_SAYS_MORE = frozenset(("frequencyMax", "periodMax", "when", "timeOfDay"))
_SAYS_HOW_OFTEN = frozenset(
    ("frequency", "frequencyMax", "period", "periodMax", "periodUnit", "periodUnits", "when", "timeOfDay")
)


def _next_day(moment: Moment) -> datetime:
    midnight = moment.first.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=1)


def span(hours: Decimal) -> timedelta | None:
    """Hours as a timedelta; None above twenty years."""
    length = timedelta(hours=float(hours)) if hours <= Decimal(20 * 366 * 24) else None
    return length or None
