"""A tag put on a resource, at its usual place: after the id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]
_FIRST = ("resourceType", "id", "meta")


def tagged(resource: Mapping[str, Any], tag: Mapping[str, str]) -> Json:
    """The resource with one more tag."""
    meta = resource.get("meta", {})
    first = {"resourceType": resource["resourceType"], "id": resource["id"]}
    more = {"meta": {**meta, "tag": [*meta.get("tag", ()), tag]}}
    return first | more | {key: value for key, value in resource.items() if key not in _FIRST}
