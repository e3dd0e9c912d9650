"""Source attributes: what a decision support intervention rests on and whose data it uses, rule by rule."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .knowledge import Attribute, Rulebook, RuleSheet
from .words import fill

_WORD = re.compile(r"[a-z]+")


@dataclass(frozen=True, slots=True)
class SourceAttribute:
    """One attribute as it stands for one rule."""

    id: str
    title: str
    says: str


def source_attributes(sheet: RuleSheet, book: Rulebook) -> tuple[SourceAttribute, ...]:
    """The attributes of one rule, in their legal order."""
    values = {"cited": sheet.cited, "effective": sheet.effective, "version": book.version}
    return tuple(
        SourceAttribute(one.id, one.title, fill(one.used if is_used(one, sheet) else one.not_used, values))
        for one in book.attributes
    )


def is_used(attribute: Attribute, sheet: RuleSheet) -> bool:
    """Does the rule's own text speak of such data?"""
    if not attribute.when:
        return True
    text = " ".join((sheet.title, sheet.fires, sheet.quiet, sheet.cannot_judge, *sheet.needs, *sheet.helps))
    return not attribute.when.isdisjoint(_WORD.findall(text.lower()))
