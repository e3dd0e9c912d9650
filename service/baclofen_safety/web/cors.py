"""Which browser pages may call the CDS Hooks door: those of a list, and nobody else.

A preflight is answered before anybody is asked who he is, as it carries no token. Errors carry the headers too, or the
page could not read them. Cookies are never used, so credentials are not allowed.
"""

from __future__ import annotations

from collections.abc import Collection

from flask import Flask, Response, request

from .paths import is_cds

_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, X-Request-ID",
    "Access-Control-Max-Age": "600",
}
_READABLE = "X-Request-ID, Retry-After"


def allow_origins(app: Flask, origins: Collection[str]) -> None:
    """Let pages of these origins (scheme, host, port) call. With none, there is no such header anywhere."""

    @app.before_request
    def answer_preflight() -> Response | None:
        asked = request.headers.get("Access-Control-Request-Method")
        if request.method != "OPTIONS" or not asked or not is_cds(request.path) or not _allowed(origins):
            return None
        return Response(status=204, headers=_PREFLIGHT)

    @app.after_request
    def name_origin(response: Response) -> Response:
        if origins and is_cds(request.path):
            response.vary.add("Origin")
            if _allowed(origins):
                response.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
                response.headers["Access-Control-Expose-Headers"] = _READABLE
        return response


def _allowed(origins: Collection[str]) -> bool:
    return request.headers.get("Origin") in origins
