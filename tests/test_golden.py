"""Every case says in full what is written down of it; ``make golden`` writes it anew, for review."""

from __future__ import annotations

import pytest

from baclofen_safety.assessor import load_knowledge
from baclofen_safety.terminology.lookup import Terminology
from cases import Case, every_case
from golden import FOLDER, judged, read_down

BOOK = load_knowledge("")
TERMS = Terminology.load()
TABLES: dict[str, list[Case]] = {}
for _family, _case in every_case():
    TABLES.setdefault(_family, []).append(_case)


@pytest.mark.parametrize("family", TABLES)
def test_a_table_says_what_is_written_down(family: str) -> None:
    held = read_down(family)
    said = {case.name: judged(case, BOOK, TERMS) for case in TABLES[family]}
    assert list(held) == list(said)
    changed = [name for name in said if held[name].rstrip("\n") != said[name].rstrip("\n")]
    assert changed == [], "look at what changed; if it is meant: make golden"


def test_no_table_is_left_over() -> None:
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(TABLES)
