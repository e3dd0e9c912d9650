"""Which eGFR is picked, which band it makes, and what dialysis and failing kidneys look like."""

from __future__ import annotations

from decimal import Decimal
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from baclofen_safety.core.egfr import Egfr
from baclofen_safety.core.fact import Fact, Known, Reason, Unknown, is_no, is_yes
from baclofen_safety.core.kidney import Band, KidneyFacts
from baclofen_safety.core.rule import Finding

from .charts import AS_OF, act, book, facts, lab, order, problem

EPI = "egfr-ckdepi-2021-creatinine"


def kidney(*records: object, **more: object) -> KidneyFacts:
    return facts(*records, **more).kidney


T = TypeVar("T")


def known(fact: Fact[T]) -> T:
    assert isinstance(fact, Known), fact
    return fact.value


def egfr(*records: object, **more: object) -> Egfr:
    return known(kidney(*records, **more).egfr)


def band(*records: object, **more: object) -> Band:
    return known(kidney(*records, **more).band)


def test_computed_from_creatinine() -> None:
    one = egfr(lab("creatinine", 0.9))
    assert (one.shown, one.formula, one.computed, one.creatinine_based) == ("107.3", "CKD-EPI 2021", True, True)


def test_the_lower_of_the_newest_day() -> None:
    assert egfr(lab("creatinine", 0.9), lab(EPI, 99)).shown == "99"
    assert egfr(lab(EPI, 40, 20), lab(EPI, 99)).shown == "99"


def test_an_interval_that_holds_the_number_gives_way() -> None:
    above = lab("egfr-mdrd", None, low=Decimal(60))
    below = lab("egfr-mdrd", None, high=Decimal(60))
    assert egfr(lab("creatinine", 0.9), above).shown == "107.3"
    assert egfr(lab("creatinine", 0.9), below).shown == "<60"
    assert egfr(lab(EPI, 50), above).shown == "50"
    assert egfr(above).shown == ">60"


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (14.99, "<15"),
        (15, "15-29"),
        (29.99, "15-29"),
        (30, "30-44"),
        (45, "45-59"),
        (60, "60-89"),
        (89.99, "60-89"),
        (90, ">=90"),
    ],
)
def test_bands_hold_their_lower_bound(value: float, name: str) -> None:
    assert band(lab(EPI, value)).name == name


@pytest.mark.parametrize(
    ("low", "high", "name", "at_best"),
    [(60, None, ">=60", False), (90, None, ">=90", False), (None, 15, "<15", False), (None, 30, "15-29", True)],
)
def test_intervals(low: int | None, high: int | None, name: str, at_best: bool) -> None:
    bounds = {key: None if value is None else Decimal(value) for key, value in (("low", low), ("high", high))}
    one = band(lab("egfr-mdrd", None, **bounds))
    assert (one.name, one.at_best, one.value) == (name, at_best, None)


def test_an_interval_across_an_edge_is_unknown() -> None:
    fact = kidney(lab("egfr-mdrd", None, low=Decimal(30))).band
    assert isinstance(fact, Unknown)
    assert fact.reason is Reason.NOT_COMPUTABLE


def test_old_values() -> None:
    assert egfr(lab(EPI, 50, 700)).old
    assert not egfr(lab(EPI, 50, 364)).old
    fact = kidney(lab(EPI, 70, 700)).egfr
    assert isinstance(fact, Unknown)
    assert fact.reason is Reason.TOO_OLD


@pytest.mark.parametrize(
    ("more", "missing"),
    [
        ({"birth": None}, "birth date"),
        ({"sex": None}, "sex"),
        ({"birth": None, "sex": None}, "birth date, sex"),
        ({"birth": "2018-01-01"}, "height"),
        ({"birth": "2026-05-01"}, "reported eGFR"),
    ],
)
def test_what_is_missing_is_named(more: dict[str, object], missing: str) -> None:
    fact = kidney(lab("creatinine", 0.9), **more).egfr
    assert isinstance(fact, Unknown)
    assert (fact.reason, fact.about) == (Reason.NOT_COMPUTABLE, missing)


def test_nothing_sent_and_nothing_usable() -> None:
    nothing, broken = kidney().egfr, kidney(lab("creatinine", None, problem="no unit")).egfr
    assert isinstance(nothing, Unknown)
    assert nothing.reason is Reason.NOT_SENT
    assert isinstance(broken, Unknown)
    assert broken.reason is Reason.UNREADABLE


def test_implausible_creatinine() -> None:
    assert kidney(lab("creatinine", 21)).newest_unusable is not None
    assert kidney(lab("creatinine", 21, shown="1856 umol/L")).newest_unusable is None
    assert kidney(lab("creatinine", 0.9, 3), lab("creatinine", 80, 10)).newest_unusable is None


@pytest.mark.parametrize(
    ("what", "fields", "why"),
    [
        ("creatinine", {"low": Decimal(4)}, "creatinine is not one number"),
        ("creatinine", {}, "value is not a number"),
        (EPI, {}, "value is not a number"),
        ("creatinine", {"low": Decimal(80), "high": Decimal(80)}, "creatinine implausible"),
    ],
)
def test_a_newer_result_that_gives_no_egfr_is_never_passed_over(
    what: str, fields: dict[str, Decimal], why: str
) -> None:
    found = kidney(lab("creatinine", 0.9, 10), lab(what, None, 1, **fields))
    newest = found.newest_unusable
    assert newest is not None
    assert found.why_unusable(newest) == why


def test_an_egfr_interval_is_usable() -> None:
    assert kidney(lab("creatinine", 0.9, 10), lab(EPI, None, 1, high=Decimal(15))).newest_unusable is None


