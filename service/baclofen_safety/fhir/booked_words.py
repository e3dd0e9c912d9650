"""Is what a booking says the dialysis itself, or does it only speak of it?"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from itertools import pairwise

from ..core.concepts import Concept
from ..core.dialysis import DIALYSIS
from ..terminology.text import words
from .page import Page, Words, shown
from .read_events import concepts_of, words_of

_ELSEWHERE = ("serviceCategory", "specialty", "appointmentType")


@cache
def _table() -> dict[str, frozenset[str]]:
    table = tomllib.loads(files(__package__).joinpath("booked_words.toml").read_text("utf-8"))["dialysis"]
    return {key: frozenset(each) for key, each in table.items()}


def speaks_of_dialysis(page: Page, parts: Sequence[Words], said: str) -> bool:
    """Does no code say that it is dialysis, and are its words more than the session itself?"""
    if page.intake.terms.concepts("proc", [coding for part in parts for coding in part[0]]) & DIALYSIS:
        return False
    return not _is_session([*map(shown, parts), said])


def dialysis_elsewhere(page: Page, said: str) -> frozenset[Concept]:
    """Dialysis that the category, specialty or type of a booking names, and nothing beside it takes back."""
    for key in _ELSEWHERE:
        part = words_of(page, key)
        found = concepts_of(page, [part])[0] & DIALYSIS
        if found and not speaks_of_dialysis(page, [part], "") and _table()["aside"].isdisjoint(words(said)):
            return found
    return frozenset()


def _is_session(texts: Sequence[str]) -> bool:
    table = _table()
    read = [words(part) for text in texts for part in text.split(";")]
    if any(not table["aside"].isdisjoint(each) for each in read):
        return False
    return any(_is_whole(each) or any(_is_pair(*pair) for pair in pairwise(each)) for each in read)


def _is_whole(read: tuple[str, ...]) -> bool:
    known = _table()["names"] | _table()["beside"]
    return not _table()["names"].isdisjoint(read) and all(one in known or one.isdigit() for one in read)


def _is_pair(one: str, other: str) -> bool:
    table = _table()
    return (one in table["before"] and other in table["names"]) or (one in table["names"] and other in table["behind"])
