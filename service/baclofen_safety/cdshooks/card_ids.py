"""Ids of cards: the same question gives the same id, and the id alone leads back to the rule.

So feedback that arrives days later is counted for its rule, and nothing of a card has to be kept.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable
from functools import lru_cache

_BYTES = 16
_TAG = 2
"""Bytes at the end of an id that are a hash of the topic alone."""


def card_uuid(instance: str, topic: str) -> str:
    """The id of the card about ``topic`` (a rule id) in one hook instance: RFC 9562, version 8."""
    return _uuid(topic, instance, topic)


def suggestion_uuid(instance: str, topic: str, name: str) -> str:
    """The id of the suggestion ``name`` of that card. It carries the topic as the card's does."""
    return _uuid(topic, instance, topic, name)


def topic_of(card: str, topics: Iterable[str]) -> str | None:
    """Which of the topics a card or suggestion is about; None for an id that is not ours."""
    try:
        known = uuid.UUID(card)
    except ValueError:
        return None
    if known.version != 8 or known.variant != uuid.RFC_4122:
        return None
    return next((topic for topic in topics if _tag(topic) == known.bytes[-_TAG:]), None)


def _uuid(topic: str, *parts: str) -> str:
    told = b"".join(
        len(raw).to_bytes(4, "big") + raw for raw in (part.encode(errors="surrogatepass") for part in parts)
    )
    raw = bytearray(hashlib.sha256(told).digest()[: _BYTES - _TAG] + _tag(topic))
    raw[6] = raw[6] & 0x0F | 0x80  # version 8
    raw[8] = raw[8] & 0x3F | 0x80  # variant of RFC 9562
    return str(uuid.UUID(bytes=bytes(raw)))


@lru_cache(maxsize=1024)
def _tag(topic: str) -> bytes:
    return hashlib.sha256(topic.encode()).digest()[-_TAG:]
