"""Feedback on cards: what of it is kept. ``feedback_figures`` says what it adds up to."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from ..errors import BadInput
from ..store import Feedback, Reason, Store
from .card_ids import topic_of
from .reasons import known, words_of
from .schemas import MOST_PLACES
from .schemas_feedback import read_batch
from .services import Service

TakeFeedback = Callable[[Service, object, str, datetime], int]
"""Service, JSON document, name of the client, aware time of now; how many were new. Raises BadInput and StoreError."""

LONGEST_DISPLAY = 300


def rule_of_card(card: str, rules: Iterable[str]) -> str | None:
    """The rule (or other topic) a card of ours is about; None when it is about none of these."""
    return topic_of(card, rules)


def feedback_taker(store: Store, rules: Collection[str]) -> TakeFeedback:
    """What the door calls with the feedback sent to one service. ``rules`` are all topics cards may have."""

    def take_feedback(service: Service, document: object, client_name: str, now: datetime) -> int:
        batch = read_batch(document)
        new = store.add_feedback([_row(one, service.id, client_name, now, rules) for one in batch.items])
        if batch.places:
            bad = batch.sent - len(batch.items)
            text = f"{bad} of {batch.sent} feedback items could not be read; the others are stored."
            raise BadInput(text, batch.places[:MOST_PLACES])
        return new

    return take_feedback


def _row(item: Mapping[str, Any], service: str, client: str, now: datetime, rules: Collection[str]) -> Feedback:
    overrides = [*item["override"], *item["overrides"]]
    card = _one_spelling(item["card"])
    told = tuple(_reasons(overrides)) if item["outcome"] == "overridden" else ()
    words = (*(one["comment"] for one in overrides), *(word for reason in told for word in words_of(reason)))
    return Feedback(
        card=card,
        outcome=item["outcome"],
        at=item["at"],
        received=now,
        service=service,
        client=client,
        rule=rule_of_card(card, rules),
        reasons=tuple(dict.fromkeys(map(known, told))),
        suggestions=tuple(_one_spelling(one["id"]) for one in item["suggestions"]),
        comment="\n".join(filter(None, words)),
    )


def _reasons(overrides: Iterable[Mapping[str, Any]]) -> list[Reason]:
    """The reasons as they were sent; one without code is known by its words."""
    return [
        Reason(one["system"], one["code"] or one["display"][:LONGEST_DISPLAY], one["display"][:LONGEST_DISPLAY])
        for override in overrides
        for one in override["reason"]
        if one["code"] or one["display"]
    ]


def _one_spelling(card: str) -> str:
    """An id as we write it; one that is no uuid (never ours) as it was sent."""
    try:
        return str(uuid.UUID(card))
    except ValueError:
        return card
