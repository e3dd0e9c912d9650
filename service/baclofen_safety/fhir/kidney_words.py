"""Words of a kidney disease: its stage in an element of its own; that it was, may be or is another's."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

from ..core.concepts import Concept
from .page import Page, shown

_UNSTAGED: Concept = "cond-ckd-unspecified"
_STAGE = ("cond-ckd-stage-", "cond-esrd")


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("kidney_words.toml").read_text("utf-8"))


@cache
def _aside() -> re.Pattern[str]:
    table = _table()
    named, gap = rf"\b(?:{_one_of(table['names'])})\b", f"{{0,{table['reach']}}}?"
    before = rf"\b(?:{_one_of(table['before'])})\b(?:(?!\b(?:{_one_of(table['between'])})\b)[^,;.(]){gap}{named}"
    over = rf"\b(?:{_one_of(table['behind'])})\b"
    behind = rf"{named}(?:[^,;.(]{gap}[,(]?\s*{over}|.*[,;(]\s*{over}\W*$)"
    return re.compile(f"{before}|{behind}", re.IGNORECASE)


def _one_of(words: Iterable[str]) -> str:
    return "|".join(map(re.escape, words))


def is_aside(text: str) -> bool:
    """Do the words say that the kidney disease was, may be or is another's?"""
    return _aside().search(text) is not None


def stage_of(page: Page, concepts: frozenset[Concept]) -> frozenset[Concept]:
    """The stage that ``Condition.stage`` gives a kidney disease that has none."""
    if _UNSTAGED not in concepts or any(one.startswith(_STAGE) for one in concepts):
        return frozenset()
    terms, found = page.intake.terms, set[Concept]()
    for each in page.elements("stage"):
        words = page.words(each.get("summary"), "stage.summary")
        found |= terms.concepts("cond", words[0]) | terms.text_concepts("cond", f"{_table()['staged']} {shown(words)}")
    return frozenset(one for one in found if one.startswith(_STAGE))
