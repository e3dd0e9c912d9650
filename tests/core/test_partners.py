"""Medicines beside baclofen: who counts as taken, since when, and since when unchanged."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from baclofen_safety.core.chart import Acknowledgement
from baclofen_safety.core.classes import OPIOIDS, SEDATIVES
from baclofen_safety.core.fact import Known
from baclofen_safety.core.facts import Facts
from baclofen_safety.core.medicines import DoseStep, Given, Medicine, MedicineState, Order, Supply

from .charts import AS_OF, ago, book, chart, order

MORPHINE = Medicine(
    "morphine 10 mg tablet", MedicineState.MATCHED, frozenset({"morphine"}), frozenset({"med-opioid"}), form="tablet"
)
NINETY = Decimal(90)


def opioid(days: float, name: str = "m", mg: int = 10, **more: Any) -> Order:
    step = DoseStep(Decimal(mg), start=ago(days), end=more.pop("until", None))
    more = {"status": "active", "medicine": MORPHINE, "route": "route-oral", "start": ago(days)} | more
    return Order(f"MedicationRequest/{name}", steps=(step,), **more)


def judge(*records: Any, signed: bool = False, **more: Any) -> Facts:
    return Facts(chart(*records, **more), AS_OF, book().shared_limits(AS_OF.date()), signed=signed)


def test_two_orders_of_one_drug_are_one_partner_since_the_first() -> None:
    facts = judge(order(30), opioid(50, "a", until=ago(20), status="completed"), opioid(20, "b"))
    (partner,) = facts.partners.of(*OPIOIDS)
    assert partner.refs == ("MedicationRequest/b",)
    assert partner.name == "morphine"
    assert partner.started == ago(50)
    assert partner.changed == ago(50)
    assert partner.daily == Known(Decimal(10), partner.daily.evidence, "computed")
    assert partner.evidence[0].says.startswith("morphine 10 mg tablet since ")


def test_a_hole_of_four_days_is_a_new_start() -> None:
    facts = judge(order(30), opioid(50, "a", until=ago(25), status="completed"), opioid(20, "b"))
    (partner,) = facts.partners.of(*OPIOIDS)
    assert partner.started == ago(20)


def test_a_known_class_without_an_ingredient_goes_by_its_name() -> None:
    group = Medicine("N02A", MedicineState.MATCHED, frozenset(), frozenset({"med-opioid"}))
    (partner,) = judge(order(30), opioid(50, medicine=group)).partners.of(*OPIOIDS)
    assert partner.name == "n02a"


def test_one_product_of_two_drugs_makes_two_partners() -> None:
    both = replace(
        MORPHINE,
        ingredients=frozenset({"codeine", "butalbital"}),
        parts=(("butalbital", frozenset({"med-barbiturate"})), ("codeine", frozenset({"med-opioid"}))),
    )
    assert [one.name for one in judge(opioid(5, medicine=both)).partners.of(*SEDATIVES)] == ["butalbital", "codeine"]


@pytest.mark.parametrize("status", ["draft", "stopped", "completed", "on-hold", "cancelled", "intended", "not-taken"])
def test_what_is_not_in_force_is_no_partner(status: Any) -> None:
    assert not judge(order(30), opioid(5, status=status, changed=ago(1))).partners.of(*OPIOIDS)


def test_a_draft_joins_in_the_signed_picture_and_is_new() -> None:
    (partner,) = judge(order(30), opioid(-2, status="draft"), signed=True).partners.of(*OPIOIDS)
    assert partner.draft
    assert partner.started_within(1)
    assert not partner.older_than(0)


def test_a_medicine_ahead_is_told_from_its_day() -> None:
    (partner,) = judge(order(30), opioid(-2, status="draft"), signed=True).partners.of(*OPIOIDS)
    assert " from 2026-" in partner.evidence[0].says


def test_a_draft_of_more_is_a_change() -> None:
    now, more = opioid(200, "a"), opioid(0, "b", 20, status="draft", replaces="MedicationRequest/a")
    facts = judge(order(30, 200), now, more, signed=True)
    (partner,) = facts.partners.of(*OPIOIDS)
    assert not partner.draft
    assert not facts.partners.stable(partner, NINETY)
    before = judge(order(30, 200), now, more)
    assert before.partners.stable(before.partners.of(*OPIOIDS)[0], NINETY)


def test_an_unknown_start_is_neither_new_nor_settled() -> None:
    report = opioid(0, start=None, reported=True)
    facts = judge(order(30, 200), replace(report, steps=(DoseStep(Decimal(10)),)))
    (partner,) = facts.partners.of(*OPIOIDS)
    assert partner.started is None
    assert not partner.started_within(1000)
    assert not partner.older_than(0)
    assert not facts.partners.stable(partner, Decimal(1))


def test_baclofen_of_unknown_start_does_not_unsettle() -> None:
    report = replace(order(30), start=None, reported=True, steps=(DoseStep(Decimal(30)),))
    seen = Acknowledgement("DetectedIssue/1", "BAC-DDI-01", ago(10))
    facts = judge(report, opioid(100), acknowledgements=(seen,))
    (partner,) = facts.partners.of(*OPIOIDS)
    assert facts.partners.baclofen_changed is None
    assert facts.partners.stable(partner, NINETY)
    assert facts.partners.acknowledged("BAC-DDI-01", partner)
    assert not facts.partners.acknowledged("BAC-DDI-02", partner)


def test_baclofen_in_an_uncertain_state_settles_nothing() -> None:
    facts = judge(order(30, 200, status="unknown"), opioid(200))
    (partner,) = facts.partners.of(*OPIOIDS)
    assert not facts.partners.stable(partner, Decimal(1))


def test_hand_overs_and_doses_without_an_order_show_a_partner() -> None:
    supply = Supply("MedicationDispense/1", MORPHINE, handed_over=ago(5), days=Decimal(10))
    (partner,) = judge(order(30), supplies=(supply,)).partners.of(*OPIOIDS)
    assert partner.refs == ("MedicationDispense/1",)
    assert not partner.single_dose
    dose = Given("MedicationAdministration/1", MORPHINE, ago(0.4), route="route-intravenous")
    (partner,) = judge(order(30), given=(dose,)).partners.of(*OPIOIDS)
    assert partner.single_dose
    assert partner.started == ago(0.4)
    assert partner.until is None
    missed = replace(dose, given=False)
    assert not judge(order(30), given=(missed,)).partners.of(*OPIOIDS)


def test_a_hand_over_of_a_stopped_order_shows_nothing() -> None:
    stopped = opioid(30, status="stopped", changed=ago(3))
    supply = Supply("MedicationDispense/1", MORPHINE, handed_over=ago(10), days=Decimal(30), order=stopped.ref)
    unlinked = replace(supply, ref="MedicationDispense/2", order=None)
    assert not judge(order(30), stopped, supplies=(supply, unlinked)).partners.of(*OPIOIDS)


@pytest.mark.parametrize("route", ["route-topical", "route-ophthalmic", "route-vaginal"])
def test_local_routes_do_not_count(route: str) -> None:
    assert not judge(order(30), opioid(5, route=route)).partners.of(*OPIOIDS)
    cream = replace(MORPHINE, form="topical")
    assert not judge(order(30), opioid(5, route=None, medicine=cream)).partners.of(*OPIOIDS)


def test_what_was_looked_into() -> None:
    assert judge(order(30)).partners.sent
    assert not judge(received={"Observation": "sent"}).partners.sent
