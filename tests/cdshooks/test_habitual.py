"""A refill gap that cannot be judged as no fills ever come: told where it matters, not under every quiet answer."""

from __future__ import annotations

from typing import Any

import pytest

from baclofen_safety.assessor import Assessor
from baclofen_safety.cdshooks.moments import moments
from cdshooks.moments import at_dose, bundle, call_of, checked, order_in, prefetch_of, searchset

Json = dict[str, Any]
FILLS = "medicationDispenses"
GAP, TITLE = "BAC-WD-03", "Whether the supply has run out"
WITHOUT: Json = {"drop": ["supply-1", "supply-2", "supply-3", "supply"]}
BASE = prefetch_of(WITHOUT)
ORDER = order_in(BASE)
del ORDER["dispenseRequest"]  # it says how long a supply lasts
ABSENT = {key: one for key, one in BASE.items() if key != FILLS}
FILL = prefetch_of({})[FILLS]["entry"][-1]["resource"]
OTHER = {"coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "314076"}], "text": "lisinopril"}
FAILED = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "timeout"}]}


def open_in(cards: list[Json]) -> list[str]:
    return [rule for card in cards for rule in card["extension"]["example.baclofen-safety"].get("open", ())]


@pytest.mark.parametrize("prefetch", [BASE, ABSENT, {**ABSENT, FILLS: None}])
def test_alone_it_makes_no_card(assessor: Assessor, prefetch: Json) -> None:
    assert checked(assessor, call_of("patient-view", {}, prefetch)) == []
    assert checked(assessor, call_of("order-sign", {"draftOrders": bundle(at_dose(10, ORDER))}, prefetch)) == []


def test_a_refill_is_about_it(assessor: Assessor) -> None:
    again = at_dose(10, ORDER, id="again", status="draft")
    cards = checked(assessor, call_of("medication-refill", {"medications": bundle(again)}, BASE))
    assert open_in(cards) == [GAP]
    assert cards[-1]["summary"].endswith(TITLE)


@pytest.mark.parametrize(
    "fills",
    [
        pytest.param(FAILED, id="they could not be read"),
        pytest.param({**searchset(), "total": 3}, id="they came in part"),
        pytest.param(searchset({**FILL, "medicationCodeableConcept": OTHER}), id="only of other medicines"),
        pytest.param(searchset({**FILL, "daysSupply": None, "quantity": None}), id="they say no length"),
        pytest.param(searchset({**FILL, "whenHandedOver": "qqq"}), id="of a day nobody can read"),
    ],
)
def test_fills_that_leave_it_open_are_told(assessor: Assessor, fills: Json) -> None:
    cards = checked(assessor, call_of("patient-view", {}, {**BASE, FILLS: fills}))
    assert GAP in open_in(cards)


def test_it_is_told_beside_a_sign_of_withdrawal(assessor: Assessor) -> None:
    ends = prefetch_of({**WITHOUT, "order": [{"id": "order", "end": "+3d", "refills": 0}]})
    cards = checked(assessor, call_of("patient-view", {}, ends))
    assert any("BAC-WD-06" in str(card["extension"]) for card in cards)
    assert open_in(cards) == [GAP]


def test_beside_other_questions_it_is_a_line_and_no_headline(assessor: Assessor) -> None:
    no_kidneys = prefetch_of({"drop": [*WITHOUT["drop"], "creatinine"]})
    *_, card = checked(assessor, call_of("patient-view", {}, no_kidneys))
    assert TITLE in card["detail"]
    assert TITLE not in card["summary"]


def test_the_table_names_what_there_is(assessor: Assessor) -> None:
    table = moments()
    assert all(reasons <= assessor.book.sheets[rule].gaps.keys() for rule, reasons in table.habitual.items())
    assert table.habitual_beside <= set(assessor.book.family_titles)
