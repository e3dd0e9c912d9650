"""Which eGFR and which clearance are picked, to the word; and why there is none."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from baclofen_safety.core.egfr import REPORTED, Egfr, say_value
from baclofen_safety.core.fact import Evidence, Known, Need, Reason, Unknown
from baclofen_safety.core.kidney import KidneyFacts

from .charts import ago, day, facts, lab

EPI = "egfr-ckdepi-2021-creatinine"
NEEDS = (Need("Observation", ("lab-creatinine", *REPORTED), date(2025, 11, 20)),)


def kidney(*records: object, **more: object) -> KidneyFacts:
    return facts(*records, **more).kidney


def picked(*records: object, **more: object) -> Egfr:
    fact = kidney(*records, **more).egfr
    assert isinstance(fact, Known), fact
    return fact.value


def within(low: float | None, high: float | None, days: float = 10, what: str = "egfr-mdrd") -> Any:
    bounds = {"low": low, "high": high}
    return lab(what, None, days, **{k: None if v is None else Decimal(str(v)) for k, v in bounds.items()})


@pytest.mark.parametrize(
    ("what", "formula", "creatinine"),
    [
        ("egfr-ckdepi-2021-creatinine", "CKD-EPI 2021", True),
        ("egfr-ckdepi-2021-creatinine-cystatin", "CKD-EPI 2021 creatinine-cystatin C", False),
        ("egfr-ckdepi-2009-creatinine", "CKD-EPI 2009", True),
        ("egfr-ckdepi-2009-creatinine-race", "CKD-EPI 2009 by race, the lower", True),
        ("egfr-ckdepi-creatinine-cystatin-2012", "CKD-EPI 2012 creatinine-cystatin C", False),
        ("egfr-cystatin", "cystatin C", False),
        ("egfr-mdrd", "MDRD", True),
        ("egfr-mdrd-race", "MDRD by race, the lower", True),
        ("egfr-unspecified-formula", "formula not stated", True),
    ],
)
def test_as_reported(what: str, formula: str, creatinine: bool) -> None:
    one = lab(what, 45)
    said = (Evidence(one.ref, f"eGFR ({formula}) 45 {one.at}"),)
    whole = Egfr(Decimal(45), Decimal(45), formula, ago(10), False, False, creatinine, said)
    assert kidney(one).egfr == Known(whole, said, "coded")
    assert kidney(one).cystatin_egfr_recent is not creatinine


def test_as_computed() -> None:
    one = lab("creatinine", 0.9, unit="mg/dL")
    found = kidney(one).egfr
    assert isinstance(found, Known)
    said = (Evidence(one.ref, f"eGFR 107.3 (CKD-EPI 2021) from creatinine 0.9, {one.at}"),)
    assert (found.how, found.evidence, found.value.evidence) == ("computed", said, said)
    assert (found.value.old, found.value.high) == (False, found.value.low)
    assert kidney(replace(one, shown="")).egfr.evidence[0].says.endswith(f"from creatinine 0.9 mg/dL, {one.at}")
    assert say_value(replace(one, shown="", unit="")) == "0.9"


def test_a_young_adult_and_a_range_of_ages() -> None:
    one = lab("creatinine", 0.9)
    assert picked(one, birth="2008").low == picked(one, birth="2008-01-01").low
    assert picked(one, birth="1981-11-20").low < picked(one, birth="1981-11-21").low
    assert picked(one, sex="female").low < picked(one).low
    assert kidney(lab("creatinine", 0)).candidates == ()


def test_by_schwartz() -> None:
    one, tall = lab("creatinine", 0.4), lab("body-height", 110, 90)
    found = kidney(one, tall, birth="2021-01-01").egfr
    assert [said.reference for said in found.evidence] == [one.ref, tall.ref]
    assert found.evidence[0].says == f"eGFR 113.6 (bedside Schwartz) from creatinine 0.4, {one.at}"
    assert kidney(one, lab("body-height", 110, 90.1), birth="2021-01-01").candidates == ()
    assert kidney(lab("creatinine", 0), tall, birth="2021-01-01").candidates == ()
    assert kidney(one, tall, birth="2025-11-20").candidates != ()
    assert kidney(one, tall, birth="2025-11-21").candidates == ()
    assert kidney(one, tall, birth="2008-11-21").candidates[0].formula == "bedside Schwartz"


def test_the_window_and_what_is_old() -> None:
    assert not picked(lab(EPI, 50, 365)).old
    old = kidney(lab(EPI, 50, 366)).egfr
    assert isinstance(old, Known)
    assert (old.value.old, old.how, old.value.low) == (True, "coded", 50)
    made = kidney(lab("creatinine", 2.5, 366)).egfr
    assert isinstance(made, Known)
    assert (made.value.old, made.how) == (True, "computed")
    normal = lab(EPI, 60, 366)
    said = (Evidence(normal.ref, f"eGFR (CKD-EPI 2021) 60 {normal.at}"),)
    assert kidney(normal).egfr == Unknown(Reason.TOO_OLD, f"last value {normal.at}", NEEDS, said)
    assert picked(lab(EPI, 59.9, 366)).old
    assert picked(within(None, 60, 366)).old
    assert isinstance(kidney(within(None, 60.1, 366)).egfr, Unknown)
    assert isinstance(kidney(within(60, None, 366)).egfr, Unknown)
    assert isinstance(kidney(lab(EPI, 90, 366), lab(EPI, 50, 400)).egfr, Unknown)


def test_how_it_is_shown() -> None:
    assert picked(lab(EPI, 40.46)).shown == "40.5"
    assert picked(within(60, None)).shown == ">60"
    assert picked(within(None, 15)).shown == "<15"
    assert picked(within(30, 60)).shown == "30-60"
    assert picked(within(30, 60)).value is None
    assert picked(lab(EPI, 40)).value == 40
    assert picked(within(None, 15)).low == 0


def test_the_lowest_of_the_newest_day() -> None:
    assert picked(lab(EPI, 40, 10), lab("egfr-mdrd", 45, 10)).low == 40
    assert picked(lab(EPI, 40, 10.4), lab("egfr-mdrd", 45, 10)).low == 40
    assert picked(lab(EPI, 40, 11), lab("egfr-mdrd", 45, 10)).low == 45
    assert picked(within(30, 60), within(20, 40, what="egfr-cystatin")).low == 20
    assert picked(within(30, None), within(30, 40, what="egfr-cystatin")).high == 40
    assert picked(lab(EPI, 50), within(None, 50)).high == 50
    assert picked(lab(EPI, 50), within(40, 50)).low == 40
    assert picked(lab(EPI, 50), within(40, 50), within(30, 45, what="egfr-cystatin")).low == 30
    assert picked(lab(EPI, 50), within(40, 50), within(40, 45, what="egfr-cystatin")).high == 45
    assert picked(lab(EPI, 50), within(None, 51)).low == 50
    assert picked(lab(EPI, 40), lab("egfr-cystatin", 50), within(30, 44)).low == 40


def test_a_month_may_hold_the_newest_day() -> None:
    month = replace(lab("egfr-mdrd", 30), at=day("2026-11"))
    assert picked(lab(EPI, 50, 3), month).low == 30
    assert picked(lab(EPI, 50, 25), month).low == 30
    before = replace(month, at=day("2026-10"))
    assert picked(lab(EPI, 50, 3), before).low == 50
    assert picked(replace(lab(EPI, 50), at=day("2026-11-01")), before).low == 50


def test_why_there_is_none() -> None:
    made = lab("creatinine", 0.9)
    said = (Evidence(made.ref, f"creatinine 0.9 {made.at}"),)
    assert kidney(lab("creatinine", 0.8, 30), made, sex=None).egfr == Unknown(
        Reason.NOT_COMPUTABLE, "sex", (Need("Patient", parts=("sex",)),), said
    )
    broken = lab("creatinine", None, problem="no unit")
    assert kidney(broken).egfr == Unknown(
        Reason.UNREADABLE, "no unit", NEEDS, (Evidence(broken.ref, f"kidney test {broken.at}"),)
    )
    assert kidney().egfr == Unknown(Reason.NOT_SENT, "creatinine or eGFR", NEEDS)
    assert kidney(made, birth="2024-11-21", sex=None).egfr == kidney(made, birth="2024-11-21").egfr
    child = kidney(made, birth="2025-11-20").egfr
    assert isinstance(child, Unknown)
    assert child.about == "height"


def old_man(*records: object, **more: object) -> KidneyFacts:
    return kidney(*records, **({"birth": "1950-01-01"} | more))


def test_clearance() -> None:
    made, weight = lab("creatinine", 1.0, unit="mg/dL", shown=""), lab("body-weight", 72, 180)
    found = old_man(made, weight)
    value = found.crcl
    assert isinstance(value, Known)
    assert (value.value, value.how) == (64, "computed")
    assert value.evidence == (
        Evidence(made.ref, f"CrCl 64 mL/min (Cockcroft-Gault) from creatinine 1.0 mg/dL, {made.at}"),
        Evidence(weight.ref, f"weight 72 {weight.at}"),
    )
    assert found.clearance_at == (value, ago(10))
    assert old_man(made, weight, sex="female").crcl != value
    assert isinstance(kidney(made, weight, birth="1961-11-20").crcl, Known)
    assert isinstance(kidney(made, weight, birth="1961-11-21").crcl, Unknown)
    assert isinstance(kidney(made, weight, birth="1961").crcl, Known)
    assert old_man(lab("creatinine", 1.0, 365), weight).crcl != old_man(weight).crcl
    assert isinstance(old_man(lab("creatinine", 1.0, 366), weight).crcl, Unknown)


def test_no_clearance() -> None:
    made, weight = lab("creatinine", 1.0), lab("body-weight", 72, 180)
    light = old_man(made, lab("body-weight", 72, 180.1)).crcl
    asked = (Need("Observation", ("lab-body-weight",), date(2026, 5, 24)),)
    assert light == Unknown(Reason.NOT_COMPUTABLE, "weight", asked)
    for held in (old_man(weight), old_man(made, weight, sex=None), old_man(made, weight, birth=None)):
        assert held.crcl == Unknown(Reason.NOT_COMPUTABLE, "age, sex or creatinine", ())
    assert old_man(lab("creatinine", 0), weight).crcl == Unknown(Reason.NOT_COMPUTABLE, "age, sex or creatinine", ())


def test_clearance_as_reported() -> None:
    sent = lab("crcl-cockcroft-gault", 28, 365)
    said = (Evidence(sent.ref, f"CrCl 28 {sent.at}"),)
    assert old_man(sent).clearance_at == (Known(Decimal(28), said), ago(365))
    assert isinstance(old_man(lab("crcl-cockcroft-gault", 28, 366)).crcl, Unknown)
    assert old_man(sent, lab("creatinine", 1.0), lab("body-weight", 72), sex=None).clearance_at == (
        Known(Decimal(28), said),
        ago(365),
    )


def test_weight_of_the_obese() -> None:
    def clearance(kilos: float, *height: Any) -> str:
        fact = old_man(lab("creatinine", 1.0), lab("body-weight", kilos), *height).crcl
        assert isinstance(fact, Known)
        return f"{fact.value:.2f}"

    tall = lab("body-height", 200, 3650)
    assert clearance(120, tall) == clearance(120)  # 30 exactly
    assert clearance(120.4, tall) != clearance(120.4)
    assert clearance(120.4, lab("body-height", 200, 3651)) == clearance(120.4)
    assert clearance(120.4, lab("body-height", 0)) == clearance(120.4)
    assert clearance(130, lab("body-height", 180)) == "86.22"


def test_the_last_test() -> None:
    made, sent = lab("creatinine", 0.9, 20), lab(EPI, 50, 30)
    assert kidney().last_test_at is None
    assert kidney(made, sent).last_test_at == ago(20)
    assert kidney(made, lab(EPI, 50, 10)).last_test_at == ago(10)
    assert kidney(lab("creatinine", 0.8, 40), made).last_test_at == ago(20)
    assert kidney(lab(EPI, 55, 40), sent).last_test_at == ago(30)
    assert kidney(lab("creatinine", 80, 5), sent).last_test_at == ago(30)
    assert kidney(lab("cystatin-c", 0.9, 365)).cystatin_egfr_recent
    assert not kidney(lab("cystatin-c", 0.9, 365.1)).cystatin_egfr_recent
    assert kidney(lab("cystatin-c", 0.9, 400), lab("egfr-cystatin", 50, 10)).cystatin_egfr_recent


def test_undated_and_unusable() -> None:
    undated = replace(lab("creatinine", 0.9), at=None), replace(lab("egfr-mdrd", 50), at=None)
    held = kidney(*undated, lab(EPI, 50))
    assert held.undated == undated
    broken, older = lab("creatinine", None, 5, problem="no unit"), lab("egfr-mdrd", None, 8, problem="not final")
    assert kidney(broken, older).newest_unusable is broken
    assert kidney(older, replace(broken, at=None)).newest_unusable is older
    assert kidney(broken, lab(EPI, 50, 5)).newest_unusable is None
    assert kidney(broken, lab(EPI, 50, 5.1)).newest_unusable is broken
    assert kidney(lab(EPI, 50)).newest_unusable is None
    assert kidney().newest_unusable is None


def test_why_a_result_is_unusable() -> None:
    held = kidney()
    assert held.why_unusable(lab("creatinine", 20)) == ""
    assert held.why_unusable(lab("creatinine", 20.1)) == "creatinine implausible"
    assert held.why_unusable(lab("creatinine", 20.1, shown="1777 umol/L")) == ""
    assert held.why_unusable(lab(EPI, 100)) == ""
    assert held.why_unusable(within(60, None)) == ""
    assert held.why_unusable(within(None, 60)) == ""
    assert held.why_unusable(within(None, 60, what="creatinine")) == "creatinine is not one number"
    assert held.why_unusable(within(21, None, what="creatinine")) == "creatinine implausible"
    assert held.why_unusable(within(None, None)) == "value is not a number"
    assert held.why_unusable(lab(EPI, None, problem="not final")) == "not final"
