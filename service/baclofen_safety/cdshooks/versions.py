"""Copies of one resource as versions of it: what the EHR holds is older than what the moment makes of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .prefetch import Supply, resources_in
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
    came = (one for bundle in supply.bundles.values() for one in resources_in(bundle))
    for one in (*came, *session.extras):
        ref = ref_of(one)
        if ref in wanted:
            found.setdefault(ref, {})[content_of(one)] = one
    return Copies({ref: tuple(sorted(held.values(), key=_age)) for ref, held in found.items()})


def content_of(resource: Json) -> str:
    """What a resource says, as text that is the same for the same content."""
    return json.dumps(resource, sort_keys=True, default=str)


def says_the_same(one: Json, other: Json) -> bool:
    """Do two copies differ in nothing but their meta?"""
    return {**one, "meta": None} == {**other, "meta": None}


def _meta(resource: Json) -> Json:
    meta = resource.get("meta")
    return meta if isinstance(meta, dict) else {}


def updated_of(resource: Json) -> str:
    """meta.lastUpdated as written; "" without one."""
    updated = _meta(resource).get("lastUpdated")
    return updated if isinstance(updated, str) else ""


def _age(resource: Json) -> tuple[int, str, str]:
    version = _meta(resource).get("versionId")
    number = int(version) if isinstance(version, str) and version.isascii() and version.isdecimal() else -1
    return number, updated_of(resource), content_of(resource)


def stamped(resource: Json, version: int | None, updated: str = "") -> Json:
    """A copy with its number and the time it was made, where they are told."""
    meta = dict(_meta(resource))
    if version is not None:
        meta["versionId"] = str(version)
    if updated:
        meta["lastUpdated"] = updated
    return {**resource, "meta": meta}


def numbered(one: Json, copies: Copies, refs: frozenset[str]) -> Json:
    """A resource; a copy of one of ``refs`` carries its place among the versions, from 1."""
    ref = ref_of(one)
    if ref not in refs or ref not in copies.held:
        return one
    texts = [content_of(held) for held in copies.held[ref]]
    return stamped(one, texts.index(content_of(one)) + 1)
