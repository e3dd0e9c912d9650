"""A running order signed anew as a draft under its own id: its buttons never fall below what is taken."""

from __future__ import annotations

import pytest

from baclofen_safety.assessor import Assessor
from baclofen_safety.cdshooks.call import Call
from baclofen_safety.cdshooks.checking import Checker
from baclofen_safety.cdshooks.repeats import Repeats
from baclofen_safety.store.sql import SqlStore
from cdshooks.calls import client_of, told
from cdshooks.moments import BASE, NOW, WEAK, Json, at_dose, order_in, prefetch_of, searchset, sign


def cards(assessor: Assessor, call: Call) -> list[Json]:
    checker = Checker(
        assessor, {}, 1, lambda: NOW, lambda verdict: None, Repeats(SqlStore("", lambda: NOW), b"", lambda: NOW)
    )
    found: list[Json] = checker.check(call, client_of("default"))["cards"]
    return found


def changes(shown: list[Json]) -> list[Json]:
    """What the cards offer to do to the order itself."""
    actions = [action for card in shown for one in card.get("suggestions", ()) for action in one["actions"]]
    return [one for one in actions if one["type"] != "create"]


def test_a_doubled_dose_is_lowered_to_the_step_allowed_not_to_a_first_dose(assessor: Assessor) -> None:
    shown = cards(assessor, sign(at_dose(20, status="draft")))
    assert told(shown)[0] == "BAC-DOSE-04"
    (action,) = changes(shown)
    doses = [one["doseAndRate"][0]["doseQuantity"]["value"] for one in action["resource"]["dosageInstruction"]]
    assert sum(doses) == 45


@pytest.mark.parametrize("mg", [5, 10])
def test_it_is_neither_removed_nor_lowered_below_what_is_taken(assessor: Assessor, mg: float) -> None:
    weak = prefetch_of(WEAK)
    shown = cards(assessor, sign(at_dose(mg, order_in(weak), status="draft"), prefetch=weak))
    assert shown[0]["indicator"] == "critical"
    assert not changes(shown)


def taper(*steps: tuple[str, str, float]) -> Json:
    """The running order in dated steps."""
    made = at_dose(20, status="active", authoredOn="2026-11-12")
    (dosage,) = made["dosageInstruction"]
    made["dosageInstruction"] = [
        {
            **dosage,
            "timing": {"repeat": {**dosage["timing"]["repeat"], "boundsPeriod": {"start": start, "end": end}}},
            "doseAndRate": [{"doseQuantity": {**dosage["doseAndRate"][0]["doseQuantity"], "value": mg}}],
        }
        for start, end, mg in steps
    ]
    return made


STEPS = (
    ("2026-11-12", "2026-11-18", 20.0),
    ("2026-11-19", "2026-11-25", 15.0),
    ("2026-11-26", "2026-12-02", 10.0),
    ("2026-12-03", "2026-12-09", 5.0),
)


@pytest.mark.parametrize(("kept", "dose"), [(2, 45), (3, 30)])
def test_a_taper_signed_anew_without_its_last_steps_is_a_cut_from_the_last_step_kept(
    assessor: Assessor, kept: int, dose: int
) -> None:
    former = at_dose(20, id="former", status="completed", authoredOn="2026-01-25")
    former["dispenseRequest"] = {"validityPeriod": {"start": "2026-01-25", "end": "2026-11-11"}}
    record = BASE | {"medicationRequests": searchset(taper(*STEPS), former)}
    first, *_ = cards(assessor, sign(taper(*STEPS[:kept]), prefetch=record))
    assert first["indicator"] == "critical"
    assert f"cut {dose} to 0 mg/day" in first["summary"]
    assert "15 to 0" not in str(first)


def test_a_raised_dose_is_lowered_to_what_is_taken_not_below(assessor: Assessor) -> None:
    weak = prefetch_of(WEAK)
    action, kept = changes(cards(assessor, sign(at_dose(20, order_in(weak), status="draft"), prefetch=weak)))
    doses = [one["doseAndRate"][0]["doseQuantity"]["value"] for one in action["resource"]["dosageInstruction"]]
    assert sum(doses) == 30
    assert kept["resource"] == order_in(weak), "until the first step down"
