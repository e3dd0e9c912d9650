"""Which of several versions of one resource is the newest: by version number, else by time."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]


def in_order_of_age(versions: list[Json]) -> tuple[list[Json], bool]:
    """The versions that differ, oldest first; is it unclear which is the newest?"""
    numbered = all(_version_of(each) >= 0 for each in versions)  # else only their times can be compared

    def age_of(each: Json) -> tuple[int, str]:
        return (_version_of(each) if numbered else 0, _updated_of(each))

    versions = sorted(versions, key=lambda each: (*age_of(each), _content(each)))
    kept = [each for index, each in enumerate(versions) if index == 0 or each != versions[index - 1]]
    unclear = not numbered and not _updated_of(kept[0])
    return kept, unclear or (len(kept) > 1 and age_of(kept[-2]) == age_of(kept[-1]))


def _version_of(resource: Json) -> int:
    """The versionId as a number; -1 without one."""
    meta = resource.get("meta")
    version = meta.get("versionId") if isinstance(meta, dict) else None
    return int(version) if isinstance(version, str) and version.isdecimal() and len(version) < 19 else -1


def _updated_of(resource: Json) -> str:
    """lastUpdated in a form that sorts by time; "" without one."""
    meta = resource.get("meta")
    updated = meta.get("lastUpdated") if isinstance(meta, dict) else None
    if not isinstance(updated, str):
        return ""
    try:
        at = datetime.fromisoformat(updated)
    except ValueError:
        return updated
    return at.astimezone(UTC).isoformat(timespec="microseconds") if at.tzinfo else updated


def _content(resource: Json) -> str:
    try:
        return json.dumps(resource, sort_keys=True, default=str)
    except (RecursionError, ValueError):
        return ""
