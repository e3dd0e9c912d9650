"""JSON Web Keys of clients: what of a key set may check a signature, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from joserfc.util import base64_to_int

from ..errors import BaclofenSafetyError

Json = Mapping[str, Any]
Algorithm = Literal["ES384", "RS384", "ES256", "RS256"]
KINDS: Mapping[str, tuple[str, str | None]] = {
    "ES384": ("EC", "P-384"),
    "RS384": ("RSA", None),
    "ES256": ("EC", "P-256"),
    "RS256": ("RSA", None),
}
"""Algorithm to key type and curve. There is no ``none`` and nothing with a shared secret, so neither can be allowed."""
SECRET = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
MIN_RSA_BITS = 2048


class BadKey(BaclofenSafetyError):
    """A key that may not check signatures; the message says why, and never holds the key."""


def key_of(row: object) -> Json:
    """One public key, checked. Raises BadKey."""
    if not isinstance(row, Mapping):
        raise BadKey("a JSON Web Key (a table) expected")
    kid = row.get("kid")
    if not isinstance(kid, str) or not kid:
        raise BadKey("kid: the key's name expected")
    if SECRET & row.keys():
        raise BadKey(f"kid {kid}: a public key expected, this one holds private parts")
    uses = row.get("key_ops", ["verify"])
    if row.get("use", "sig") != "sig" or not isinstance(uses, list) or "verify" not in uses:
        raise BadKey(f"kid {kid}: not for signatures")
    fitting = [name for name in KINDS if fits(row, name)]
    if not fitting:
        raise BadKey(f"kid {kid}: a key for one of {', '.join(KINDS)} expected")
    try:
        if row["kty"] == "RSA" and base64_to_int(row["n"]).bit_length() < MIN_RSA_BITS:
            raise BadKey(f"kid {kid}: RSA of at least {MIN_RSA_BITS} bits expected")
        opened(row)
    except (JoseError, ValueError, TypeError, KeyError):
        raise BadKey(f"kid {kid}: not a key that can be read") from None
    return dict(row)


def keys_of(document: object) -> tuple[Json, ...]:
    """Every key of a hand-written key set (``{"keys": [...]}`` or the list itself). Raises BadKey at the first flaw."""
    rows = document.get("keys") if isinstance(document, Mapping) else document
    if not isinstance(rows, list) or not rows:
        raise BadKey("a key set with at least one key expected")
    keys = tuple(key_of(row) for row in rows)
    if len({key["kid"] for key in keys}) < len(keys):
        raise BadKey("a kid stands twice")
    return keys


def usable_keys(document: object) -> tuple[Json, ...]:
    """The keys of a fetched key set that can check signatures; others (of an unknown kind, for encryption) are left."""
    rows = document.get("keys") if isinstance(document, Mapping) else None
    return tuple(_usable(rows)) if isinstance(rows, list) else ()


def _usable(rows: list[object]) -> Iterator[Json]:
    for row in rows:
        try:
            yield key_of(row)
        except BadKey:
            continue


def fits(key: Json, algorithm: str) -> bool:
    """Whether the key's type, curve and own ``alg`` allow the algorithm."""
    kind, curve = KINDS[algorithm]
    return (
        key.get("kty") == kind and (curve is None or key.get("crv") == curve) and key.get("alg", algorithm) == algorithm
    )


def opened(key: Json) -> ECKey | RSAKey:
    """The key as joserfc wants it."""
    row = {name: value for name, value in key.items() if name in ("kty", "crv", "x", "y", "n", "e", "kid")}
    return ECKey.import_key(row) if key.get("kty") == "EC" else RSAKey.import_key(row)
