"""Words about a pump in what is asked for or booked for a patient who has one, which nobody recognised: told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from ..core.fact import is_yes
from ..core.facts import Facts
from .elsewhere import words_of
from .moments import moments
from .occasion import Occasion, references
from .session import OVER, PRESCRIBED, role_of
from .shapes import ref_of, status_of


def said_of_pump(occasion: Occasion) -> tuple[str, ...]:
    """What the session says of the pump in words that no rule could make anything of."""
    said = tuple(dict.fromkeys(_said(occasion)))
    return said if said and _has_pump(occasion) else ()


def _said(occasion: Occasion) -> Iterator[str]:
    if role_of(occasion.call.service) not in ("draft", "booking"):
        return
    known = {ref for issue in occasion.verdict.issues for ref in references(issue)}
    pump = moments().pump_concepts
    known |= {act.ref for act in occasion.verdict.chart.acts if any(one.startswith(pump) for one in act.concepts)}
    for one in occasion.session.resources:
        medicine = one["resourceType"] in PRESCRIBED
        if not medicine and ref_of(one) not in known and status_of(one) not in OVER | {"entered-in-error"}:
            yield from (words for words in words_of(one) if _names_pump(words))


def _names_pump(words: str) -> bool:
    """Are they about the pump: no other one, and no picture or visit that leaves it as it is?"""
    held = moments()

    def has(listed: tuple[str, ...]) -> bool:
        return _one_of(listed).search(words) is not None

    is_other = has(held.other_pumps) and not has(held.own_pump)
    is_quiet = has(held.pump_quiet) and not has(held.pump_changes)
    return has(held.pump_words) and not is_other and not is_quiet


@cache
def _one_of(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})\b", re.IGNORECASE)


def _has_pump(occasion: Occasion) -> bool:
    verdict = occasion.verdict
    facts = Facts(verdict.chart, verdict.as_of, occasion.book.shared_limits(verdict.as_of.date()))
    return verdict.applies and (is_yes(facts.it.pump_present) or is_yes(facts.it.active))
