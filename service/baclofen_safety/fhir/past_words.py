"""The year the words of a condition give: "baclofen withdrawal in 2024" is not of today."""

from __future__ import annotations

import re
from datetime import tzinfo

from ..core.moment import Moment
from .when import read_moment

_YEAR = re.compile(
    r"(?:\bin\s+(?:[a-z]+\.?\s+)?|[(/]|^)((?:19|20)\d\d)\b(?!\s*(?:[mµu]?c?g|ml|units?|iu)\b)"
    r"|\b((?:19|20)\d\d)\)?$",
    re.IGNORECASE,
)
_UNCLEAR = re.compile(
    r"\b(?:again|now|today|current\w*|ongoing|recurr\w*|still|new(?:ly)?|present\w*|since|pump|implant\w*|device)\b",
    re.IGNORECASE,
)
"""It goes on, or the year may be that of something else."""


def year_said(text: str, zone: tzinfo) -> Moment | None:
    """The newest year the words say it was in, None where they say none, that it goes on, or speak of more."""
    years = [first or last for first, last in _YEAR.findall(text.strip())]
    if not years or _UNCLEAR.search(text):
        return None
    return read_moment(max(years), zone)[0]
