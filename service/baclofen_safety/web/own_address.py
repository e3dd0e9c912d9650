"""What this service calls itself in answers: never by a name that only the caller gives it."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Request

_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


def own_root(request: Request, public_url: str) -> str:
    """The address it is told to have; else that of the request, where this names the machine itself or the socket that
    took it. "" otherwise: what follows is then an absolute path, relative to the request (RFC 9110, 8.7)."""
    if public_url:
        return public_url
    named = urlsplit(f"//{request.host}").hostname
    return request.url_root.rstrip("/") if named in _THIS_MACHINE | _listening(request) else request.root_path


def _listening(request: Request) -> frozenset[str]:
    """The address of this end of the connection, as gunicorn knows it."""
    end = request.environ.get("gunicorn.socket")
    name = end.getsockname() if end is not None else None
    return frozenset({name[0]}) if isinstance(name, tuple) else frozenset()
