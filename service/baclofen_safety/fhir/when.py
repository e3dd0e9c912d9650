"""FHIR dates, dateTimes and instants as moments in the patient's zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from ..core.moment import Moment, Precision

_SHAPE = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)"
    r"(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?\s?([Zz]|[+-]\d\d:?\d\d)?)?)?)?",
    re.ASCII,
)
_USUAL = re.compile(
    r"(?:19|[2-9]\d)\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)", re.ASCII
)
"""An instant as nearly every system writes it, from 1900 on; the standard library reads it at once."""
_FIRST_YEAR = 1900

NOT_TEXT = "not-text"  # a number, list or object where a date belongs
UNREADABLE = "unreadable"  # no such date
TOO_EARLY = "before-1900"
ZONE_LESS = "zone-less"  # a time without offset: read in the patient's zone, and told


def read_moment(value: object, zone: tzinfo) -> tuple[Moment | None, str | None]:
    """The moment a FHIR date, dateTime or instant stands for, and a word for what is wrong with it.

    Dates and zone-less times are of ``zone``; instants are carried in ``zone``. ``24:00`` is the next
    midnight and second 60 the next minute; fractions beyond microseconds are cut. A missing value is (None,
    None). Never raises.
    """
    if value is None:
        return None, None
    if not isinstance(value, str):
        return None, NOT_TEXT
    if _USUAL.fullmatch(value):
        try:
            return Moment.at(datetime.fromisoformat(value).astimezone(zone)), None
        except (ValueError, OverflowError):
            pass  # no such instant, or one of those below
    match = _SHAPE.fullmatch(value.strip())
    if match is None:
        return None, UNREADABLE
    if int(match[1]) < _FIRST_YEAR:
        return None, TOO_EARLY
    try:
        if match[4] is None:
            return _whole(match, zone), None
        return _instant(match, zone), None if match[8] else ZONE_LESS
    except (ValueError, OverflowError):
        return None, UNREADABLE


def read_end(value: object, zone: tzinfo) -> tuple[Moment | None, str | None]:
    """As ``read_moment``, for the end of a period: a whole day is included, so its end is the next midnight.

    The moment is exclusive and exact for a day or a time; a month or a year stays a range.
    """
    moment, trouble = read_moment(value, zone)
    if moment is not None and moment.precision == "day":
        moment = Moment.at(moment.last)
    return moment, trouble


def _whole(match: re.Match[str], zone: tzinfo) -> Moment:
    year, month, day = int(match[1]), int(match[2] or 1), int(match[3] or 1)
    first = datetime(year, month, day, tzinfo=zone)
    precision: Precision
    if match[3]:
        last, precision = datetime.combine(first + timedelta(days=1), first.time(), zone), "day"
    elif match[2]:
        last, precision = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=zone), "month"
    else:
        last, precision = datetime(year + 1, 1, 1, tzinfo=zone), "year"
    return Moment(first, last, precision)


def _instant(match: re.Match[str], zone: tzinfo) -> Moment:
    hour, minute, second = int(match[4]), int(match[5]), int(match[6] or 0)
    carry = timedelta()
    if hour == 24 and minute == second == 0:
        hour, carry = 0, timedelta(days=1)
    if second == 60:
        second, carry = 59, timedelta(seconds=1)
    micro = int((match[7] or "0")[:6].ljust(6, "0"))
    written = _offset(match[8], zone)
    instant = datetime(int(match[1]), int(match[2]), int(match[3]), hour, minute, second, micro, written) + carry
    return Moment.at(instant if written is zone else instant.astimezone(zone))


def _offset(text: str | None, zone: tzinfo) -> tzinfo:
    if text is None:
        return zone
    if text in "Zz":
        return UTC
    hours, minutes = int(text[1:3]), int(text[-2:])
    if minutes > 59 or hours > 14:
        raise ValueError(text)
    span = timedelta(hours=hours, minutes=minutes)
    return timezone(-span if text[0] == "-" else span)
