"""Typical cards say what was read and agreed on."""

from __future__ import annotations

from baclofen_safety.assessor import Assessor
from cdshooks.golden_cards import FILE, written


def test_typical_cards_say_what_was_agreed(assessor: Assessor) -> None:
    assert written(assessor) == FILE.read_text("utf-8"), "run python tests/cdshooks/golden_cards.py, read it"
