"""Damaged calls: nothing breaks, and what fired does not turn silent without a reason."""

from __future__ import annotations

from baclofen_safety.assessor import Assessor
from baclofen_safety.cdshooks.services import load_services
from cds_damage import run
from cdshooks.damaging import CALL_DAMAGES


def test_a_damaged_call_is_never_broken(assessor: Assessor) -> None:
    report = run(300, 20261121, assessor)
    assert report.broken == []
    assert {*report.sent} == {*CALL_DAMAGES}
    assert {*report.hooks} == {one.hook for one in load_services().values()}


def test_a_damaged_call_is_never_silent(assessor: Assessor) -> None:
    assert run(300, 20261122, assessor).silent == []
