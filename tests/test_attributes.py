"""The thirteen source attributes: one of each, and none that denies what a rule was seen to use."""

from __future__ import annotations

import re

import pytest

from baclofen_safety.assessor import load_knowledge
from baclofen_safety.core.assess import assess
from baclofen_safety.core.attributes import is_used, source_attributes
from baclofen_safety.fhir.reading import read_chart
from baclofen_safety.terminology.lookup import Terminology
from builders import make_bundle
from cases import every_case

BOOK = load_knowledge("")
ASKED = {
    "date-of-birth": re.compile(r"person\.(age|at_least|below|adult|younger)|kidney\.(egfr|band|worse)"),
    "sex": re.compile(r"person\.sex|kidney\.(egfr|band|worse)"),
}
"""Facts that cannot be known without the datum."""
TAPER_AND_CAP = re.compile(r"taper|cap|ceiling|step", re.IGNORECASE)


def test_every_rule_has_all_thirteen() -> None:
    for sheet in BOOK.sheets.values():
        told = source_attributes(sheet, BOOK)
        assert [one.id for one in told] == [
            *("citation", "developer", "funding", "dates", "race", "ethnicity", "language", "sexual-orientation"),
            *("gender-identity", "sex", "date-of-birth", "social-determinants", "health-status"),
        ]
        assert all(one.says for one in told)
        assert told[0].says == sheet.cited


@pytest.mark.parametrize("attribute", ASKED)
def test_what_a_rule_asks_for_is_owned_up_to(attribute: str) -> None:
    """A rule whose text does not speak of age or sex asks for it only to work out a ceiling or a schedule."""
    terms = Terminology.load()
    row = next(one for one in BOOK.attributes if one.id == attribute)
    denied = {rule for rule, sheet in BOOK.sheets.items() if not is_used(row, sheet)}
    caught = set()
    for _, case in list(every_case())[::3]:
        chart = read_chart(make_bundle(case), as_of=case.as_of, subject=None, terms=terms)
        for line in assess(chart, case.as_of, BOOK, traced=True).trace:
            if line.rule in denied and any(ASKED[attribute].match(seen.fact) for seen in line.seen):
                caught.add(line.rule)
    assert not {rule for rule in caught if not TAPER_AND_CAP.search(BOOK.sheets[rule].order_change)}
