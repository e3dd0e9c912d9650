"""What an EHR answered: whether it is what was asked, where its next page is, and all pages as one Bundle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Json = Mapping[str, Any]

_DENIALS = frozenset({"not-found", "deleted", "security", "login", "expired", "forbidden", "suppressed"})
"""Codes of issues: nothing is there, or nothing for this caller."""


def is_read_of(document: object, kind: str, ident: str | None) -> bool:
    """Is this the very resource that was asked for? Another id may be another patient."""
    return isinstance(document, dict) and (document.get("resourceType"), document.get("id")) == (kind, ident)


def is_page(document: object) -> bool:
    """Is this a search result whose links and entries can be walked?"""
    if not isinstance(document, dict) or (document.get("resourceType"), document.get("type")) != (
        "Bundle",
        "searchset",
    ):
        return False
    lists = (document.get("link", []), document.get("entry", []))
    return all(isinstance(each, list) and all(isinstance(one, dict) for one in each) for each in lists)


def is_response(document: object) -> bool:
    """Does it say what became of a transaction?"""
    if not isinstance(document, dict) or document.get("type") != "transaction-response":
        return False
    entries = document.get("entry", [])
    return isinstance(entries, list) and all(isinstance(one, dict) for one in entries)


def is_outcome(document: object) -> bool:
    return isinstance(document, dict) and document.get("resourceType") == "OperationOutcome"


def is_denial(outcome: Json) -> bool:
    """Does an OperationOutcome say that there is no such resource, or not for who asks?"""
    issues = outcome.get("issue")
    return isinstance(issues, list) and any(
        isinstance(one, dict) and str(one.get("code")) in _DENIALS for one in issues
    )


def next_of(page: Json) -> str | None:
    """The address of the next page as it was sent; "" when there is one that cannot be read."""
    for link in page.get("link", ()):
        if link.get("relation") == "next":
            url = link.get("url")
            return url if isinstance(url, str) else ""
    return None


def merged(pages: Sequence[Json]) -> Json:
    """One searchset Bundle of all entries, with the first page's ``total`` and self link.

    A next link of the last page stays in it: whoever reads sees that it is partial.
    """
    first, following = pages[0], next_of(pages[-1])
    links = [link for link in first.get("link", ()) if link.get("relation") == "self"]
    if following is not None:
        links.append({"relation": "next", "url": following})
    made: dict[str, Any] = {"resourceType": "Bundle", "type": "searchset"}
    if "total" in first:
        made["total"] = first["total"]
    if links:
        made["link"] = links
    made["entry"] = [entry for page in pages for entry in page.get("entry", ())]
    return made
