"""The rules of a CDS Hooks answer, written down from the specification and not from our code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

Json = dict[str, Any]
CARD = {
    *("uuid", "summary", "detail", "indicator", "source", "suggestions", "selectionBehavior"),
    *("overrideReasons", "links", "extension"),
}
TWICE = re.compile(r"^Baclofen\b[^:]*: (Oral baclofen|Baclofen)\b")
LEADS_NOWHERE = re.compile(r"urn:uuid:|^#")


def faults_of(cards: list[Json], *, epic: bool = False) -> Iterator[str]:
    """Everything in the cards that a client may refuse, or that a person cannot read."""
    uuids = [card.get("uuid") for card in cards]
    uuids += [one.get("uuid") for card in cards for one in card.get("suggestions", ())]
    if len(set(uuids)) < len(uuids):
        yield "two things share a uuid"
    for number, card in enumerate(cards):
        yield from (f"card {number}: {fault}" for fault in _card(card, epic=epic))


def _card(card: Json, *, epic: bool) -> Iterator[str]:
    yield from _empties(card, "card")
    yield from (f"unknown member {name}" for name in card.keys() - CARD)
    yield from (f"{name} is missing" for name in {"uuid", "summary", "indicator", "source", "detail"} - card.keys())
    UUID(card["uuid"])
    if not 0 < len(card["summary"]) < 140 or "\n" in card["summary"]:
        yield f"summary: {card['summary']}"
    if TWICE.search(card["summary"]):
        yield f"the drug is named twice: {card['summary']}"
    if card["indicator"] not in ("info", "warning", "critical"):
        yield f"indicator {card['indicator']}"
    yield from _source(card["source"], epic=epic)
    if ("suggestions" in card) != ("selectionBehavior" in card):
        yield "suggestions and selectionBehavior go together"
    if card.get("selectionBehavior", "any") not in (("any",) if epic else ("any", "at-most-one")):
        yield f"selectionBehavior {card['selectionBehavior']}"
    for suggestion in card.get("suggestions", ()):
        yield from (f"suggestion {suggestion.get('label')}: {one}" for one in _suggestion(suggestion, epic=epic))
    for reason in card.get("overrideReasons", ()):
        if not {"code", "system", "display"} <= reason.keys():
            yield f"override reason {reason}"
    for link in card.get("links", ()):
        yield from _link(link)
    if not isinstance(card.get("extension"), dict) or list(card["extension"]) != ["example.baclofen-safety"]:
        yield "extension is not an object under our key"


def _source(source: Json, *, epic: bool) -> Iterator[str]:
    if not source.get("label"):
        yield "source without a label"
    if "url" in source and not source["url"].startswith("https://"):
        yield f"source.url {source['url']}"
    topic = source.get("topic")
    if topic is not None and not {"code", "system"} <= topic.keys():
        yield f"topic {topic}"
    if topic is not None and epic and not re.fullmatch(r"[A-Za-z0-9]{1,100}", topic["code"]):
        yield f"topic {topic['code']} for Epic"


def _suggestion(suggestion: Json, *, epic: bool) -> Iterator[str]:
    if not suggestion.get("label") or not suggestion.get("uuid") or not suggestion.get("actions"):
        yield "label, uuid and actions are wanted"
    if epic and len(suggestion["actions"]) != 1:
        yield "one action for Epic"
    for action in suggestion["actions"]:
        if action.keys() - {"type", "description", "resource", "resourceId"} or not action.get("description"):
            yield f"action {sorted(action)}"
        if action["type"] == "delete":
            if not re.fullmatch(r"[A-Z][A-Za-z]+/[A-Za-z0-9\-.]+", action.get("resourceId", "")):
                yield f"delete of {action.get('resourceId')}"
        elif action["type"] not in ("create", "update") or "resource" not in action:
            yield f"{action['type']} without a resource"
        elif epic and (action["type"], action["resource"]["resourceType"]) != ("create", "ServiceRequest"):
            yield f"Epic cannot {action['type']} a {action['resource']['resourceType']}"
        yield from (f"a reference that leads nowhere: {ref}" for ref in _references(action.get("resource")))


def _link(link: Json) -> Iterator[str]:
    if link.get("type") not in ("absolute", "smart") or not link.get("label") or not link.get("url"):
        yield f"link {link}"
    if link.get("type") == "absolute" and "appContext" in link:
        yield "appContext is for SMART links"


def _references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        ref = value.get("reference")
        if isinstance(ref, str) and LEADS_NOWHERE.search(ref):
            yield ref
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _references(one)


def _empties(value: object, place: str) -> Iterator[str]:
    if value is None or (isinstance(value, str | list | dict) and not value):
        yield f"{place} is empty"
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _empties(one, f"{place}.{name}")
    elif isinstance(value, list):
        for one in value:
            yield from _empties(one, f"{place}[]")
