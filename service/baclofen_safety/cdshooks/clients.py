"""The EHRs that may call: one ``[[client]]`` of a site's TOML file each. Whatever does not fit stops the start.

.. code-block:: toml

    [[client]]
    name = "general-hospital"            # ours, for logs and counts
    profile = "epic"                     # default, epic or sandbox: how cards are shaped
    issuer = "https://ehr.example.org"   # iss of its tokens; one client may have none: it is who calls without a token
    keys = "general-hospital.jwks.json"  # its public keys: a file beside this one, or the keys themselves
    jku = ["https://ehr.example.org/jwks.json"]  # where its keys may be fetched, and nowhere else
    audiences = ["baclofen"]             # aud values accepted besides the address of the endpoint called
    servers = ["https://ehr.example.org/fhir"]   # FHIR servers we may read with the token it hands us
    networks = ["10.20.0.0/16"]          # private networks in which their names, and those of jku, may lie
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any, Literal, NoReturn, TypeVar, get_args
from urllib.parse import SplitResult, urlsplit

from ..errors import BaclofenSafetyError
from ..fhir.egress import AllowList, BadBase, base_of
from .jwks import Algorithm, BadKey, Json, fits, keys_of

Profile = Literal["default", "epic", "sandbox"]
DEFAULT_ALGORITHMS: tuple[Algorithm, ...] = ("ES384", "RS384")
MAX_AGE = 900
"""Seconds a token may live, as issued. Epic's live 15 minutes."""
LONGEST_AGE = 86_400
_ISSUED = ("keys", "jku", "tenants", "audiences", "algorithms", "max_age")
"""Fields that say something of tokens: they mean nothing without an issuer."""
_FIELDS = frozenset({"name", "profile", "issuer", "servers", "networks", "insecure", "origins", "smart_app", *_ISSUED})
T = TypeVar("T")


class ClientsError(BaclofenSafetyError):
    """A clients file that cannot be used: ``path``, ``client`` (its name or place) and ``key`` (the field)."""

    def __init__(self, path: Path, client: str, key: str, expected: str) -> None:
        super().__init__(f"{path}: {': '.join(one for one in (client, key, expected) if one)}")
        self.path = path
        self.client = client
        self.key = key


@dataclass(frozen=True, slots=True)
class SmartApp:
    """An app that cards of this client link to."""

    url: str
    label: str


@dataclass(frozen=True, slots=True)
class Client:
    """One EHR. ``keys`` are public JSON Web Keys; ``servers`` are FHIR base URLs without a closing slash; ``tenants``
    empty means that the token's tenant is not looked at; ``max_age`` is in seconds; ``insecure`` lets ``servers`` be
    plain http outside this machine, for tests. Only the local client, who calls without a token, has no ``issuer``."""

    name: str
    profile: Profile = "default"
    servers: tuple[str, ...] = ()
    origins: frozenset[str] = frozenset()
    issuer: str | None = None
    keys: tuple[Json, ...] = field(default=(), repr=False)
    jku: tuple[str, ...] = ()
    tenants: frozenset[str] = frozenset()
    audiences: frozenset[str] = frozenset()
    algorithms: tuple[Algorithm, ...] = DEFAULT_ALGORITHMS
    max_age: int = MAX_AGE
    smart_app: SmartApp | None = None
    networks: tuple[str, ...] = ()
    insecure: bool = False


@dataclass(frozen=True, slots=True)
class Clients:
    """Who may call: ``listed`` with a token, ``local`` without one (on this machine, when tokens are switched off)."""

    listed: tuple[Client, ...] = ()
    local: Client = Client("local")

    def of_issuer(self, issuer: str) -> Client | None:
        """The client whose tokens say this ``iss``, to the letter."""
        return next((one for one in self.listed if one.issuer == issuer), None)

    @property
    def origins(self) -> frozenset[str]:
        """Origins of browser pages that may call, of every client."""
        return frozenset().union(self.local.origins, *(one.origins for one in self.listed))


def load_clients(path: Path | None) -> Clients:
    """The clients of a site's file; without a file nobody but the local client. Raises ClientsError."""
    if path is None:
        return Clients()
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise ClientsError(path, "", "", "a TOML file in UTF-8 expected") from None
    return _clients(path, table)


def _clients(path: Path, table: Mapping[str, Any]) -> Clients:
    rows = table.get("client")
    if table.keys() - {"client"} or not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise ClientsError(path, "", "client", "[[client]] tables expected, and nothing else")
    found = [_Row(path, _name(row, place), row).client() for place, row in enumerate(rows, 1)]
    for key in ("name", "issuer"):
        values = [getattr(one, key) for one in found]
        for place, value in enumerate(values):
            if value in values[:place]:
                expected = "at most one client without an issuer" if value is None else "not that of another client"
                raise ClientsError(path, found[place].name, key, f"{expected} expected")
    local = next((one for one in found if one.issuer is None), Client("local"))
    return Clients(tuple(one for one in found if one.issuer is not None), local)


def _name(row: Mapping[str, Any], place: int) -> str:
    name = row.get("name")
    return name if isinstance(name, str) and name.strip() else f"client {place}"


