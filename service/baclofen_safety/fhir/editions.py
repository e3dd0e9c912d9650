"""Versions of one resource: which is newer (by number, else by time), what they say, and the marks that order them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

Json = dict[str, Any]

_CLOCKS_DIFFER = timedelta(minutes=5)


def in_order_of_age(versions: list[Json]) -> tuple[list[Json], bool]:
    """The versions that differ, oldest first; is it unclear which is the newest?"""
    numbered = all(_number_of(each) >= 0 for each in versions)  # else only their times can be compared

    def age_of(each: Json) -> tuple[int, str]:
        return (_number_of(each) if numbered else 0, time_updated(each))

    versions = sorted(versions, key=lambda each: (*age_of(each), content_of(each)))
    kept = [each for index, each in enumerate(versions) if index == 0 or each != versions[index - 1]]
    unclear = _is_turned(kept) if numbered else not time_updated(kept[0])
    return kept, unclear or (len(kept) > 1 and age_of(kept[-2]) == age_of(kept[-1]))


def _is_turned(versions: list[Json]) -> bool:
    """Was the version of the highest number updated before another one, by more than clocks may differ?"""
    times = [_instant(each) for each in versions]
    newest = times[-1] if times else None
    return newest is not None and any(at is not None and at - newest > _CLOCKS_DIFFER for at in times)


def _instant(resource: Json) -> datetime | None:
    """lastUpdated as an instant; None without one, or without a zone."""
    try:
        at = datetime.fromisoformat(updated_of(resource))
    except ValueError:
        return None
    return at if at.tzinfo else None


def is_copy(one: Json, other: Json) -> bool:
    """Are they the same to the letter? ``1`` and ``1.0`` are not."""
    try:
        return one == other and orjson.dumps(one) == orjson.dumps(other)
    except (RecursionError, TypeError):  # nested too deeply
        return False


def says_the_same(one: Json, other: Json) -> bool:
    """Do two versions differ in nothing but their meta?"""
    return {**one, "meta": None} == {**other, "meta": None}


def stamped(resource: Json, version: int | None, updated: str = "") -> Json:
    """A copy with its number and the time it was made, where they are told."""
    meta = dict(_meta(resource))
    if version is not None:
        meta["versionId"] = str(version)
    if updated:
        meta["lastUpdated"] = updated
    return {**resource, "meta": meta}


def updated_of(resource: Json) -> str:
    """lastUpdated as written; "" without one."""
    updated = _meta(resource).get("lastUpdated")
    return updated if isinstance(updated, str) else ""


def time_updated(resource: Json) -> str:
    """lastUpdated in a form that sorts by time; "" without one."""
    at = _instant(resource)
    return at.astimezone(UTC).isoformat(timespec="microseconds") if at else updated_of(resource)


def content_of(resource: Json) -> str:
    """What a resource says, as text that is the same for the same content."""
    try:
        return json.dumps(resource, sort_keys=True, default=str)
    except (RecursionError, ValueError):
        return ""


def version_of(resource: Json) -> str:
    """The versionId; "" without one."""
    version = _meta(resource).get("versionId")
    return version if isinstance(version, str) else ""


def _number_of(resource: Json) -> int:
    """The versionId as a number; -1 without one."""
    version = version_of(resource)
    return int(version) if version.isdecimal() and len(version) < 19 else -1


def _meta(resource: Json) -> Json:
    meta = resource.get("meta")
    return meta if isinstance(meta, dict) else {}
