"""What a caller prefers (``Prefer``, RFC 7240): what comes back, and how strictly what was sent is taken.

Of two that contradict each other the first counts; what is not known is left alone, as the RFC wants it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from flask import Request, Response

Return = Literal["representation", "minimal", "OperationOutcome"]
Handling = Literal["strict", "lenient"]


@dataclass(frozen=True, slots=True)
class Wishes:
    """The preferences of a request that this service knows; None where it says nothing."""

    returns: Return | None = None
    handling: Handling | None = None
    respond_async: bool = False


def wishes(request: Request) -> Wishes:
    """The preferences of a request; several headers count as one."""
    said: dict[str, str] = {}
    for part in ",".join(request.headers.getlist("Prefer")).split(","):
        name, _, value = part.partition(";")[0].partition("=")
        said.setdefault(name.strip().lower(), value.strip().strip('"').lower())
    return Wishes(
        next((one for one in get_args(Return) if one.lower() == said.get("return")), None),
        next((one for one in get_args(Handling) if one == said.get("handling")), None),
        respond_async="respond-async" in said,
    )


def waited_for(prefer: str) -> str:
    """A ``Prefer`` header without the wish to be answered later."""
    return ",".join(part for part in prefer.split(",") if not part.strip().lower().startswith("respond-async"))


def with_applied(response: Response, applied: Iterable[tuple[str, str | Literal[True] | None]]) -> Response:
    """The response, saying which preferences it follows (name, value, or True for one without)."""
    told = ", ".join(name if value is True else f"{name}={value}" for name, value in applied if value)
    if told:
        response.headers["Preference-Applied"] = told
    response.vary.add("Prefer")
    return response
