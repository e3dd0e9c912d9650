"""Copies of one resource: which is newer, whether two say the same, and a number and time put on one."""

from __future__ import annotations

import json
from typing import Any

Json = dict[str, Any]


def content_of(resource: Json) -> str:
    """What a resource says, as text that is the same for the same content."""
    return json.dumps(resource, sort_keys=True, default=str)


def says_the_same(one: Json, other: Json) -> bool:
    """Do two copies differ in nothing but their meta?"""
    return {**one, "meta": None} == {**other, "meta": None}


def updated_of(resource: Json) -> str:
    """meta.lastUpdated as written; "" without one."""
    updated = _meta(resource).get("lastUpdated")
    return updated if isinstance(updated, str) else ""


def age_of(resource: Json) -> tuple[int, str, str]:
    """What sorts copies from the oldest to the newest."""
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


def _meta(resource: Json) -> Json:
    meta = resource.get("meta")
    return meta if isinstance(meta, dict) else {}
