"""Cards that speak of the check and not of the patient: wrong patient, no orders, technical fault.

A check that failed must never look like a check that found nothing.
"""

from __future__ import annotations

from typing import Any

from ..fhir.outcome import CANONICAL
from .call import Call
from .card_ids import card_uuid
from .client_profiles import abilities_of
from .clients import Profile
from .markdown import escape, section
from .session import role_of
from .wording import phrase, phrase_or

Json = dict[str, Any]
MORE, NOT_CHECKED, REPEATED = "more", "not-checked", "repeated"
OTHER_TOPICS = (MORE, NOT_CHECKED, "mismatch", "failure", "stripped", REPEATED)
"""Topics of cards that are about no single rule; with the rules' ids, all a card's uuid may lead back to."""

TOPIC_SYSTEM = f"{CANONICAL}/CodeSystem/baclofen-card"
"""The codes of these topics."""

_STRIPPED = {"booking": "stripped_booking", "facts": "stripped_facts"}
"""The words of the card that says that what the moment is about was not sent, by its role, where it is no order."""

EXTENSION = "example.baclofen-safety"
"""Key of our extension on every card."""


def mismatch_card(reason: str, call: Call, public_url: str = "", profile: Profile = "default") -> Json:
    """The data are of different patients; ``reason`` is what ``record.mismatch`` found."""
    found = phrase_or(f"mismatch.{reason}", "mismatch.other")
    source = source_of(public_url, "mismatch", profile)
    return _notice("mismatch", call.instance, source, found, "warning", phrase("mismatch.do"))


def failure_card(request_id: str, instance: str = "", public_url: str = "", profile: Profile = "default") -> Json:
    """The check broke; the help desk can find the request by its id."""
    do = (phrase("failure.do"), phrase("failure.request", request=request_id))
    source = source_of(public_url, "failure", profile)
    return _notice("failure", instance or request_id, source, phrase("failure.found"), "warning", *do)


def stripped_card(call: Call, public_url: str = "", profile: Profile = "default") -> Json:
    """What the moment is about was not sent: orders, the visits being booked, or what is being written down."""
    said = _STRIPPED.get(role_of(call.service) or "draft", "stripped")
    do = (phrase(f"{said}.do"), phrase(f"{said}.desk"))
    source = source_of(public_url, "stripped", profile)
    card = _notice("stripped", call.instance, source, phrase(f"{said}.found"), "info", *do)
    return card | {"summary": phrase(f"{said}.summary")}


def source_of(public_url: str, topic: str, profile: Profile) -> Json:
    """Who speaks: the service, its pages where it has an address, and the topic of a card about no single rule.

    A client that ties an override to the topic gets none: what was set aside once with these words would take other
    findings with it later.
    """
    source = {"label": phrase("card.source")} | ({"url": public_url} if public_url else {})
    if not abilities_of(profile).shared_topics:
        return source
    return {**source, "topic": {"system": TOPIC_SYSTEM, "code": topic, "display": phrase(f"topic.{topic}")}}


def _notice(kind: str, instance: str, source: Json, found: str, indicator: str, *do: str) -> Json:
    parts = (section(phrase("card.found"), [escape(found)]), section(phrase("card.do"), map(escape, do)))
    return {
        "uuid": card_uuid(instance, kind),
        "summary": phrase(f"{kind}.summary"),
        "indicator": indicator,
        "source": source,
        "detail": "\n\n".join(parts),
        "extension": {EXTENSION: {"notice": kind}},
    }
