"""Cards that speak of the check and not of the patient: wrong patient, no orders, technical fault.

A check that failed must never look like a check that found nothing.
"""

from __future__ import annotations

from typing import Any

from .call import Call
from .card_ids import card_uuid
from .markdown import escape, section
from .wording import phrase, phrase_or

Json = dict[str, Any]
MORE, NOT_CHECKED = "more", "not-checked"
OTHER_TOPICS = (MORE, NOT_CHECKED, "mismatch", "failure", "stripped")
"""Topics of cards that are about no single rule; with the rules' ids, all a card's uuid may lead back to."""

EXTENSION = "example.baclofen-safety"
"""Key of our extension on every card."""


def mismatch_card(reason: str, call: Call, public_url: str = "") -> Json:
    """The data are of different patients; ``reason`` is what ``record.mismatch`` found."""
    found = phrase_or(f"mismatch.{reason}", "mismatch.other")
    return _notice("mismatch", call.instance, public_url, found, "warning", phrase("mismatch.do"))


def failure_card(request_id: str, instance: str = "", public_url: str = "") -> Json:
    """The check broke; the help desk can find the request by its id."""
    desk = phrase("failure.request", request=request_id)
    return _notice(
        "failure", instance or request_id, public_url, phrase("failure.found"), "warning", phrase("failure.do"), desk
    )


def stripped_card(call: Call, public_url: str = "") -> Json:
    """The orders of the session were not sent."""
    return _notice(
        "stripped",
        call.instance,
        public_url,
        phrase("stripped.found"),
        "info",
        phrase("stripped.do"),
        phrase("stripped.desk"),
    )


def source_of(public_url: str) -> Json:
    """Who speaks: the service, and its pages where it has an address."""
    return {"label": phrase("card.source")} | ({"url": public_url} if public_url else {})


def _notice(kind: str, instance: str, public_url: str, found: str, indicator: str, *do: str) -> Json:
    parts = (section(phrase("card.found"), [escape(found)]), section(phrase("card.do"), map(escape, do)))
    return {
        "uuid": card_uuid(instance, kind),
        "summary": phrase(f"{kind}.summary"),
        "indicator": indicator,
        "source": source_of(public_url),
        "detail": "\n\n".join(parts),
        "extension": {EXTENSION: {"notice": kind}},
    }
