"""Pages for people: rendered here, running nothing, loading nothing."""

from __future__ import annotations

from typing import Any

from flask import Response, render_template

HTML = "text/html"
_SAFE = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}


def page(template: str, **content: Any) -> Response:
    """A page of ``templates``, with the headers that keep scripts and frames away."""
    return Response(render_template(template, **content), headers=_SAFE, content_type=f"{HTML}; charset=utf-8")