def test_a_child_by_schwartz() -> None:
    size = lab("body-height", 110)
    assert egfr(lab("creatinine", 0.4), size, birth="2021-01-01").shown == "113.6"
    assert egfr(lab("creatinine", 0.4), size, birth="2021-01-01").formula == "bedside Schwartz"


def test_clearance_counts_from_65() -> None:
    thin = lab("body-weight", 48)
    old = band(lab("creatinine", 1.0), thin, birth="1941-01-01", sex="female")
    assert (old.name, old.by, old.shown) == ("30-44", "CrCl", "55.2 (CrCl 31.2)")
    assert band(lab("creatinine", 1.0), thin, birth="1965-01-01", sex="female").by == "eGFR"


def test_clearance_of_the_obese_uses_the_adjusted_weight() -> None:
    records = (lab("creatinine", 1.4), lab("body-weight", 120), lab("body-height", 160, 3600))
    found = kidney(*records, birth="1956-01-01", sex="female").crcl
    assert f"{known(found):.1f}" == "46.9"
    tall = (lab("creatinine", 1.4), lab("body-weight", 120), lab("body-height", 160, 3700))
    assert f"{known(kidney(*tall, birth='1956-01-01', sex='female').crcl):.1f}" == "70.8"


def test_clearance_as_reported() -> None:
    reported = lab("crcl-cockcroft-gault", 28)
    assert band(lab(EPI, 50), reported, birth="1941-01-01").name == "15-29"
    assert band(reported, birth="1941-01-01").by == "CrCl"
    assert isinstance(kidney(birth="1941-01-01").crcl, Unknown)


def test_an_older_clearance_does_not_outweigh_a_newer_egfr() -> None:
    records = (lab("creatinine", 2.5, 100), lab("body-weight", 70), lab(EPI, 75, 1))
    assert band(*records, birth="1955-01-01").by == "eGFR"


def test_dialysis() -> None:
    assert is_yes(kidney(problem("dialysis")).dialysis)
    assert is_no(kidney().dialysis)
    assert is_yes(kidney(act("dialysis", 1, "ServiceRequest", state="active")).dialysis)
    assert is_yes(kidney(act("dialysis", 1), act("dialysis", 3)).dialysis)
    assert is_yes(kidney(lab("creatinine-dialysis", 5)).dialysis)
    one = kidney(act("dialysis", 1))
    assert one.one_dialysis_session
    assert isinstance(one.dialysis, Unknown)


def test_dialysis_before_and_after_a_transplant() -> None:
    assert isinstance(kidney(problem("dialysis", 900), act("kidney-transplant", 300)).dialysis, Unknown)
    assert is_yes(kidney(problem("dialysis", 100), act("kidney-transplant", 300)).dialysis)
    assert isinstance(kidney(problem("dialysis", state="possible")).dialysis, Unknown)
    assert isinstance(kidney(received={}).dialysis, Unknown)


def test_stages() -> None:
    assert known(kidney(problem("ckd-stage-3", text="CKD stage 3b"), problem("ckd-stage-2")).ckd_stage) == "3b"
    assert known(kidney(problem("ckd-unspecified")).ckd_stage) == "unspecified"
    assert known(kidney(problem("ckd-unspecified"), problem("ckd-stage-2")).ckd_stage) == "2"
    assert known(kidney().ckd_stage) is None
    assert isinstance(kidney(received={}).ckd_stage, Unknown)


def test_cystatin_and_last_test() -> None:
    assert kidney(lab("cystatin-c", 0.9, 100)).cystatin_egfr_recent
    assert not kidney(lab("cystatin-c", 0.9, 400)).cystatin_egfr_recent
    last = kidney(lab("creatinine", 0.9, 400)).last_test_at
    assert last is not None
    assert last.days_before(AS_OF) == 400


def test_failing_kidneys() -> None:
    aki = known(kidney(lab("creatinine", 0.9, 30), lab("creatinine", 1.8, 1)).aki)
    assert aki is not None
    assert (aki.why, aki.before, aki.after) == ("above-baseline", "0.9", "1.8")
    assert known(kidney(lab("creatinine", 0.9, 30)).aki) is None
    alone = kidney(lab("creatinine", 0.9, 2)).aki
    assert isinstance(alone, Unknown)
    assert alone.about == "no baseline creatinine"


def worst(value: Decimal, mg: Decimal, birth: str) -> int:
    """Rank of the worst kidney finding at an eGFR and a daily dose."""
    held = facts(order(float(mg)), lab(EPI, float(value)), birth=birth)
    limits = book().family_limits("renal", AS_OF.date())
    said = [
        one
        for rule, judge in book().judges.items()
        if rule.startswith("BAC-RENAL")
        for one in judge(held, limits)
        if isinstance(one, Finding)
    ]
    return max((one.severity.rank for one in said), default=0)


VALUES = st.decimals("5", "130", places=1)
DOSES = st.decimals("1", "120", places=1)
BIRTHS = st.sampled_from(["1981-03-01", "1950-03-01", "2012-03-01"])


@settings(max_examples=60, deadline=None)
@given(VALUES, VALUES, DOSES, BIRTHS)
def test_worse_kidneys_are_never_judged_milder(one: Decimal, two: Decimal, mg: Decimal, birth: str) -> None:
    low, high = sorted((one, two))
    assert worst(low, mg, birth) >= worst(high, mg, birth)


@settings(max_examples=60, deadline=None)
@given(VALUES, DOSES, DOSES, BIRTHS)
def test_a_higher_dose_is_never_judged_milder(value: Decimal, one: Decimal, two: Decimal, birth: str) -> None:
    low, high = sorted((one, two))
    assert worst(value, high, birth) >= worst(value, low, birth)


def test_a_stage_without_an_egfr_contradicts_none() -> None:
    assert kidney(problem("cond-ckd-stage-5")).stage_against is None
