"""An order stopped in the session in which its step-down is signed: the stop counts for every step."""

from __future__ import annotations

import copy

from baclofen_safety.assessor import Assessor
from cdshooks.moments import ORDER, Json, at_dose, judge, sign

STEPS = (("a", 15, "2026-11-20", "2026-12-05"), ("b", 10, "2026-12-06", "2026-12-20"), ("c", 5, "2026-12-21", ""))


def step(name: str, mg: float, start: str, end: str) -> Json:
    """A draft of one step, which names no order before it."""
    made = copy.deepcopy(at_dose(mg, id=name, status="draft", authoredOn="2026-11-20T11:00:00Z"))
    bounds = {"start": start, "end": end} if end else {"start": start}
    for each in made["dosageInstruction"]:
        each["timing"]["repeat"]["boundsPeriod"] = bounds
    return made


def test_the_later_steps_do_not_run_beside_what_was_stopped(assessor: Assessor) -> None:
    drafts = [step(*one) for one in STEPS]
    found = {one.sheet.id for one in judge(assessor, sign({**ORDER, "status": "stopped"}, *drafts)).issues}
    assert not found & {"BAC-DUP-01", "BAC-WD-01"}


def test_steps_that_all_begin_later_leave_the_stop_a_stop(assessor: Assessor) -> None:
    drafts = [step(*one) for one in STEPS[1:]]
    found = {one.sheet.id for one in judge(assessor, sign({**ORDER, "status": "stopped"}, *drafts)).issues}
    assert "BAC-WD-01" in found
