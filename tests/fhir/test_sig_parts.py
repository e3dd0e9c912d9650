"""Sigs of several doses: parts of a day are added, steps follow each other, the rest is told with its greatest part."""

from decimal import Decimal

import pytest
from dosages import TABLETS, read

READ = [
    ("10 mg in the morning, 20 mg at noon, 80 mg at bedtime", [("110", None)]),
    ("Take 1 tablet in the morning and 2 tablets at bedtime", [("30", None)]),
    ("10 mg at 08:00, 20 mg at 20:00", [("30", None)]),
    ("10 mg tid and 20 mg at bedtime", [("50", None)]),
    (
        "5 mg TID x3d, 10 mg TID x3d, 15 mg TID x3d then 40 mg TID",
        [("15", 3), ("30", 3), ("45", 3), ("120", None)],
    ),
    ("5 mg tid for 3 days then 10 mg tid", [("15", 3), ("30", None)]),
    ("10mg tds x 3/7 then 20mg tds", [("30", 3), ("60", None)]),
    ("1 tablet TID for 1 week, then increase to 2 tablets TID", [("30", 7), ("60", None)]),
    ("10 mg bid for 3 days then 10 mg in the morning and 20 mg at night", [("20", 3), ("30", None)]),
    ("10 mg tid x 7 days, then 5 mg tid x 7 days, then stop", [("30", 7), ("15", 7)]),
    ("1 cp x3/j pendant 7 jours puis 2 cp x3/j", [("30", 7), ("60", None)]),
]


@pytest.mark.parametrize(("text", "steps"), READ)
def test_parts_are_the_dosages_they_stand_for(text: str, steps: list[tuple[str, int | None]]) -> None:
    found, troubles = read([{"text": text}], TABLETS)
    assert not troubles
    assert [step.daily for step in found] == [Decimal(daily) for daily, _ in steps]
    lasting = [(step.end.first - step.start.first).days if step.start and step.end else None for step in found]
    assert lasting == [days for _, days in steps]


AT_LEAST = [
    ("20 mg tid, 30 mg daily", "60"),  # "30 mg daily" may be one more dose, or a total
    ("10 mg in the morning, 10 mg in the morning and 5 mg at night", "10"),  # one dose twice, or two
    ("10 mg tid then 40 mg tid", "120"),  # nobody says when
    ("5 mg TID, increase by 5 mg every 3 days", "15"),
    ("10 mg in the morning for 7 days, 40 mg at bedtime", "40"),  # beside it, or after it
    ("10 mg tid, do not take 40 mg tid", "30"),
]


@pytest.mark.parametrize(("text", "least"), AT_LEAST)
def test_what_is_not_clear_is_at_least_its_greatest_part(text: str, least: str) -> None:
    found, _ = read([{"text": text}], TABLETS)
    assert [(step.daily, step.at_least) for step in found] == [(None, Decimal(least))]
    assert found[0].problems


@pytest.mark.parametrize("text", ["take as directed", "as directed, as told", "at bedtime, with food"])
def test_no_part_is_no_dose(text: str) -> None:
    found, _ = read([{"text": text}], TABLETS)
    assert [(step.daily, step.at_least) for step in found] == [(None, None)]


def test_two_dosages_of_which_one_is_unclear() -> None:
    found, _ = read([{"text": "20 mg tid"}, {"text": "as directed"}], TABLETS)
    assert [(step.daily, step.at_least) for step in found] == [(None, Decimal(60))]


def test_a_structured_dose_is_not_taken_apart() -> None:
    dosage = {"text": "10 mg in the morning, 20 mg at noon", "timing": {"code": {"text": "BID"}}}
    found, _ = read([dosage], TABLETS)
    assert [(step.daily, step.at_least) for step in found] == [(None, Decimal(20))]
