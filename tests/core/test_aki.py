"""Each sign of failing kidneys on its edge, and which of them is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from baclofen_safety.core.aki import NEEDS, Aki, Reading, find_aki
from baclofen_safety.core.fact import Evidence, Fact, Known, Need, Reason, Unknown
from baclofen_safety.core.moment import Moment

from .charts import ago, day, facts, problem

NO = Known(None)
ALONE = "no baseline creatinine"


def at(value: float, days: float | str) -> Reading:
    """A reading some days ago, or on a whole day."""
    moment = day(days) if isinstance(days, str) else ago(days)
    return Reading(moment, Decimal(str(value)), Evidence(f"Observation/{days}", f"{value}"))


def found(
    *creatinine: Reading,
    egfr: tuple[Reading, ...] = (),
    session: Fact[bool] | None = None,
    problems: tuple[Any, ...] = (),
    **more: Any,
) -> Fact[Aki | None]:
    return find_aki(facts(*problems, **more).person, creatinine, egfr, session)


def rise(why: str, before: str, after: str, *readings: Reading) -> Fact[Aki | None]:
    said = tuple(reading.evidence for reading in readings)
    return Known(Aki(why, before, after, said), said, "computed")


def test_nothing_and_nobody_looked() -> None:
    assert found() == NO
    for sent in ("Condition", "Observation"):
        assert found(received={sent: "sent"}) == NO
    assert found(received={}) == Unknown(Reason.NOT_SENT, "acute kidney injury", NEEDS)
    assert [(need.resource, need.concepts) for need in NEEDS] == [
        ("Observation", ("lab-creatinine",)),
        ("Condition", ("cond-aki",)),
    ]


def test_a_diagnosis_comes_first() -> None:
    fresh = problem("aki", 14)
    said = (Evidence(fresh.ref, "aki"),)
    assert found(problems=(fresh,)) == Known(Aki("condition", "", "", said, True), said)
    assert found(at(1, 10), at(9, 1), problems=(fresh,)) == Known(Aki("condition", "", "", said, True), said)
    assert found(problems=(problem("aki", 15),)) == NO
    unnamed = found(problems=(replace(fresh, text=""),))
    assert unnamed.evidence == (Evidence(fresh.ref, "acute kidney injury"),)


@pytest.mark.parametrize(
    ("onset", "recorded", "certain"),
    [
        (day("2026-11-18"), None, True),
        (day("2026-11"), None, False),
        (day("2026-11"), ago(1), False),
        (None, ago(1), True),
        (None, day("2026-11"), False),
    ],
)
def test_a_diagnosis_without_its_day(onset: Moment | None, recorded: Moment | None, certain: bool) -> None:
    fact = found(problems=(replace(problem("aki"), onset=onset, recorded=recorded),))
    assert isinstance(fact, Known)
    assert fact.value is not None
    assert (fact.value.why, fact.value.certain) == ("condition", certain)


def test_a_possible_diagnosis_leaves_it_open() -> None:
    possible = problem("aki", 14, state="possible")
    said = (Evidence(possible.ref, "aki"),)
    needs = (Need("Condition", ("cond-aki",), date(2026, 11, 6), ("certainty",)),)
    assert found(problems=(possible,)) == Unknown(Reason.NOT_FINAL, "acute kidney injury not confirmed", needs, said)
    assert found(problems=(problem("aki", 15, state="possible"),)) == NO


def test_a_first_session() -> None:
    unclear = Unknown(Reason.NOT_FINAL, "one", (), (Evidence("Procedure/1", "dialysis"),))
    assert found(session=unclear) == Known(Aki("one-session", "", "", unclear.evidence))
    assert found(session=Known(False)) == NO
    assert found(session=None) == NO


def test_a_rise_in_two_days() -> None:
    before, now = at(1.0, 3), at(1.2998, 1)  # 26.5 umol/L
    assert found(before, now) == rise("rise-48h", "1", "1.3", now, before)
    assert found(before, at(1.2997, 1)) == NO
    assert found(before, at(1.29977375226, 1)) != NO  # 26.4999997 is a rounding of units
    assert found(at(1.0, 3.01), now) == NO
    assert found(before, at(1.0, 2), now) == rise("rise-48h", "1", "1.3", now, before)
    assert found(at(1.0, 8.9), at(1.4, 7)) == rise("rise-48h", "1", "1.4", at(1.4, 7), at(1.0, 8.9))
    assert found(at(1.0, 9), at(1.4, 7.1)) == NO
    assert found(at(1.0, 1), at(1.4, 1)) != rise("rise-48h", "1", "1.4", at(1.4, 1), at(1.0, 1))
    down = found(at(1.4, 3), at(1.0, 1))
    assert down == NO
    whole = found(at(1.0, "2026-11-17"), at(1.4, "2026-11-20"))
    assert whole == rise("rise-48h", "1", "1.4", at(1.4, "2026-11-20"), at(1.0, "2026-11-17"))
    assert found(at(1.0, "2026-11-16"), at(1.4, "2026-11-20")) == NO
    twice = found(at(1.0, 4), at(1.35, 3), at(1.75, 2))
    assert twice == rise("rise-48h", "1", "1.75", at(1.75, 2), at(1.0, 4))


def test_up_from_the_lowest_of_the_week() -> None:
    now = at(0.45, 1)
    assert found(at(0.3, 8), now) == rise("above-lowest", "0.3", "0.45", now, at(0.3, 8))
    assert found(at(0.3, 8), at(0.44, 1)) == NO
    assert found(at(0.3, 1.5), now) == rise("above-lowest", "0.3", "0.45", now, at(0.3, 1.5))
    assert found(at(0.3, 8.01), now) == NO
    assert found(at(0.4, 6), at(0.3, 5), at(0.35, 4), now) == rise("above-lowest", "0.3", "0.45", now, at(0.3, 5))
    assert found(at(0.3, 14), at(0.45, 7)) == rise("above-lowest", "0.3", "0.45", at(0.45, 7), at(0.3, 14))
    assert found(at(0.3, 14), at(0.45, 7.1)) == NO
    calendar = at(0.3, "2026-11-12")
    assert found(calendar, at(0.45, 1)) == rise("above-lowest", "0.3", "0.45", at(0.45, 1), calendar)


def test_up_from_the_baseline() -> None:
    now = at(1.5, 1)
    assert found(at(1.0, 9), now) == rise("above-baseline", "1", "1.5", now, at(1.0, 9))
    assert found(at(1.0, 9), at(1.49, 1)) == NO
    assert found(at(1.0, 366), now) == rise("above-baseline", "1", "1.5", now, at(1.0, 366))
    assert found(at(1.0, 366.1), now) == Unknown(
        Reason.NOT_COMPUTABLE,
        ALONE,
        (Need("Observation", ("lab-creatinine",), date(2025, 11, 20)),),
        (now.evidence,),
    )
    several = at(0.9, 90), at(1.0, 60), at(3.0, 30)
    assert found(*several, now) == rise("above-baseline", "1", "1.5", now, *several)
    assert found(at(0.9, 90), at(1.1, 60), now) == rise("above-baseline", "1", "1.5", now, at(0.9, 90), at(1.1, 60))
    assert found(at(1.0, 20), at(1.5, 8)) == NO


def test_the_rate_down() -> None:
    now = at(63, 1)
    assert found(egfr=(at(90, 9), now)) == rise("egfr-drop", "90", "63", now, at(90, 9))
    assert found(egfr=(at(90, 9), at(63.1, 1))) == NO
    assert found(egfr=(at(90, 30), at(88, 20), at(62, 1))) == rise(
        "egfr-drop", "89", "62", at(62, 1), at(90, 30), at(88, 20)
    )
    assert found(egfr=(at(90, 8.9), now)) == NO
    assert found(egfr=(at(90, 20), at(63, 8))) == NO
    assert found(egfr=(at(90.25, 9), at(40.04, 1))) == rise("egfr-drop", "90.2", "40", at(40.04, 1), at(90.25, 9))


def test_alone() -> None:
    need = (Need("Observation", ("lab-creatinine",), date(2025, 11, 20)),)
    one = at(1.0, 7)
    assert found(one) == Unknown(Reason.NOT_COMPUTABLE, ALONE, need, (one.evidence,))
    assert found(at(1.0, 7.1)) == NO
    assert found(at(1.0, 7.5), one) == NO
    assert found(egfr=(one,)) == Unknown(Reason.NOT_COMPUTABLE, ALONE, need, (one.evidence,))
    assert found(at(0.9, 2), egfr=(one,)) == Unknown(Reason.NOT_COMPUTABLE, ALONE, need, (at(0.9, 2).evidence,))
    assert found(one, egfr=(at(90, 300), at(89, 8))) == NO
    assert found(at(1.0, 372), one) == NO
    assert found(at(1.0, 372.1), one) != NO


def test_how_creatinine_is_written() -> None:
    assert found(at(1.004, 3), at(12.0, 1)) == rise("rise-48h", "1", "12", at(12.0, 1), at(1.004, 3))
    assert found(at(1.1, 3), at(2.01, 1)) == rise("rise-48h", "1.1", "2.01", at(2.01, 1), at(1.1, 3))
    assert found(at(10.0, 3), at(20.5, 1)) == rise("rise-48h", "10", "20.5", at(20.5, 1), at(10.0, 3))
