"""How values and findings are said."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest

from baclofen_safety.core.fact import Evidence, Need
from baclofen_safety.core.knowledge import RuleSheet
from baclofen_safety.core.moment import Moment
from baclofen_safety.core.rule import DoseCap, Gap
from baclofen_safety.core.taper import Mode, TaperPlan, schedule
from baclofen_safety.core.verdict import OpenQuestion
from baclofen_safety.core.words import asked, detail, fill, question, say, shorten, summary

from .charts import AS_OF
from .verdicts import SHIPPED, issue


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (Decimal("40.0"), "40"),
        (Decimal("4E+1"), "40"),
        (Decimal("40.50"), "40.5"),
        (Decimal("0.00"), "0"),
        (Decimal(0), "0"),
        (datetime(2026, 11, 20, 9, 5), "2026-11-20 09:05"),
        (date(2026, 11, 20), "2026-11-20"),
        (("b", Decimal("1.0")), "b, 1"),
        (frozenset({"b", "a"}), "a, b"),
        (3, "3"),
        (Moment.at(AS_OF), "2026-11-20 12:00"),
    ],
)
def test_values(value: object, said: str) -> None:
    assert say(value) == said


def test_what_was_not_given_is_unknown() -> None:
    assert fill("{dose} mg since {date}", {"dose": Decimal("30.0")}) == "30 mg since unknown"


def test_a_value_with_braces_is_no_placeholder() -> None:
    assert fill("{why}.", {"why": "{dose}"}) == "{dose}."


def test_summaries_are_cut_at_a_word() -> None:
    assert shorten("x" * 140) == "x" * 140
    cut = shorten("word, " * 40)
    assert len(cut) <= 140
    assert cut.endswith("word…")
    long = issue("BAC-RENAL-09", values={"why": "w"})
    assert len(summary(long, SHIPPED)) <= 140


def test_detail_tells_everything() -> None:
    rungs = schedule(Mode.STANDARD, Decimal(10), Decimal(0), date(2026, 11, 20), SHIPPED.shared_limits(AS_OF.date()))
    plan = TaperPlan(Mode.STANDARD, Decimal(10), Decimal(0), rungs, Moment.at(AS_OF))
    one = issue(
        "BAC-WD-01",
        preliminary=True,
        absorbed=("BAC-WD-04",),
        values={"dose": 10},
        notes=("date-uncertain", "taper-pregnancy"),
        cap=DoseCap(Decimal(15)),
        taper=plan,
    )
    text = detail(one, SHIPPED)
    for part in (
        SHIPPED.phrases["preliminary"],
        one.sheet.notes["date-uncertain"],
        SHIPPED.phrases["refused.pregnancy"],
        one.sheet.consequence,
        one.sheet.do,
        one.sheet.order_change,
        "15 mg/day",
        "(2026-11-20): 5 mg/day as 0-0-5 for 7 days; day 7 (2026-11-27): stop",
        "BAC-WD-04",
        SHIPPED.phrases["taper.offer"],
    ):
        assert part in text
    assert "{" not in text


def test_a_taper_says_when_the_kidneys_were_tested() -> None:
    for tested, phrase in ((Moment.at(AS_OF), "2026-11-20"), (None, SHIPPED.phrases["taper.kidney_check_none"])):
        plan = TaperPlan(Mode.STANDARD, Decimal(10), Decimal(5), (), tested)
        assert phrase in detail(issue("BAC-WD-01", taper=plan), SHIPPED)


def test_questions() -> None:
    sheet = SHIPPED.sheets["BAC-DATA-03"]
    open_one = OpenQuestion(sheet, Gap("last", {"date": date(2024, 1, 2)}), high=True)
    assert "2024-01-02" in question(open_one, SHIPPED)
    broken = OpenQuestion(sheet, Gap("broken"), high=True, broken=True)
    assert question(broken, SHIPPED) == SHIPPED.phrases["broken"]


def test_a_sentence_nobody_wrote_never_sinks_the_answer() -> None:
    one = issue("BAC-RENAL-04", notes=("nobody-wrote-this",))
    assert "nobody-wrote-this" in detail(one, SHIPPED)
    asked = OpenQuestion(one.sheet, Gap("nor-this"), high=True)
    assert "nor-this" in question(asked, SHIPPED)


def test_questions_that_differ_only_in_what_they_are_about_are_one() -> None:
    sheet = replace(SHIPPED.sheets["BAC-DOSE-01"], gaps={"not-sent": "Not sent: {about} since {date}."})
    other = replace(sheet, id="BAC-DOSE-02")
    need = (Need("Condition"),)

    def open_question(sheet: RuleSheet, about: str, date: str = "May", *, high: bool = False) -> OpenQuestion:
        gap = Gap("not-sent", {"about": about, "date": date}, need, (Evidence(f"Condition/{about}", ""),))
        return OpenQuestion(sheet, gap, high)

    first, second = asked(
        (
            open_question(sheet, "ulcer"),
            open_question(sheet, "ulcer", "June"),
            open_question(other, "stroke", high=True),
        ),
        SHIPPED,
    )
    assert [one.id for one in first.sheets] == ["BAC-DOSE-01", "BAC-DOSE-02"]
    assert (first.text, first.high) == ("Not sent: ulcer, stroke since May.", True)
    assert first.references == ("Condition/ulcer", "Condition/stroke")
    assert (second.text, second.high) == ("Not sent: ulcer since June.", False)


def test_other_questions_stand_alone() -> None:
    sheet = replace(SHIPPED.sheets["BAC-DOSE-01"], gaps={"dose": "No dose."})
    twice = (OpenQuestion(sheet, Gap("dose"), high=True), OpenQuestion(sheet, Gap("dose"), high=True))
    assert [one.text for one in asked(twice, SHIPPED)] == ["No dose.", "No dose."]
