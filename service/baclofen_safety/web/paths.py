"""An application that forgives slashes in the addresses of the CDS Hooks door.

Callers build them from a base address somebody typed, so ``//cds-services/`` arrives. A redirect would not do, as a
preflight may not be redirected. Everything behind sees the one canonical path.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from flask import Flask

CDS = "/cds-services"
_SLASHES = re.compile("/{2,}")


class Application(Flask):
    """Flask, with one address for every service."""

    def wsgi_app(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = canonical(environ.get("PATH_INFO", ""))
        return super().wsgi_app({**environ, "PATH_INFO": path}, start_response)


def canonical(path: str) -> str:
    """The path without double slashes and without one at the end, if it is one of ours; any other as it is."""
    tidy = _SLASHES.sub("/", path).rstrip("/")
    return tidy if is_cds(tidy) else path


def is_cds(path: str) -> bool:
    """Whether a path belongs to the CDS Hooks door."""
    return path == CDS or path.startswith(f"{CDS}/")
