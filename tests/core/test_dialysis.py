"""What speaks of dialysis, what speaks against it, and what leaves it open."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from baclofen_safety.core.dialysis import NEEDS, Dialysis, find_dialysis
from baclofen_safety.core.fact import Evidence, Known, Reason, Unknown
from baclofen_safety.core.medicines import Medicine, MedicineState, Order
from baclofen_safety.core.moment import Moment

from .charts import act, ago, day, facts, lab, order, problem

BAG = Medicine("dialysis bag", MedicineState.KNOWN, frozenset(), frozenset({"med-peritoneal-dialysis-fluid"}))


def found(*records: object, **more: object) -> Dialysis:
    return find_dialysis(facts(*records, **more).person)


def yes(*evidence: tuple[str, str]) -> Dialysis:
    return Dialysis(Known(True, tuple(Evidence(*one) for one in evidence)))


def open_because(about: str, *evidence: tuple[str, str]) -> Dialysis:
    return Dialysis(Unknown(Reason.NOT_FINAL, about, NEEDS, tuple(Evidence(*one) for one in evidence)))


DOUBTS = "only indirect, old or unconfirmed records of it"


def test_no_and_nobody_looked() -> None:
    assert found() == Dialysis(Known(False))
    for sent in ("Condition", "Procedure"):
        assert found(received={sent: "sent"}) == Dialysis(Known(False))
    assert found(received={}) == Dialysis(Unknown(Reason.NOT_SENT, "dialysis status", NEEDS))


@pytest.mark.parametrize("cause", ["dialysis", "esrd-on-dialysis"])
def test_a_problem_that_says_so(cause: str) -> None:
    assert found(problem(cause)) == yes((f"Condition/{cause}", cause))
    assert found(problem(cause, text="")) == yes((f"Condition/{cause}", "dialysis"))


@pytest.mark.parametrize(
    "cause", ["esrd", "ckd-stage-5-or-esrd-hypertensive", *(f"ckd-stage-{n}" for n in ("3", "3a", "3b", "4", "5"))]
)
def test_kidney_disease_says_so_in_words_only(cause: str) -> None:
    assert found(problem(cause, text="disease, CAPD since May")) == yes(
        (f"Condition/{cause}", "disease, CAPD since May")
    )
    assert found(problem(cause, text="disease")) != yes((f"Condition/{cause}", "disease"))
    assert found(problem("ckd-unspecified", text="on HD")) == yes(("Condition/ckd-unspecified", "on HD"))
    assert found(problem("ckd-stage-2", text="on HD")) == Dialysis(Known(False))


@pytest.mark.parametrize(
    ("words", "says_so"),
    [
        *((f"kidneys: {word} at home", True) for word in ("CAPD", "CCPD", "APD", "on HD", "on PD", "haemodialysis")),
        ("renal replacement therapy", True),
        ("capdx", False),
        ("xapd", False),
        ("on hdx", False),
        *((f"{word} dialysis", False) for word in ("no", "not on", "never", "without", "pre", "declines", "refused")),
        ("declining dialysis", False),
        ("refuses dialysis", False),
        ("predialysis", False),
        ("not on HD", False),
        ("not on PD", False),
        ("not at present, or ever, on dialysis", True),
        ("no better; on dialysis", True),
        ("no better. dialysis", True),
        ("no complaint of any kind about dialysis", True),
        ("nodialysis", True),
    ],
)
def test_words(words: str, says_so: bool) -> None:
    told = found(problem("ckd-stage-4", text=words))
    assert told == (yes(("Condition/ckd-stage-4", words)) if says_so else Dialysis(Known(False)))


def test_a_code_of_one_encounter_counts_while_it_is_fresh() -> None:
    both = frozenset({"cond-dialysis", "cond-dialysis-encounter"})
    fresh = replace(problem("dialysis", 90), concepts=both)
    assert found(fresh) == yes(("Condition/dialysis", "dialysis"))
    assert found(replace(fresh, onset=None, recorded=ago(90))) == yes(("Condition/dialysis", "dialysis"))
    for old in (
        replace(fresh, onset=ago(91)),
        replace(fresh, onset=None),
        replace(fresh, onset=ago(91), recorded=ago(1)),
    ):
        assert found(old) == open_because(DOUBTS, ("Condition/dialysis", "dialysis"))
    unnamed = replace(fresh, onset=None, text="")
    assert found(unnamed) == open_because(DOUBTS, ("Condition/dialysis", "end-stage kidney disease"))


def test_end_stage_and_unconfirmed_leave_it_open() -> None:
    assert found(problem("esrd")) == open_because(DOUBTS, ("Condition/esrd", "esrd"))
    possible = problem("dialysis", state="possible", text="")
    assert found(possible) == open_because(DOUBTS, ("Condition/dialysis", "dialysis, not confirmed"))
    assert found(replace(possible, text="HD?")) == open_because(DOUBTS, ("Condition/dialysis", "HD?"))


def test_requests() -> None:
    asked = act("dialysis", 1, "ServiceRequest", state="active")
    assert found(asked) == yes((asked.ref, "dialysis ordered"))
    assert found(replace(asked, state="planned", text="HD x3")) == yes((asked.ref, "HD x3"))
    care = act("dialysis-care", 1, "ServiceRequest", state="active")
    assert found(care) == yes((care.ref, "dialysis ordered"))
    assert found(replace(asked, state="done")) == Dialysis(Known(False))
    assert found(act("surgery", 1, "ServiceRequest", state="active")) == Dialysis(Known(False))
    assert found(act("dialysis", 1, state="planned")) == Dialysis(Known(False))


def test_results_around_dialysis() -> None:
    here = lab("creatinine-dialysis", 5, 30)
    assert found(here) == yes((here.ref, f"creatinine around dialysis 5 {here.at}"))
    assert found(lab("creatinine-dialysis", 5, 30.1)) == Dialysis(Known(False))
    assert found(replace(here, at=None)) == Dialysis(Known(False))


def test_dialysis_fluid_in_use() -> None:
    def bag(**more: Any) -> Order:
        return replace(order(0), medicine=BAG, **more)

    assert found(bag()) == yes((bag().ref, "dialysis bag"))
    assert found(bag(status="stopped")) == Dialysis(Known(False))
    assert found(order(0)) == Dialysis(Known(False))
    cured = act("kidney-transplant", 100)
    assert found(bag(start=ago(99)), cured) == yes((bag().ref, "dialysis bag"))
    assert found(bag(start=None, authored=ago(99)), cured) == yes((bag().ref, "dialysis bag"))
    assert isinstance(found(bag(start=ago(101), authored=ago(99)), cured).on, Unknown)


def test_sessions() -> None:
    one, more = act("dialysis", 30), act("dialysis", 3, state="active", text="HD")
    alone = Unknown(Reason.NOT_FINAL, "one dialysis session only", NEEDS, (Evidence(one.ref, "dialysis"),))
    assert found(one) == Dialysis(alone, True)
    assert found(one, act("dialysis", 31)) == Dialysis(alone, True)
    assert found(one, more) == yes((one.ref, "dialysis"), (more.ref, "HD"))
    assert found(one, replace(one, ref="Procedure/again")).one_session
    assert found(replace(one, start=None)).one_session
    assert found(replace(more, start=None)).on.evidence == (Evidence(more.ref, "HD"),)
    lasting = replace(more, concepts=frozenset({"proc-dialysis", "proc-dialysis-maintenance"}))
    assert found(lasting) == yes((more.ref, "HD"))
    doubt = found(one, problem("esrd"))
    assert doubt == replace(
        open_because("one dialysis session only", (one.ref, "dialysis"), ("Condition/esrd", "esrd")), one_session=False
    )


def test_a_transplant_since_the_newest_evidence_leaves_it_open() -> None:
    said = Evidence("Condition/dialysis", "dialysis")
    graft = act("kidney-transplant", 100)

    def unknown(at: Moment | None) -> Dialysis:
        needs = tuple(replace(need, since=at.last if at else None) for need in NEEDS)
        evidence = (said, Evidence(graft.ref, "kidney transplant"))
        return Dialysis(Unknown(Reason.CONFLICT, "dialysis and kidney transplant on record", needs, evidence))

    assert found(problem("dialysis", 101), graft) == unknown(graft.start)
    assert found(problem("dialysis", None), graft) == unknown(graft.start)
    assert isinstance(found(problem("dialysis", 101), problem("esrd-on-dialysis", 99), graft).on, Known)
    assert found(problem("dialysis", 100), graft) == Dialysis(Known(True, (said,)))
    assert found(problem("dialysis", 101), replace(graft, state="planned")) == Dialysis(Known(True, (said,)))
    assert found(problem("dialysis", 99), replace(graft, start=None)) == unknown(None)
    whole = replace(graft, start=day("2026-08-12"))
    assert found(replace(problem("dialysis"), onset=day("2026-08-12")), whole) == unknown(whole.start)
    assert found(replace(problem("dialysis"), onset=day("2026-08-13")), whole) == Dialysis(Known(True, (said,)))
    recorded = replace(problem("dialysis", None), recorded=ago(99))
    assert found(recorded, graft) == Dialysis(Known(True, (said,)))
    assert found(recorded, act("dialysis", 1, "ServiceRequest", state="active"), graft).on.evidence[0] == said


@pytest.mark.parametrize("state", ["active", "history"])
def test_a_transplant_on_the_problem_list(state: str) -> None:
    graft = problem("kidney-transplant", 50, state=state)
    assert isinstance(found(problem("dialysis", 60), graft).on, Unknown)
    assert isinstance(found(problem("dialysis", 40), graft).on, Known)
    recorded = replace(graft, onset=None, recorded=ago(50))
    assert isinstance(found(problem("dialysis", 40), recorded).on, Known)
    assert isinstance(found(problem("dialysis", 60), replace(graft, recorded=ago(70))).on, Unknown)
    assert isinstance(found(problem("dialysis", 60), replace(graft, state="possible")).on, Known)
