"""Keys, clients and tokens for tests, in the shapes of real callers."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

Json = Mapping[str, Any]
SANDBOX = "https://sandbox.cds-hooks.org"
EPIC = "https://ehr.hospital.example/interconnect"
EPIC_KID = "Zm9v+YmFyIGJheg/8AA=="


@cache
def ec_key(kid: str = "44823f3d", curve: str = "P-384") -> ECKey:
    return ECKey.generate_key(curve, {"kid": kid})


@cache
def rsa_key(kid: str = EPIC_KID) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": kid})


def public(key: ECKey | RSAKey, **more: object) -> dict[str, Any]:
    """The key as a client would list it."""
    return {**cast(dict[str, Any], key.as_dict(private=False)), **more}


def part(value: object) -> str:
    """One piece of a token: JSON (bytes as they are) in base64url."""
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed(header: Json, claims: object, key: ECKey | RSAKey) -> str:
    """A token with exactly this header and payload (JSON, or bytes as they are), signed as ``alg`` says."""
    text = f"{part(header)}.{part(claims)}"
    return f"{text}.{part(jws.JWSRegistry.algorithms[header['alg']].sign(text.encode(), key))}"


class Notes:
    """Used tokens as files of a folder: seen by whoever looks into the same folder, also after a restart."""

    in_memory = False

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.until: datetime | None = None

    def remember_token(self, issuer: str, jti: str, until: datetime) -> bool:
        self.until = until
        try:
            (self._folder / sha256(json.dumps([issuer, jti]).encode()).hexdigest()).touch(exist_ok=False)
        except FileExistsError:
            return False
        return True


class Shelf:
    """Key sets by address, and how often each was asked for."""

    def __init__(self) -> None:
        self.sets: dict[str, object] = {}
        self.asked: list[str] = []

    def __call__(self, url: str) -> object:
        self.asked.append(url)
        return self.sets.get(url)
