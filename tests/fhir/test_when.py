"""FHIR dates and times as moments."""

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baclofen_safety.fhir.when import read_end, read_moment

ZONE = timezone(timedelta(hours=1))

READINGS = [
    ("2026-11-20", "2026-11-20T00:00+01:00", "2026-11-21T00:00+01:00", "day", None),
    ("2026-11", "2026-11-01T00:00+01:00", "2026-12-01T00:00+01:00", "month", None),
    ("2026-12", "2026-12-01T00:00+01:00", "2027-01-01T00:00+01:00", "month", None),
    ("2026", "2026-01-01T00:00+01:00", "2027-01-01T00:00+01:00", "year", None),
    ("2026-11-20T10:00:00Z", "2026-11-20T11:00+01:00", "2026-11-20T11:00+01:00", "time", None),
    ("2026-11-20T10:00:00.123456789-05:00", "2026-11-20T16:00:00.123456+01:00", None, "time", None),
    ("2026-11-20T24:00:00+01:00", "2026-11-21T00:00+01:00", None, "time", None),
    ("2026-11-20T23:59:60+01:00", "2026-11-21T00:00+01:00", None, "time", None),
    ("2026-11-20T10:00:00", "2026-11-20T10:00+01:00", None, "time", "zone-less"),
    ("2026-11-20 10:00", "2026-11-20T10:00+01:00", None, "time", "zone-less"),
]


@pytest.mark.parametrize(("text", "first", "last", "precision", "trouble"), READINGS)
def test_readings(text: str, first: str, last: str | None, precision: str, trouble: str | None) -> None:
    moment, said = read_moment(text, ZONE)
    assert moment is not None
    assert moment.first == datetime.fromisoformat(first)
    assert moment.last == datetime.fromisoformat(last or first)
    assert moment.first.utcoffset() == timedelta(hours=1)
    assert (moment.precision, said) == (precision, trouble)


@pytest.mark.parametrize(
    ("value", "trouble"),
    [
        (None, None),
        ("", "unreadable"),
        ("soon", "unreadable"),
        ("2026-02-30", "unreadable"),
        ("2026-13", "unreadable"),
        ("20261120", "unreadable"),
        ("2026-11-20T25:00:00Z", "unreadable"),
        ("2026-11-20T10:00:00+15:00", "unreadable"),
        ("9999-12-31", "unreadable"),
        ("0001-01-01", "before-1900"),
        ("${DATE, T, D, -40}", "unreadable"),
        (20261120, "not-text"),
        (["2026"], "not-text"),
    ],
)
def test_what_cannot_be_read(value: object, trouble: str | None) -> None:
    assert read_moment(value, ZONE) == (None, trouble)


def test_the_last_day_of_a_period_is_included() -> None:
    end, _ = read_end("2026-11-20", ZONE)
    assert end is not None
    assert end.first == end.last == datetime(2026, 11, 21, tzinfo=ZONE)
    month, _ = read_end("2026-11", ZONE)
    assert month is not None and month.precision == "month"


@given(st.text(alphabet="0123456789-:TZ+. ", max_size=30) | st.text(max_size=10) | st.integers() | st.none())
def test_never_raises(value: object) -> None:
    for read in (read_moment, read_end):
        moment, trouble = read(value, ZONE)
        assert moment is None or moment.first <= moment.last
        assert value is None or moment is not None or trouble
