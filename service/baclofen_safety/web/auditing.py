"""One line in the log for each call of the CDS Hooks door: who asked what, what came of it, and how long it took.

No patient data, no token, and nothing the caller wrote: ids of ours, names of the clients file, counts.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

import structlog
from flask import Response, g, request

from ..cdshooks.notices import EXTENSION

_CLASSES = ((0.1, "under 100 ms"), (0.5, "under 500 ms"), (1, "under 1 s"), (5, "under 5 s"))
"""Seconds, and what a call that took less is called. CDS Hooks wants 500 ms; some clients give up after 5 s."""
_SLOW = "5 s or more"
_log = structlog.get_logger("baclofen_safety")


def write_down(response: Response) -> Response:
    """To be called after each request of the door, refused ones too; preflights are no calls."""
    if request.method != "OPTIONS":
        call, cards = g.get("cds_call"), g.get("cds_cards", ())
        told = [card.get("extension", {}).get(EXTENSION, {}) for card in cards]
        g.cds_outcome = outcome_of(response.status_code, told) if call or response.status_code != 200 else "done"
        _log.info(
            "cds",
            request_id=g.get("request_id"),
            service=(request.endpoint or "").rpartition(".")[2],
            client=getattr(g.get("cds_client"), "name", None),
            status=response.status_code,
            moment=call.moment if call else None,
            outcome=g.cds_outcome,
            cards=len(cards),
            rules=sorted({rule["id"] for one in told for rule in one.get("rules", ())}),
            open=sorted({rule for one in told for rule in one.get("open", ())}),
            took=duration_class(time.perf_counter() - g.cds_started),
        )
    return response


def outcome_of(status: int, told: Iterable[Mapping[str, Any]]) -> str:
    """In a word: ``refused``, ``findings``, the kinds of cards that speak of the check itself, or ``quiet``."""
    if status != 200:
        return "refused" if status < 500 else "failed"
    held = list(told)
    kinds = [*(["findings"] if any("rules" in one for one in held) else []), *(one.get("notice") for one in held)]
    return ", ".join(dict.fromkeys(kind for kind in kinds if kind)) or "quiet"


def duration_class(seconds: float) -> str:
    """How long a call took, roughly: exact times of single calls are nobody's to correlate."""
    return next((name for limit, name in _CLASSES if seconds < limit), _SLOW)
