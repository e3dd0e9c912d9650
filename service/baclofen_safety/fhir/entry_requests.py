"""What an entry of a Bundle asks a server to do. Requests are not executed; what they might change is told."""

from __future__ import annotations

from typing import Any

from .resource_types import DECISIVE

Json = dict[str, Any]


def is_patch(entry: Json) -> bool:
    """Does it hold no resource of the record, but what is to be changed in one?"""
    request = entry.get("request")
    return isinstance(request, dict) and request.get("method") == "PATCH"


def why_empty(entry: Json) -> tuple[str, str, bool]:
    """What to say of an entry without a resource, at which path, and whether it may hide a hazard."""
    request, response = entry.get("request"), entry.get("response")
    asked = request.get("method") if isinstance(request, dict) else None
    if asked == "GET":
        return "a search request; requests are not executed", "", False
    if isinstance(response, dict) and str(response.get("status")).startswith(("4", "5")):
        return "the sender's request failed", "response.status", True
    target = request.get("url") if isinstance(request, dict) else None
    decisive = isinstance(target, str) and not DECISIVE.isdisjoint(target.partition("?")[0].split("/"))
    needed = decisive or not (isinstance(request, dict) or isinstance(response, dict))
    if asked == "PATCH":
        return "a change of a resource (PATCH); changes are not executed", "resource", needed
    return "entry without a resource", "resource", needed
