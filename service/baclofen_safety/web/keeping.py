"""Requests and responses as bytes that can be kept, and who asked."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson
from flask import Request, Response

_TOLD = ("Content-Type", "Content-Location", "Preference-Applied", "Retry-After", "Vary")
"""Headers that belong to an answer; the others belong to one way of sending it."""

Head = dict[str, Any]


def pack(response: Response, **beside: Any) -> bytes:
    """A response: status, headers and body; ``beside`` are notes of ours."""
    headers = {name: response.headers[name] for name in _TOLD if name in response.headers}
    return with_head({"status": response.status_code, "headers": headers, **beside}, response.get_data())


def unpack(kept: bytes) -> tuple[Response, Head]:
    """The response, byte by byte as it was, and the notes beside it."""
    head, body = without_head(kept)
    return Response(body, head["status"], headers=head["headers"]), head


def with_head(head: Head, body: bytes) -> bytes:
    """Words about a body, and the body."""
    return orjson.dumps(head) + b"\n" + body


def without_head(kept: bytes) -> tuple[Head, bytes]:
    head, _, body = kept.partition(b"\n")
    return orjson.loads(head), body


def client_of(request: Request) -> str:
    """Who asks, as far as this door knows: callers with credentials of their own, and all others."""
    return request.headers.get("Authorization", "")


def mark_of(*parts: str | bytes) -> str:
    """A hash that two lists of parts share only when they are alike."""
    raw = [part.encode(errors="surrogatepass") if isinstance(part, str) else part for part in parts]
    return hashlib.sha256(b"".join(len(part).to_bytes(8, "big") + part for part in raw)).hexdigest()