@dataclass(frozen=True, slots=True)
class _Row:
    """One ``[[client]]``, read field by field; a field that does not fit is named."""

    path: Path
    name: str
    row: Mapping[str, Any]

    def client(self) -> Client:
        if unknown := sorted(self.row.keys() - _FIELDS):
            self.refuse(unknown[0], f"no such field; one of {', '.join(sorted(_FIELDS))} expected")
        name, issuer = self.word("name"), self.word("issuer") if "issuer" in self.row else None
        if issuer is None and (stray := [key for key in _ISSUED if key in self.row]):
            self.refuse(stray[0], "an issuer beside it expected: without one no token is checked")
        keys, jku, algorithms = self.keys(), self.words("jku", _key_address), self.algorithms()
        insecure = self.switch("insecure")
        if issuer is not None and not keys and not jku:
            self.refuse("keys", "keys, or jku with the address of the keys, expected")
        if idle := [key["kid"] for key in keys if not any(fits(key, one) for one in algorithms)]:
            self.refuse("keys", f"kid {idle[0]}: a key for one of {', '.join(algorithms)} expected")
        return Client(
            name=name,
            profile=self.choice("profile", self.row.get("profile", "default"), get_args(Profile)),
            servers=tuple(base_of(one).url for one in self.words("servers", partial(_server, insecure=insecure))),
            origins=frozenset(self.words("origins", _origin)),
            issuer=issuer,
            keys=keys,
            jku=jku,
            tenants=frozenset(self.words("tenants")),
            audiences=frozenset(self.words("audiences")),
            algorithms=algorithms,
            max_age=self.max_age(),
            smart_app=self.smart_app(),
            networks=self.words("networks", _network),
            insecure=insecure,
        )

    def refuse(self, key: str, expected: str) -> NoReturn:
        raise ClientsError(self.path, self.name, key, expected)

    def word(self, key: str) -> str:
        value = self.row.get(key)
        if not isinstance(value, str) or not value or value != value.strip():
            self.refuse(key, "a text without space around it expected")
        return value

    def words(self, key: str, fault: Callable[[str], str] = lambda _: "") -> tuple[str, ...]:
        """A list of texts; ``fault`` says what one should have been, or nothing."""
        value = self.row.get(key, [])
        if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
            self.refuse(key, "a list of texts expected")
        for one in value:
            if expected := fault(one):
                self.refuse(key, expected)
        return tuple(value)

    def choice(self, key: str, value: T, among: tuple[T, ...]) -> T:
        if value not in among:
            self.refuse(key, f"one of {', '.join(map(str, among))} expected")
        return value

    def switch(self, key: str) -> bool:
        value = self.row.get(key, False)
        if not isinstance(value, bool):
            self.refuse(key, "true or false expected")
        return value

    def keys(self) -> tuple[Json, ...]:
        """The keys: a key set, the list of its keys, or the file it stands in."""
        if "keys" not in self.row:
            return ()
        value = self.row["keys"]
        try:
            return keys_of(json.loads((self.path.parent / value).read_bytes()) if isinstance(value, str) else value)
        except BadKey as error:
            self.refuse("keys", str(error))
        except (OSError, ValueError):
            self.refuse("keys", "an existing file with a JSON Web Key Set expected")

    def algorithms(self) -> tuple[Algorithm, ...]:
        value = self.words("algorithms") or DEFAULT_ALGORITHMS
        return tuple(self.choice("algorithms", one, get_args(Algorithm)) for one in value)

    def max_age(self) -> int:
        value = self.row.get("max_age", MAX_AGE)
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= LONGEST_AGE:
            self.refuse("max_age", f"whole seconds from 1 to {LONGEST_AGE} expected")
        return value

    def smart_app(self) -> SmartApp | None:
        if "smart_app" not in self.row:
            return None
        value = self.row["smart_app"]
        if not isinstance(value, Mapping) or value.keys() != {"url", "label"}:
            self.refuse("smart_app", "a table of url and label expected")
        url, label = value["url"], value["label"]
        if not isinstance(url, str) or _parts(url) is None:
            self.refuse("smart_app", "url: an https address (http on this machine) expected")
        if not isinstance(label, str) or not label:
            self.refuse("smart_app", "label: a text expected")
        return SmartApp(url, label)


def is_loopback(host: str | None) -> bool:
    """Whether an address is this machine's own: 127.0.0.0/8, ::1 (also written as IPv4 inside IPv6), localhost."""
    if host == "localhost":
        return True
    try:
        address = ip_address(host or "")
    except ValueError:
        return False
    inner = getattr(address, "ipv4_mapped", None)
    return address.is_loopback or (inner is not None and inner.is_loopback)


def _network(text: str) -> str:
    """What is wrong with a private network; nothing when it is fine."""
    try:
        fine = ip_network(text).is_private
        AllowList([text])
    except (ValueError, BadBase):
        fine = False
    return "" if fine else "a private network such as 10.20.0.0/16 expected"


def _server(url: str, *, insecure: bool = False) -> str:
    """What is wrong with an address we may open; nothing when it is fine. It is read as ``fhir.egress`` reads it."""
    try:
        AllowList([url], insecure=insecure)
    except BadBase as error:
        return str(error)
    return "" if "://" in url else "an address expected; a network stands in networks"


def _key_address(url: str) -> str:
    if fault := _server(url):
        return fault
    return "" if base_of(url).url == url else "an address in its plainest form expected: the one that will be asked"


def _origin(url: str) -> str:
    parts = _parts(url, everywhere=True)
    if parts is None or url != f"{parts.scheme}://{parts.netloc}" or url != url.lower():
        return "an origin such as https://ehr.example.org (scheme, host, port; no path, no *) expected"
    return ""


def _parts(url: str, *, everywhere: bool = False) -> SplitResult | None:
    """The parts of an http(s) address. Plain http counts on this machine only, unless ``everywhere``."""
    try:
        parts = urlsplit(url)
        plain = parts.hostname and not parts.username and parts.password is None and parts.port != 0
    except ValueError:
        return None
    known = parts.scheme == "https" or (parts.scheme == "http" and (everywhere or is_loopback(parts.hostname)))
    return parts if plain and known and "@" not in parts.netloc and "*" not in url and url.isascii() else None
