"""Where a question to an EHR may go: the guard every outgoing address passes before a connection is opened.

Addresses come from whoever calls us, so they are read by a grammar much narrower than that of URLs: ASCII, no
userinfo, no fragment, no percent sign, backslash, empty or dot segment in the path, no number but a plain IP address as
host. What does not fit is refused, and what is sent is put together again from the parts that were checked. A name is
resolved once per call and the connection goes to the address judged here, so that a second answer of the name server
(rebinding) is never asked for.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urljoin

from ..errors import BaclofenSafetyError

PORTS = {"https": 443, "http": 80}
LONGEST = 4096
SMALLEST_PREFIX = 7
"""10.0.0.0/8 and fc00::/7 are the largest private networks."""
_URL = re.compile(
    r"(?P<scheme>(?i:https?))://(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]{1,253})(?::(?P<port>[1-9][0-9]{0,4}))?"
    r"(?P<path>(?:/[A-Za-z0-9._~$+=:-]+)*)/?"
)
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_PRINTABLE = re.compile(r"[!-~]+")
_ID = r"[A-Za-z0-9.-]{1,256}"  # some servers' own ids are longer than the 64 of the standard
_QUESTION = re.compile(rf"(?P<kind>[A-Z][A-Za-z]+)(?:/(?P<id>{_ID})(?:/_history/{_ID})?)?")
_NEVER = tuple(ip_network(each) for each in ("168.63.129.16", "192.0.0.0/24", "100.100.100.200", "fd00:ec2::254"))
"""Where clouds hand out credentials, outside the link-local range; no setting opens them."""
_NAT64 = IPv6Network("64:ff9b::/96")


class NotAllowed(BaclofenSafetyError):
    """An address we do not go to. Carries no part of it."""


class BadBase(BaclofenSafetyError):
    """An entry of the allow-list that cannot be used."""


@dataclass(frozen=True, slots=True)
class Base:
    """A FHIR base address, taken apart. ``host`` is lower case, an IPv6 address without brackets."""

    scheme: str
    host: str
    port: int
    path: tuple[str, ...]

    @property
    def netloc(self) -> str:
        """Host and port as the Host header wants them: the default port is not said."""
        return _bracketed(self.host) + ("" if self.port == PORTS[self.scheme] else f":{self.port}")

    @property
    def url(self) -> str:
        return "/".join((f"{self.scheme}://{self.netloc}", *self.path))

    @property
    def is_loopback(self) -> bool:
        literal = _literal(self.host)
        return literal.is_loopback if literal else self.host == "localhost"

    def holds(self, other: Base) -> bool:
        """Same scheme, host and port, and the other's path begins with all segments of this one's."""
        mine = (self.scheme, self.host, self.port, self.path)
        return mine == (other.scheme, other.host, other.port, other.path[: len(self.path)])

    def reached_at(self, address: str, url: str) -> str:
        """A URL below this base with the resolved address in the place of the name."""
        return f"{self.scheme}://{_bracketed(address)}:{self.port}{url.removeprefix(f'{self.scheme}://{self.netloc}')}"

    def below(self, link: str) -> str:
        """The absolute URL a link (relative or absolute) means, when it stays within this base. Raises NotAllowed."""
        if not _PRINTABLE.fullmatch(link) or "\\" in link or "#" in link:
            raise NotAllowed
        try:
            whole = link if _SCHEME.match(link) else urljoin(self.url + "/", link)
        except ValueError:
            raise NotAllowed from None
        address, mark, query = whole.partition("?")
        place = base_of(address)
        if not self.holds(place):
            raise NotAllowed
        return place.url + mark + query


@dataclass(frozen=True, slots=True)
class Question:
    """A read (``id`` is set) or a search of one resource type."""

    url: str
    kind: str
    id: str | None


def base_of(url: str) -> Base:
    """An address by its parts. Raises NotAllowed for everything but plain http(s)://host[:port][/segment...]."""
    match = _URL.fullmatch(url) if len(url) <= LONGEST else None
    if match is None:
        raise NotAllowed
    scheme, path = match["scheme"].lower(), match["path"].split("/")[1:]
    port = int(match["port"] or PORTS[scheme])
    if port > 65535 or any(not segment.strip(".") for segment in path):
        raise NotAllowed
    return Base(scheme, _host(match["host"].lower()), port, tuple(path))


