"""A stop and what follows it, signed together: the drafts are the taper, when they come down far enough."""

from __future__ import annotations

from typing import Any

import pytest

from baclofen_safety.assessor import Assessor
from cdshooks.calls import told
from cdshooks.moments import ORDER, WEAK, at_dose, bundle, call_of, checked, order_in, prefetch_of, sign

Json = dict[str, Any]
STOP = ORDER | {"status": "stopped"}
BY_HAND = [{"dose": "10 mg", "times": 2, "sequence": 1, "start": "day+0", "end": "day+6"}] + [
    {
        "dose": f"{dose} mg",
        "times": 1,
        "sequence": place,
        "start": f"day+{7 * place - 7}",
        "end": f"day+{7 * place - 1}",
    }
    for place, dose in enumerate((15, 10, 5), start=2)
]


def offered(assessor: Assessor) -> list[Json]:
    """The drafts the card of the stop offers."""
    (card,) = [one for one in checked(assessor, sign(STOP)) if one["source"]["topic"]["code"] == "BAC-WD-01"]
    (steps,) = [one for one in card["suggestions"] if one["label"].startswith("Step down")]
    return [action["resource"] for action in steps["actions"]]


def by_hand(**more: Any) -> Json:
    steps = prefetch_of(
        {"order": [{"id": "taper", "product": "baclofen-tablet-10", "status": "draft", "steps": BY_HAND} | more]}
    )
    return order_in(steps, "taper")


@pytest.mark.parametrize("named", [True, False])
def test_its_own_taper_accepted_is_a_taper(assessor: Assessor, named: bool) -> None:
    drafts = [one | ({"id": f"step-{place}"} if named else {}) for place, one in enumerate(offered(assessor))]
    cards = checked(assessor, sign(STOP, *drafts))
    assert not {"BAC-WD-01", "BAC-WD-07"} & set(told(cards))
    assert not [one for card in cards for one in card.get("suggestions", ()) if one["label"].startswith("Step down")]


def test_a_taper_that_breaks_off_is_none(assessor: Assessor) -> None:
    (card, *_) = checked(assessor, sign(STOP, *offered(assessor)[:2]))
    assert (told([card]), card["indicator"]) == (["BAC-WD-07"], "critical")
    assert "cut 20 to 0 mg/day" in card["summary"]


@pytest.mark.parametrize("more", [{}, {"replaces": "order"}])
def test_a_taper_written_by_hand_is_a_taper(assessor: Assessor, more: Json) -> None:
    cards = checked(assessor, sign(STOP, by_hand(**more)))
    assert "BAC-WD-01" not in told(cards)


def test_a_draft_that_is_cut_too_fast_is_told_by_its_steps(assessor: Assessor) -> None:
    draft = by_hand(steps=[{"dose": "5 mg", "times": 2, "sequence": 1, "start": "day+0", "end": "day+3"}])
    found = set(told(checked(assessor, sign(STOP, draft))))
    assert "BAC-WD-07" in found
    assert "BAC-WD-01" not in found


def test_a_draft_of_another_medicine_follows_nothing(assessor: Assessor) -> None:
    other = prefetch_of({"order": [{"id": "new", "product": "oxycodone-5", "dose": "5 mg", "status": "draft"}]})
    assert "BAC-WD-01" in told(checked(assessor, sign(STOP, order_in(other, "new"))))


def test_a_draft_of_the_record_that_is_not_signed_now_follows_nothing(assessor: Assessor) -> None:
    record = prefetch_of(
        {"order": [{"id": "taper", "product": "baclofen-tablet-10", "status": "draft", "steps": BY_HAND}]}
    )
    call = call_of("order-sign", {"draftOrders": bundle(STOP)}, record)
    assert "BAC-WD-01" in told(checked(assessor, call))


def test_a_hole_in_a_taper_is_a_drop_and_no_restart(assessor: Assessor) -> None:
    steps = offered(assessor)
    assert len(steps) > 4
    cards = checked(assessor, sign(STOP, *(steps[:1] + steps[3:])))
    assert "BAC-WD-07" in told(cards)
    assert "BAC-WD-08" not in told(cards)
    labels = [one["label"] for card in cards for one in card.get("suggestions", ())]
    assert not [one for one in labels if one.startswith(("Lower", "Step down"))]


def accepted(cards: list[Json], session: list[Json]) -> list[Json]:
    """The session after the button to step down was pressed."""
    (button,) = [one for card in cards for one in card.get("suggestions", ()) if one["label"].startswith("Step down")]
    gone = {action.get("resourceId") for action in button["actions"]}
    gone |= {
        f"MedicationRequest/{action['resource']['id']}" for action in button["actions"] if action["type"] == "update"
    }
    kept = [one for one in session if f"MedicationRequest/{one['id']}" not in gone]
    return kept + [action["resource"] for action in button["actions"] if "resource" in action]


@pytest.mark.parametrize(
    "cut",
    [
        pytest.param(at_dose(1), id="the running order with another dose"),
        pytest.param(
            at_dose(1, id="less", status="draft", priorPrescription={"reference": "MedicationRequest/order"}),
            id="a draft that follows it",
        ),
    ],
)
def test_the_steps_accepted_take_the_place_of_what_was_too_fast(assessor: Assessor, cut: Json) -> None:
    cards = checked(assessor, sign(cut))
    assert "BAC-WD-07" in told(cards)
    again = checked(assessor, sign(*accepted(cards, [cut])))
    assert "BAC-WD-07" not in told(again)
    assert not [one for card in again for one in card.get("suggestions", ()) if one["label"].startswith("Step down")]


def test_steps_that_are_drafted_are_not_offered_again(assessor: Assessor) -> None:
    weak = prefetch_of(WEAK)
    order = order_in(weak)
    cards = checked(assessor, call_of("patient-view", {}, weak))
    steps = [one | {"id": f"step-{place}"} for place, one in enumerate(accepted(cards, []))]
    again = checked(assessor, sign(*steps, prefetch=weak))
    assert told(again)[0] == told(cards)[0], "the kidneys are as weak as before"
    assert order["status"] == "active"
    assert not [one for card in again for one in card.get("suggestions", ()) if one["label"].startswith("Step down")]


def test_steps_in_place_of_a_rise_follow_the_order_that_runs(assessor: Assessor) -> None:
    weak = prefetch_of(WEAK)
    former = {"reference": "MedicationRequest/order"}
    more = at_dose(20, order_in(weak), id="more", status="draft", priorPrescription=former)
    session = accepted(checked(assessor, sign(more, prefetch=weak)), [more])
    assert len(session) > 1
    assert all(one["priorPrescription"] == former for one in session)
    assert "more" not in {one.get("id") for one in session}
