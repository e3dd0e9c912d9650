"""Test tokens, and keys to sign them with, for integrators who try their side of the door."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from .jwks import Algorithm, BadKey, Json, fits, key_of

PREFERRED: tuple[Algorithm, ...] = ("ES384", "RS384", "ES256")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a test token says. ``kid`` None takes the key's own name."""

    issuer: str
    audience: str
    jti: str
    minutes: int = 5
    kid: str | None = None
    tenant: str | None = None


def fresh_key() -> tuple[str, Json]:
    """A fresh ES384 key: the private half as JSON, to be kept, and the public half, named by its thumbprint."""
    key = ECKey.generate_key("P-384")
    more = {"kid": key.thumbprint(), "use": "sig", "alg": "ES384"}
    private = {**key.as_dict(private=True), **more}
    return json.dumps(private, indent=2), {**key.as_dict(private=False), **more}


def as_toml(key: Json) -> str:
    """The line of the clients file that lists one key."""
    return "keys = [{ " + ", ".join(f"{name} = {json.dumps(value)}" for name, value in key.items()) + " }]"


def mint(private: bytes, wish: Wish, now: datetime) -> str:
    """A signed token. ``private`` is a private key as JSON Web Key or PEM. Raises BadKey."""
    key = _private(private)
    public: Mapping[str, Any] = {"kid": "0", **key.as_dict(private=False)}
    key_of(public)
    kid = wish.kid or key.kid
    if not kid:
        raise BadKey("the key has no kid: name one")
    header = {"alg": next(name for name in PREFERRED if fits(public, name)), "kid": kid, "typ": "JWT"}
    claims = {
        "iss": wish.issuer,
        "aud": wish.audience,
        "iat": int(now.timestamp()),
        "exp": int((now + timedelta(minutes=wish.minutes)).timestamp()),
        "jti": wish.jti,
        **({"tenant": wish.tenant} if wish.tenant else {}),
    }
    return jwt.encode(header, claims, key, algorithms=[header["alg"]])


def _private(text: bytes) -> ECKey | RSAKey:
    for kind in (ECKey, RSAKey):
        try:
            key = kind.import_key(json.loads(text) if text.lstrip().startswith(b"{") else text)
        except (JoseError, ValueError, TypeError, KeyError):
            continue
        if key.is_private:
            return key
    raise BadKey("a private EC or RSA key (JSON Web Key or PEM) expected")
