"""Schedules to the day and the split, and the bounds between the ladders."""

from __future__ import annotations

import tomllib
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import baclofen_safety
from baclofen_safety.core.fact import Known
from baclofen_safety.core.knowledge import Limits
from baclofen_safety.core.taper import Mode, TaperRefusal, choose_mode, schedule, split_dose
from baclofen_safety.core.taper_refusal import find_dose_refusal, find_refusal

from . import charts
from .tapers import EXAMPLES, make_facts, read_rung

KNOWLEDGE = Path(baclofen_safety.__file__).parent / "rules" / "baclofen" / "taper.toml"
DAY0 = date(2026, 1, 5)


def read_limits() -> Limits:
    table = tomllib.loads(KNOWLEDGE.read_text("utf-8"), parse_float=Decimal)
    return Limits({row["name"]: Decimal(row["value"]) for row in table["limit"]}, "taper.toml")


LIMITS = read_limits()


@pytest.mark.parametrize(
    "example", EXAMPLES["example"], ids=lambda row: f"{row['dose']} {row['mode']} to {row['target']}"
)
def test_worked_example(example: dict[str, Any]) -> None:
    rungs = schedule(
        Mode(example["mode"]), Decimal(example["dose"]), Decimal(example["target"]), EXAMPLES["day0"], LIMITS
    )
    assert rungs == tuple(read_rung(row) for row in example["rungs"])


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("dose", ["2.5", "5", "7.5", "8.3", "12", "22.5", "41", "60", "62.5", "75", "100"])
@pytest.mark.parametrize("target", ["0", "2.5", "15"])
def test_every_schedule_goes_down_and_adds_up(mode: Mode, dose: str, target: str) -> None:
    start, goal = Decimal(dose), Decimal(target)
    rungs = schedule(mode, start, goal, DAY0, LIMITS)
    doses = [start, *(rung.daily for rung in rungs)]
    assert doses == sorted(doses, reverse=True)
    assert len(set(doses)) == len(doses)
    assert not rungs or rungs[-1].daily == goal
    assert all(sum(rung.split) == rung.daily for rung in rungs)
    assert all((rung.on - DAY0).days == rung.day for rung in rungs)
    assert [rung.day for rung in rungs[1:]] == [rung.day + (rung.days or 0) for rung in rungs[:-1]]
    largest = max((a - b for a, b in pairwise(doses)), default=Decimal(0))
    assert largest <= max(LIMITS["taper-standard-large-step"], LIMITS["taper-child-step"])


def test_spare_units_go_to_bedtime_then_to_the_morning_on() -> None:
    assert split_dose(Mode.STANDARD, Decimal(75), LIMITS) == (20, 20, 15, 20)
    assert split_dose(Mode.STANDARD, Decimal("12.5"), LIMITS) == (5, 0, Decimal("7.5"))
    assert split_dose(Mode.CHILD, Decimal(10), LIMITS) == (Decimal("3.5"), Decimal(3), Decimal("3.5"))
    assert split_dose(Mode.CHILD, Decimal("2.5"), LIMITS) == (0, 0, Decimal("2.5"))
    assert split_dose(Mode.STANDARD, Decimal(0), LIMITS) == ()


def test_liquid_is_rounded_but_never_past_the_step() -> None:
    rungs = schedule(Mode.CHILD, Decimal("7.3"), Decimal(0), DAY0, LIMITS)
    assert [rung.daily for rung in rungs] == [5, Decimal("2.5"), 0]


def test_short_schedule_of_one_dose_still_takes_its_least_length() -> None:
    rungs = schedule(Mode.SHORT, Decimal(10), Decimal(0), DAY0, LIMITS)
    assert [(rung.daily, rung.days) for rung in rungs] == [(5, 7), (0, None)]


def test_nothing_to_lower_gives_no_rungs() -> None:
    assert schedule(Mode.STANDARD, Decimal(15), Decimal(15), DAY0, LIMITS) == ()


def test_a_refusal_names_its_sentence() -> None:
    sentences = tomllib.loads(KNOWLEDGE.read_text("utf-8"))["refused"]
    assert TaperRefusal("pregnancy").note == "taper-pregnancy"
    assert {"pregnancy", "already-tapering", "dose-not-above-target", "as-needed"} <= set(sentences)


def test_no_second_schedule_unless_it_replaces_the_first() -> None:
    facts = make_facts(plan="a plan")
    assert find_refusal(facts, LIMITS, replacing=False) == "already-tapering"
    assert find_refusal(facts, LIMITS, replacing=True) is None


def test_refusals_of_dose() -> None:
    target = Decimal(15)
    assert find_dose_refusal(make_facts(), LIMITS, Decimal(15), target, ()) == "dose-not-above-target"
    assert find_dose_refusal(make_facts(prn_only=True), LIMITS, Decimal(30), target, ()) == "as-needed"
    assert find_dose_refusal(make_facts(), LIMITS, None, target, ()) == "dose-unknown"
    assert find_dose_refusal(make_facts(), LIMITS, Decimal(30), target, ()) is None


def test_a_light_child_is_stepped_down_in_liquid() -> None:
    for kilos, mode in ((32.9, Mode.CHILD), (33, Mode.STANDARD)):
        held = charts.facts(charts.lab("body-weight", kilos), birth="2015-01-01")
        assert choose_mode(held, LIMITS, Decimal(40), Known(400)) is mode