def question_of(base: Base, query: str) -> Question:
    """What ``Type/id``, ``Type?search`` or the same as an absolute URL asks of this base. Raises NotAllowed."""
    url = base.below(query)
    path, mark, _ = url.partition("?")
    match = _QUESTION.fullmatch(path.removeprefix(base.url + "/"))
    if match is None or bool(match["id"]) == bool(mark):
        raise NotAllowed
    return Question(url, match["kind"], match["id"])


def addresses_of(host: str, port: int) -> tuple[str, ...]:
    """What the system's resolver says, IPv4 first. Raises OSError."""
    found = {str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    return tuple(sorted(found, key=lambda each: (":" in each, each)))


class AllowList:
    """The bases an operator lets us read from, and private networks of the house (``10.20.0.0/16``) among them.

    http is for loopback only, unless ``insecure``. A name may resolve to public addresses and to those networks; a base
    typed as an IP address, or as localhost, allows itself. Raises BadBase.
    """

    def __init__(self, entries: Iterable[str], *, insecure: bool = False) -> None:
        kept = tuple(entries)
        self.bases = tuple(_entry(each, insecure) for each in kept if "://" in each)
        self.networks = tuple(_network(each) for each in kept if "://" not in each)

    def base(self, url: str) -> Base:
        """The base at this address, when an entry allows it. Raises NotAllowed."""
        asked = base_of(url)
        if not any(entry.holds(asked) for entry in self.bases):
            raise NotAllowed
        return asked

    def address(self, base: Base, found: Sequence[str]) -> str:
        """The one of the resolved addresses to connect to. Raises NotAllowed when a single one is out of bounds."""
        if not found or not all(self._may_reach(base, ip_address(each)) for each in found):
            raise NotAllowed
        return found[0]

    def _may_reach(self, base: Base, address: IPv4Address | IPv6Address) -> bool:
        literal = _literal(base.host)
        if literal is not None:
            return address == literal
        inner = _embedded(address)
        if inner.is_link_local or inner.is_multicast or inner.is_unspecified or any(inner in each for each in _NEVER):
            return False
        if base.is_loopback:
            return inner.is_loopback
        return _is_public(inner) or any(inner in each for each in self.networks)


def _entry(text: str, insecure: bool) -> Base:
    try:
        base = base_of(text)
    except NotAllowed:
        raise BadBase("a FHIR base address like https://ehr.example.org/fhir expected") from None
    literal = _literal(base.host)
    if literal and (literal.is_link_local or literal.is_unspecified or literal.is_multicast):
        raise BadBase("the address of one FHIR server expected")
    if base.scheme == "http" and not (base.is_loopback or insecure):
        raise BadBase("https expected; http is for loopback only")
    return base


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        network = ip_network(text)
    except ValueError:
        raise BadBase("a FHIR base address, or a network like 10.20.0.0/16, expected") from None
    if network.prefixlen < SMALLEST_PREFIX:
        raise BadBase("a network of the house, not much of the world, expected")
    return network


def _host(text: str) -> str:
    """A name or an IP address in its one spelling. A host that ends in a number is an address or nothing."""
    try:
        if text.startswith("["):
            return str(IPv6Address(text[1:-1]))
        labels = text.split(".")
        if labels[-1][:1].isdigit():
            return str(IPv4Address(text))
    except ValueError:
        raise NotAllowed from None
    if not all(_LABEL.fullmatch(each) for each in labels):
        raise NotAllowed
    return text


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _embedded(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 address stands for (mapped, 6to4, Teredo, NAT64), else the address."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else address)


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    site_local = isinstance(address, IPv6Address) and address.is_site_local
    return address.is_global and not address.is_reserved and not site_local
