"""Free-text sigs: read when they say one thing, else not at all."""

from decimal import Decimal

import pytest
from dosages import LIQUID, PLAIN, PUMP, TABLETS, terms
from hypothesis import given, settings
from hypothesis import strategies as st

from baclofen_safety.fhir.sig import read_sig, route_from_sig

READ = [
    ("Take 2 tablets (20 mg total) by mouth 3 (three) times a day., Starting Sun 11/1/2026, Normal", "60"),
    ("10 mg = 1 tab, Oral, TID", "30"),
    ("10 mg tds", "30"),
    ("10mg t.d.s.", "30"),
    ("10 mg BD", "20"),
    ("10 mg qid", "40"),
    ("20 mg nocte", "20"),
    ("1 tab PO TID", "30"),
    ("one tablet three times a day with meals", "30"),
    ("one and a half tablets twice a day", "30"),
    ("½ tablet twice daily", "10"),
    ("take 1-2 tablets 3 times a day", "60"),
    ("5 to 10 mg three times daily", "30"),
    ("10 mg every 8 hours", "30"),
    ("10 mg q6-8h", "40"),
    ("10 mg in the morning and at night", "20"),
    ("12.5 mg three times daily", "37.5"),
    ("30 mg daily in 3 divided doses", "30"),
    ("10 mg every other day", "10"),
    ("Take 20 mg by mouth 3 times a day for 90 days. Disp-270 tablet, R-3", "60"),
    ("1-1-1-0", "30"),
    ("½-0-1", "15"),
    ("3x täglich 1 Tablette", "30"),
    ("1 Tablette morgens, mittags und abends", "30"),
    ("2,5 mg zweimal täglich", "5"),
    ("1 comprimé 3 fois par jour", "30"),
    ("1 cp x3/j", "30"),
    ("1 cp matin, midi et soir", "30"),
    ("One tablet to be taken four times a day", "40"),
    ("2 tablets to be taken at 08:00 for two days. Take these tablets with or after food.", "20"),
    ("1 tablet at 08:00, 14:00 and 20:00", "30"),
    ("10 mg at 8am and 2 pm", "20"),
    ("10 mg tid at 08:00, 14:00 and 20:00", "30"),
    ("Takes 1-2 tablets once daily at bedtime as needed for restless legs", "20"),
    ("one to two tablets every 4-6 hours as needed for rib pain", "120"),
]


@pytest.mark.parametrize(("text", "daily"), READ)
def test_one_thing_is_read(text: str, daily: str) -> None:
    reading = read_sig(text, TABLETS, terms())
    assert reading is not None
    assert reading.daily == Decimal(daily)


UNREAD = [
    "as directed",
    "1/2 cp matin et soir 3 jours puis 1 cp x3/j",
    "5 mg TID for 3 days, then 10 mg TID",
    "increase by 5 mg every 3 days",
    "10 mg in the morning and 20 mg at night",
    "10 mg tid and 10 mg at bedtime",
    "10 mg twice daily or three times daily",
    "10 mg TID hold for sedation",
    "10 mg Monday and Friday",
    "1 tds",
    "10 mg at 8am, 20 mg at 8pm",
    "10 mg 8am-8pm",
    "10 mg 8am to 8pm",
    "10 mg twice a day at 08:00",
    "10 mg in the morning or as directed",
    "One to be taken three times a day",
    "One three times a day",
    "10 mg tablets, take 2 three times a day",
    "2 tablets 10 mg tid",
    "10 mg x 3 d",
    "1,000 mcg daily",
    "5 mg/kg tid",
    "week 1 10 mg daily",
    "from 280 mcg/day to 300 mcg/day",
    "x" * 600,
]


@pytest.mark.parametrize("text", UNREAD)
def test_more_or_less_than_one_thing_is_not(text: str) -> None:
    reading = read_sig(text, TABLETS, terms())
    assert reading is None or (reading.daily is None and reading.single is None)


def test_parts_of_a_dose() -> None:
    only_dose = read_sig("10 mg", TABLETS, terms())
    assert only_dose is not None and (only_dose.single, only_dose.rhythm) == (10, None)
    prn = read_sig("1 tablet every 6 to 8 hours as needed, max 3 tablets per day", TABLETS, terms())
    assert prn is not None and (prn.as_needed, prn.max_daily, prn.daily) == (True, 30, 40)
    once = read_sig("10 mg once", TABLETS, terms())
    assert once is not None and once.rhythm is not None and once.rhythm.once


def test_the_product_decides() -> None:
    assert read_sig("1 tablet tid", PLAIN, terms()).daily is None  # type: ignore[union-attr]
    assert read_sig("1-0-1", LIQUID, terms()).daily is None  # type: ignore[union-attr]
    assert read_sig("5 mL (5 mg) via g-tube tid", LIQUID, terms()).daily == 15  # type: ignore[union-attr]
    assert read_sig("5 mL (10 mg) tid", LIQUID, terms()) is None
    assert read_sig("2 tablets (20 mg total) tid", PLAIN, terms()).daily == 60  # type: ignore[union-attr]


def test_a_pump() -> None:
    reading = read_sig("Refill pump 20 mL; 280 mcg/day via IT pump", PUMP, terms())
    assert reading is not None
    assert (reading.daily, reading.volume_ml, reading.written_unit) == (Decimal("0.280"), 20, "mcg/day")
    assert read_sig("2000 mcg/mL, 350 mcg/day simple continuous", PUMP, terms()).daily == Decimal("0.35")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "route"),
    [
        ("Take 10 mg by mouth three times daily", "route-oral"),
        ("280 mcg/day via IT pump", "route-intrathecal"),
        ("10 mg tds", None),
        ("inject 10 units subcut", "route-subcutaneous"),
        ("one suppository rectally twice daily", "route-rectal"),
    ],
)
def test_route_words(text: str, route: str | None) -> None:
    assert route_from_sig(text, terms()) == route


_WORDS = """
1 2 0 10 ½ 1/2 999999 mg mcg mL tab /day /h tid q8h every x3/j times day max up to prn - = ( ) then, in divided
"""
WORDS = st.sampled_from(_WORDS.split())


@settings(max_examples=400, deadline=None)
@given(st.text(max_size=60) | st.lists(WORDS, max_size=12).map(" ".join))
def test_never_raises(text: str) -> None:
    reading = read_sig(text, TABLETS, terms())
    assert reading is None or reading.daily is None or reading.daily > 0
