"""What the rules on symptoms share: signs gathered into clusters, and how they are said and cited."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...core.fact import Evidence, is_yes
from ...core.sign_kinds import Sign

if TYPE_CHECKING:
    from ...core.facts import Facts


@dataclass(frozen=True, slots=True)
class Cluster:
    """Signs that count as one: the kinds in it, whatever record they come from."""

    kinds: frozenset[str]

    def of(self, signs: Iterable[Sign]) -> tuple[Sign, ...]:
        """The signs of this cluster."""
        return tuple(sign for sign in signs if sign.kind in self.kinds)


def cluster(*kinds: str) -> Cluster:
    return Cluster(frozenset(kinds))


def gather(signs: Iterable[Sign], clusters: Iterable[Cluster]) -> tuple[tuple[Sign, ...], ...]:
    """The signs cluster by cluster, empty clusters left out."""
    held = tuple(signs)
    return tuple(found for found in (one.of(held) for one in clusters) if found)


def say(signs: Iterable[Sign]) -> tuple[str, ...]:
    """What the signs are called, each once."""
    return tuple(dict.fromkeys(sign.says for sign in signs))


def cite(signs: Iterable[Sign], *more: Evidence) -> tuple[Evidence, ...]:
    """The records of the signs, each once."""
    return tuple(dict.fromkeys((*(sign.evidence for sign in signs), *more)))


def undated(signs: Iterable[Sign]) -> tuple[str, ...]:
    """The note that one of the signs has no date."""
    return ("undated",) if any(sign.at is None for sign in signs) else ()


def baclofen_orders(facts: Facts) -> tuple[str, ...]:
    """The baclofen the patient is on, by any route; without any, what was ordered last."""
    orders = (*facts.oral.in_force, *facts.it.in_force)
    return tuple(dict.fromkeys(order.ref for order in orders if order.status != "draft")) or tuple(
        order.ref for order in facts.chart.baclofen[-1:]
    )


def has_pump(facts: Facts) -> bool:
    """Does a pump give, or may it give, baclofen?"""
    return not (is_yes(facts.it.pump_present) is False and not facts.it.in_force)
