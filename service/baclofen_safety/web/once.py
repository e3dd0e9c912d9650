"""``Idempotency-Key``: the same request with the same key is answered once, and then told the same again.

Only what was answered is kept, for callers who send a key: a request that was refused may be mended and sent again.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import wraps
from http import HTTPStatus

from flask import Request, Response, request

from ..errors import BadInput, BadParameter, in_request
from ..store import StoreError
from ..store.kept import Claim, Kept, KeptAnswers, Kind, Slot
from .keeping import client_of, mark_of, pack, unpack
from .media import body_of

KEY = "Idempotency-Key"
_WHERE = [in_request(KEY)]
REPLAYED = "Idempotency-Replayed"
"""Header of an answer that was given before."""
LEASE = timedelta(seconds=60)
"""How long a request that nobody hears of any more keeps its key."""
_SYNTAX = re.compile(r"[\x21-\x7e]{1,255}")
_ASKS = ("Content-Type", "Accept", "Prefer")
"""Headers that change what is answered."""

View = Callable[..., Response]
Once = Callable[[View], View]


class OtherRequest(BadInput):
    """The key belongs to another request."""

    status = 422
    code = "business-rule"


class StillAnswering(BadInput):
    """The same request is being answered."""

    status = 409
    code = "lock-error"
    retry_after = 2


def answering_once(answers: KeptAnswers, clock: Callable[[], datetime], kept_for: timedelta) -> Once:
    """What makes a view heed the key; without one nothing is kept."""

    def once(view: View) -> View:
        @wraps(view)
        def answered(**where: str) -> Response:
            key = _key(request)
            if key is None:
                return view(**where)
            asked = _mark(request)
            slot = Slot(Kind.KEY, mark_of(client_of(request), key))
            found = answers.claim(slot, asked, clock() + kept_for, LEASE)
            return _again(found, asked) if isinstance(found, Kept) else _first(view, where, answers, found)

        return answered

    return once


def _first(view: View, where: dict[str, str], answers: KeptAnswers, claim: Claim) -> Response:
    try:
        response = view(**where)
    except Exception:
        with suppress(StoreError):  # the lease ends by itself
            answers.drop(claim)
        raise
    if response.status_code < HTTPStatus.BAD_REQUEST:
        answers.keep(claim, pack(response))
    else:
        answers.drop(claim)
    return response


def _again(kept: Kept, asked: str) -> Response:
    if kept.asked != asked:
        raise OtherRequest(f"{KEY}: this key came with another request; a new one was expected.", _WHERE)
    if kept.answer is None:
        raise StillAnswering(f"{KEY}: this request is being answered; ask again.", _WHERE)
    response, _ = unpack(kept.answer)
    response.headers[REPLAYED] = "true"
    return response


def _key(asked: Request) -> str | None:
    """The key of a request. Raises BadParameter for one that is none."""
    key = asked.headers.get(KEY)
    if key is not None and not _SYNTAX.fullmatch(key):
        raise BadParameter(f"{KEY}: 1 to 255 visible ASCII characters were expected.", _WHERE)
    return key


def _mark(asked: Request) -> str:
    """What makes two requests the same."""
    headers = (asked.headers.get(name, "") for name in _ASKS)
    return mark_of(asked.path, asked.query_string, *headers, body_of(asked, keep=True))
