"""``$process-message``: a message in, a message out, and the same message again whenever it is sent again.

What is answered is kept, in R4, under the ids the sender gave: a response that got lost is sent again, byte by byte
for the same version of FHIR. Answers
that ask to try again are not kept, so that trying again helps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import orjson
from flask import Blueprint, Response, request

from ..assessor import Assessor
from ..errors import BadInput, BadParameter, in_request
from ..fhir.decoding import decode
from ..fhir.messages import (
    HEADER,
    NOT_OFFERED,
    Code,
    Json,
    Message,
    check_message,
    message_in,
    read_message,
    respond,
    with_id,
)
from ..fhir.operations import unpack
from ..fhir.session_orders import with_issues
from ..fhir.versions import FhirVersion
from ..store import StoreError
from ..store.kept import Kept, KeptAnswers, Kind, Slot
from . import keeping
from .counting import count
from .errors import fhir_response, told_of
from .media import answer_version, body_of, check_body

LEASE = timedelta(seconds=60)
"""How long a message that nobody hears of any more counts as being judged."""
RETRY_SECONDS = 2
_REUSED: Json = {
    "severity": "warning",
    "code": "duplicate",
    "details": {
        "text": "Another message came in a Bundle of this id; ids are not to be used again. This one was judged."
    },
    "expression": ["Bundle.id"],
}
_FORM = frozenset({"_format", "_pretty"})
_LATER = frozenset({"async", "response-url"})


@dataclass(frozen=True, slots=True)
class _Call:
    """One message at the door, and marks of what makes it the same as another."""

    message: Message
    version: FhirVersion
    declared: FhirVersion | None
    envelope: str
    content: str


def offer_messages(door: Blueprint, assessor: Assessor, clock: Callable[[], datetime], answers: KeptAnswers) -> None:
    """The route for messages."""

    @door.post("/$process-message")
    def process_message() -> Response:
        _check_query()
        call = _read(assessor)
        try:
            slot = Slot(Kind.MESSAGE, keeping.mark_of(keeping.client_of(request), call.message.sender, call.message.id))
            until = clock() + timedelta(days=assessor.settings.keep_answers_days)
            found = answers.claim(slot, call.envelope, until, LEASE)
            if isinstance(found, Kept):
                return again(call, found)
            try:
                bundle = judged(call, seen=[_REUSED] if _is_envelope_reused(call, answers, until) else [])
            except Exception:
                with suppress(StoreError):  # the lease ends by itself
                    answers.drop(found)
                raise
            kept = fhir_response(bundle, version=FhirVersion.R4)
            answers.keep(found, keeping.pack(kept, content=call.content))
        except StoreError:
            return later(call, "This service cannot look at what it keeps for now; nothing was judged.")
        return fhir_response(bundle, version=call.version)

    def judged(call: _Call, seen: Sequence[Json]) -> Json:
        """The verdict and what was seen of the message, or why there can be none."""
        try:
            check_message(call.message)
            ask = unpack(call.message.content, {}, max_entries=assessor.settings.max_entries)
            answer = assessor.answer(replace(ask, declared=call.declared), clock())
        except BadInput as error:
            return told(call, "fatal-error", error)
        count(answer.verdict, ask.mode)
        resources = [entry["resource"] for entry in with_issues(answer.bundle, seen)["entry"]]
        marks = {"meta": answer.bundle["meta"]} if "meta" in answer.bundle else {}
        return {**respond(call.message, "ok", resources, base(), clock()), **marks}

    def again(call: _Call, kept: Kept) -> Response:
        """What a message gets whose id is known."""
        if kept.answer is None:
            return later(call, "A message of this id is being judged.")
        first, head = keeping.unpack(kept.answer)
        if kept.asked != call.envelope:
            text = "This message was answered before, under another Bundle.id; it is not judged again. A new one needs"
            bundle = told(
                call, "fatal-error", BadInput(f"{text} an id of its own.", [f"{HEADER}.id"], code="duplicate")
            )
        elif head["content"] != call.content:
            text = "Another message with these ids was answered before; ids are not to be used again."
            places = ["Bundle.id", f"{HEADER}.id"]
            bundle = told(call, "fatal-error", BadInput(text, places, code="duplicate"))
        else:
            bundle = orjson.loads(first.get_data())
        return fhir_response(bundle, version=call.version)

    def later(call: _Call, text: str) -> Response:
        bundle = told(call, "transient-error", BadInput(f"{text} Send it again.", code="transient"))
        response = fhir_response(bundle, version=call.version)
        response.headers["Retry-After"] = str(RETRY_SECONDS)
        return response

    def told(call: _Call, code: Code, error: BadInput) -> Json:
        return respond(call.message, code, [with_id(told_of(error), call.message)], base(), clock())

    def base() -> str:
        return f"{assessor.settings.public_url or request.url_root.rstrip('/')}/fhir"


def _is_envelope_reused(call: _Call, answers: KeptAnswers, until: datetime) -> bool:
    """Did another message come in a Bundle of this id? It is noted that this one did."""
    if not call.message.envelope:
        return False
    names = ("envelope", keeping.client_of(request), call.message.sender, call.message.envelope)
    own = keeping.mark_of(call.message.id)
    found = answers.claim(Slot(Kind.MESSAGE, keeping.mark_of(*names)), own, until, LEASE)
    if isinstance(found, Kept):
        return found.asked != own
    answers.keep(found, b"")
    return False


def _read(assessor: Assessor) -> _Call:
    """The message of the request. Raises BadInput for what cannot be answered by a message."""
    version = answer_version(request)
    declared = check_body(request)
    message = read_message(message_in(decode(body_of(request), max_bytes=assessor.settings.max_bytes)))
    content = keeping.mark_of(orjson.dumps(message.content.get("entry"), option=orjson.OPT_SORT_KEYS))
    return _Call(message, version, declared, keeping.mark_of(message.envelope or content), content)


def _check_query() -> None:
    """Nothing is sent to addresses a caller names. Raises BadParameter."""
    asked = set(request.args)
    if "response-url" in asked or request.args.get("async", "false") != "false":
        places = [in_request(name) for name in sorted(asked & _LATER)]
        raise BadParameter(NOT_OFFERED, places, status=422, code="not-supported")
    if asked - _FORM - _LATER:
        raise BadParameter("No query parameters but _format were expected.")
