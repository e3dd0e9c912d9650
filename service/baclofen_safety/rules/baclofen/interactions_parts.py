"""What the interaction rules say alike: partners by name, what shows them, which orders are meant."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ...core.fact import Evidence, Known, is_yes
from ...core.rule import Gap
from .interactions_pairs import NEEDS
from .said import kidney_below, refs

if TYPE_CHECKING:
    from decimal import Decimal

    from ...core.facts import Facts
    from ...core.knowledge import Limits
    from ...core.partners import Partner


def unsent(facts: Facts) -> tuple[Gap, ...]:
    """On baclofen, and nobody sent what else is taken: a question instead of silence."""
    return () if facts.partners.sent or not facts.partners.on_baclofen else (Gap("medicines", needs=NEEDS),)


def names(partners: Iterable[Partner]) -> str:
    """The ingredients, as people read them."""
    return ", ".join(partner.name for partner in partners)


def cite(partners: Iterable[Partner]) -> tuple[Evidence, ...]:
    """What shows that they are taken."""
    return tuple(evidence for partner in partners for evidence in partner.evidence)


def implicate(facts: Facts, partners: Iterable[Partner]) -> tuple[str, ...]:
    """The baclofen orders in force and the records of the partners, each once."""
    met = (ref for partner in partners for ref in partner.refs)
    return tuple(dict.fromkeys((*refs(facts.partners.baclofen), *met)))


def is_older(facts: Facts, limits: Limits) -> bool | None:
    """65 or over; a birth date that leaves it open counts, none at all is unknown."""
    older = facts.person.at_least(limits["older-age"])
    return True if older is None and isinstance(facts.person.age, Known) else older


def weak_kidney(facts: Facts, top: Decimal) -> bool:
    """On dialysis, or kidney function known to lie below, mL/min."""
    return is_yes(facts.kidney.dialysis) or kidney_below(facts, top)
