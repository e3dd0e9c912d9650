"""The JSON Web Token of a call: who calls, proven, for this address and this once.

Checked in the order of the CDS Hooks best practices: issuer, audience, times, tenant, signature, and last that the
token was not used before. What is wrong leaves as a reason code for the log; the caller learns only that it was not
let in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.util import urlsafe_b64decode

from ..errors import BadInput, Unauthorized
from ..fhir.decoding import decode
from .clients import Client, Clients
from .jwks import KINDS, Json, fits, opened
from .key_source import KeySource

SKEW = 60
"""Seconds by which the caller's clock may differ from ours."""
LONGEST = 8_000
"""Characters of a token; more does not pass the server's header limit either."""
LONGEST_HEADER = 2_048
LONGEST_ID = 256
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_CHANGERS = frozenset({"crit", "b64", "zip", "enc"})
"""Header parameters that change what the rest of a token means. None of them is part of CDS Hooks."""
_LATEST = 2**40


class TokenMemory(Protocol):
    """What remembers used tokens: the part of the store that is needed here."""

    @property
    def in_memory(self) -> bool:
        """Whether other workers, and this one after a restart, know nothing of it."""

    def remember_token(self, issuer: str, jti: str, until: datetime) -> bool:
        """Whether the token is new; it is remembered until then."""


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom we trust, where their keys come from, and what remembers the tokens they used."""

    clients: Clients
    keys: KeySource
    memory: TokenMemory


@dataclass(frozen=True, slots=True)
class _Token:
    """A token taken apart: shaped as it should be, nothing of it believed yet."""

    header: Json
    claims: Json
    signed: jws.CompactSignature


def verify(token: str, endpoint: str, now: datetime, trust: Trust) -> Client:
    """The client that signed the token for ``endpoint``, the full public address of what is called.

    Raises Unauthorized. A token is used up only when everything else about it was right.
    """
    apart = _apart(token)
    issuer, jti = apart.claims.get("iss"), apart.claims.get("jti")
    client = trust.clients.of_issuer(issuer) if isinstance(issuer, str) else None
    if client is None:
        raise Unauthorized("issuer")
    if not _is_for(apart.claims.get("aud"), endpoint, client):
        raise Unauthorized("audience", client.name)
    end = _end(apart.claims, client, now.timestamp())
    tenant = apart.claims.get("tenant")
    if client.tenants and not (isinstance(tenant, str) and tenant in client.tenants):
        raise Unauthorized("tenant", client.name)
    if not isinstance(jti, str) or not 0 < len(jti) <= LONGEST_ID:
        raise Unauthorized("jti", client.name)
    _check_signature(apart, client, trust.keys, now)
    if not trust.memory.remember_token(str(issuer), jti, datetime.fromtimestamp(end + SKEW, UTC)):
        raise Unauthorized("replay", client.name)
    return client


def _apart(token: str) -> _Token:
    """Header, claims and signature. Raises Unauthorized for what is no signed JWT, or one of a kind we never take."""
    if len(token) > LONGEST:
        raise Unauthorized("too-long")
    if not _COMPACT.fullmatch(token):
        raise Unauthorized("malformed")
    head, _, rest = token.partition(".")
    header, claims = _table(head), _table(rest.partition(".")[0])
    if not isinstance(header.get("alg"), str) or header["alg"] not in KINDS:
        raise Unauthorized("algorithm")
    if header.get("typ") != "JWT":
        raise Unauthorized("type")
    if _CHANGERS & header.keys():
        raise Unauthorized("critical")
    if not isinstance(header.get("kid"), str) or not isinstance(header.get("jku", ""), str):
        raise Unauthorized("key-name")
    try:
        return _Token(header, claims, jws.extract_compact(token.encode(), None, _registry(header["alg"])))
    except (JoseError, ValueError, TypeError, RecursionError):
        raise Unauthorized("malformed") from None


def _table(segment: str) -> Mapping[str, Any]:
    """The JSON object of a segment: canonical base64url of UTF-8, each key once."""
    try:
        value = decode(urlsafe_b64decode(segment.encode()), max_bytes=LONGEST)
    except (BadInput, ValueError, IndexError):
        raise Unauthorized("malformed") from None
    if not isinstance(value, Mapping):
        raise Unauthorized("malformed")
    return value


def _registry(algorithm: str) -> jws.JWSRegistry:
    registry = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    registry.max_header_length = LONGEST_HEADER
    return registry


def _is_for(audience: object, endpoint: str, client: Client) -> bool:
    listed = audience if isinstance(audience, list) else [audience]
    texts = [one for one in listed if isinstance(one, str)]
    return any(one in client.audiences or _address(one) == _address(endpoint) for one in texts)


def _address(url: str) -> str:
    """An address as the door hears it: doubled and closing slashes of the path mean nothing."""
    scheme, mark, rest = url.partition("://")
    return scheme + mark + re.sub("/+", "/", rest).rstrip("/")


def _end(claims: Json, client: Client, now: float) -> float:
    """When the token ends, after its times were checked against the clock (seconds since 1970)."""
    start, end = _time(claims, "iat", client), _time(claims, "exp", client)
    if end + SKEW <= now:
        raise Unauthorized("expired", client.name)
    if start - SKEW > now or ("nbf" in claims and _time(claims, "nbf", client) - SKEW > now):
        raise Unauthorized("not-yet", client.name)
    if not 0 < end - start <= client.max_age + SKEW:
        raise Unauthorized("lifetime", client.name)
    return end


def _time(claims: Json, name: str, client: Client) -> float:
    value = claims.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < _LATEST:
        raise Unauthorized(f"{name}-unreadable", client.name)
    return value


def _check_signature(token: _Token, client: Client, keys: KeySource, now: datetime) -> None:
    algorithm = token.header["alg"]
    if algorithm not in client.algorithms:
        raise Unauthorized("algorithm", client.name)
    key = keys.find(client, token.header["kid"], token.header.get("jku"), now)
    if key is None:
        raise Unauthorized("key-unknown", client.name)
    if not fits(key, algorithm):
        raise Unauthorized("key-unfit", client.name)
    try:
        good = jws.validate_compact(token.signed, opened(key), registry=_registry(algorithm))
    except (JoseError, ValueError, TypeError):
        good = False
    if not good:
        raise Unauthorized("signature", client.name)
