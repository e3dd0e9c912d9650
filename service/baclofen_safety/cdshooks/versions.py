"""Copies of one resource as versions of it: what the EHR holds is older than what the moment makes of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..fhir.editions import content_of, in_order_of_age, stamped
from .prefetch import Supply
from .session import Session
from .shapes import Json, ref_of


@dataclass(frozen=True, slots=True)
class Copies:
    """Copies the EHR holds of resources, by ref, oldest first, no two alike."""

    held: Mapping[str, tuple[Json, ...]]

    def newest(self, ref: str) -> Json | None:
        """What the EHR holds now."""
        held = self.held.get(ref)
        return held[-1] if held else None


def copies_of(refs: Iterable[str], session: Session, supply: Supply) -> Copies:
    """Every copy of some resources in what was sent along and beside the session's own."""
    wanted = frozenset(refs)
    found: dict[str, dict[str, Json]] = {}
    for one in (*supply.resources, *session.extras):
        ref = ref_of(one)
        if ref in wanted:
            found.setdefault(ref, {})[content_of(one)] = one
    return Copies({ref: tuple(in_order_of_age([*held.values()])[0]) for ref, held in found.items()})


def numbered(one: Json, copies: Copies, refs: frozenset[str]) -> Json:
    """A resource; a copy of one of ``refs`` carries its place among the versions, from 1."""
    ref = ref_of(one)
    if ref not in refs or ref not in copies.held:
        return one
    texts = [content_of(held) for held in copies.held[ref]]
    return stamped(one, texts.index(content_of(one)) + 1)
