"""How the patient gets about, in the record's own words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .fact import Evidence
from .measuring import tell

if TYPE_CHECKING:
    from .person import PersonFacts

CANNOT_WALK = re.compile(
    r"\b(?:wheel ?chair|bed-?bound|bedridden|non-?ambulant|non-?ambulatory|(?:cannot|can not|unable to|does not) walk"
    r"|gmfcs\D{0,8}(?:iv|v|4|5))\b",
    re.IGNORECASE,
)
WALKS = re.compile(r"\b(?:walks?|walking|ambulant|ambulatory|ambulates?)\b", re.IGNORECASE)
NO_TRANSFERS = re.compile(
    r"\b(?:(?:no|without|does not make) transfers?|hoist(?:ed)?|bed-?bound|bedridden)\b", re.IGNORECASE
)


def mobility(person: PersonFacts) -> tuple[str, Evidence] | None:
    """The newest word on mobility, an observation's or a flag's, and where it stands."""
    said = [m for m in person.chart.measurements.get("fact-mobility", ()) if m.problem is None and m.at is not None]
    if said:
        newest = max(said, key=lambda m: m.at.first if m.at else person.as_of)
        return newest.shown, tell(newest, "mobility")
    flags = person.active("fact-mobility")
    return (flags[0].text, Evidence(flags[0].ref, flags[0].text)) if flags else None
