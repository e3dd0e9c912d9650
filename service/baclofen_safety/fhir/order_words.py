"""Words and codes on an order that say why it was stopped, or that it fills a pump."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, cast

from ..core.concepts import Concept
from ..core.medicines import StopReason
from ..terminology.lookup import Coding


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(files(__package__).joinpath("stop_reasons.toml").read_text("utf-8"))


@cache
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, words)) + r")(?!\w)")


def _said(words: Iterable[str], text: str) -> bool:
    return bool(text) and _pattern(tuple(words)).search(text.casefold()) is not None


def stop_reasons(codings: list[Coding], text: str, concepts: frozenset[Concept]) -> frozenset[StopReason]:
    """The reasons a ``statusReason`` gives that justify a stop: by code, by concept, then by words."""
    table = _table()
    found = {table["codes"][code] for _, code, _ in codings if code in table["codes"]}
    found |= {table["concepts"][each] for each in concepts if each in table["concepts"]}
    if not found:
        words = " ; ".join([text, *(display for _, _, display in codings)])
        found = {reason for reason, listed in table["words"].items() if _said(listed, words)}
    return frozenset(cast(set[StopReason], found))


def says_refill(codings: Iterable[Coding], text: str) -> bool:
    """Does the order speak of filling a reservoir?"""
    table = _table()["intrathecal"]
    return any(code in table["refill_codes"] for _, code, _ in codings) or _said(table["refill_words"], text)


def says_bolus(codings: Iterable[Coding], text: str) -> bool:
    """Does the order speak of one test or screening dose?"""
    table = _table()["intrathecal"]
    return any(code in table["bolus_codes"] for _, code, _ in codings) or _said(table["bolus_words"], text)
