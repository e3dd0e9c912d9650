"""Who may call the CDS Hooks door. The reason of a refusal goes into the log, never into the answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from flask import Request

from ..cdshooks.clients import Client, Clients, is_loopback
from ..cdshooks.key_source import KeySource
from ..cdshooks.tokens import TokenMemory, Trust, verify
from ..config import PREFIX, BadSetting, Settings
from ..errors import Unauthorized

Authorise = Callable[[Request], Client]
"""The client of a request; raises Unauthorized."""
_BEARER = re.compile(r"bearer +(\S+) *", re.IGNORECASE)
_PROXY = re.compile(
    r"forwarded|x-forwarded.*|x-original-.*|via|.*-ip|cf-.*|cdn-loop|x-client-.*|x-remote-.*|x-envoy-.*|x-amzn-.*"
    r"|x-azure-.*|x-arr-.*|x-proxy.*|x-cluster-.*|x-host",
    re.IGNORECASE,
)
"""Headers that proxies, load balancers and content networks add, and callers on this machine have no need of."""


def gatekeeper(
    settings: Settings, clients: Clients, memory: TokenMemory, keys: KeySource, clock: Callable[[], datetime]
) -> Authorise:
    """How this service lets callers in.

    Raises BadSetting when tokens are to be checked, and the address they must be for is not set, or the memory of used
    ones is not shared by the workers.
    """
    if settings.cds_auth == "off":
        return lambda request: _local(request, clients)
    if clients.listed and not settings.public_url:
        raise BadSetting(PREFIX + "PUBLIC_URL", "with clients that send tokens, the address the tokens are made for")
    if clients.listed and memory.in_memory:
        raise BadSetting(PREFIX + "STORE", "with clients that send tokens, a database all workers share")
    trust = Trust(clients, keys, memory)

    def authorise(request: Request) -> Client:
        return verify(_bearer(request), settings.public_url + request.path, clock(), trust)

    return authorise


def _bearer(request: Request) -> str:
    """The token of the Authorization header. Servers join two of them with a comma, which no token holds."""
    sent = request.headers.get("Authorization")
    if sent is None:
        raise Unauthorized("absent")
    found = _BEARER.fullmatch(sent)
    if found is None:
        raise Unauthorized("header")
    return found[1]


def _local(request: Request, clients: Clients) -> Client:
    """The local client, for a caller on this machine and not for what a proxy on this machine passes on."""
    if not is_loopback(request.remote_addr) or any(_PROXY.fullmatch(name) for name, _ in request.headers):
        raise Unauthorized("not-local")
    return clients.local
