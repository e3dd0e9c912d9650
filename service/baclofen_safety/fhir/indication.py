"""What an order is for, as far as the rules ask: alcohol use disorder, or something else."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from ..core.concepts import Concept
from .page import Page, Words

_ALCOHOL = frozenset({"cond-alcohol-use-disorder", "fact-indication-alcohol"})
_WORDS = re.compile(r"\balcohol", re.IGNORECASE)
_SPASTIC = re.compile(r"\bspas", re.IGNORECASE)


def read_indication(
    page: Page, reason: Words, references: Iterable[object], concepts: frozenset[Concept]
) -> Literal["alcohol", "other"] | None:
    """From the concepts on the order, the words of its reason, then the Conditions its reason names."""
    if concepts & _ALCOHOL:
        return "alcohol"
    said = [reason[1], *(display for _, _, display in reason[0])]
    told = bool(reason[0] or reason[1])
    for reference in references:
        display = reference.get("display") if isinstance(reference, dict) else None
        display = display if isinstance(display, str) else ""
        said.append(display)
        named = page.intake.record.find(reference, page.resource)
        told = told or bool(display) or named is not None
        if named is None:
            continue
        codings, text = page.words(named[1].get("code"), "reasonReference")
        if codings and page.intake.terms.concepts("cond", codings) & _ALCOHOL:
            return "alcohol"
        said += [text, *(shown for _, _, shown in codings)]
    words = "; ".join(filter(None, said))
    if _WORDS.search(words) and not _SPASTIC.search(words):
        return "alcohol"
    return "other" if told else None
