"""Where a resource stands: on which server, under which id, in which version. Two servers may use one id."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .editions import says_the_same
from .older import TURNED
from .resource_types import KNOWN_TYPES

Json = dict[str, Any]

READ_TYPES = KNOWN_TYPES | TURNED.keys()
_VERSION = "/_history/"
_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_DEFAULT_PORT = re.compile(r":(?:80|443)(?=/|$)")
_DEEPEST = 60
"""Levels of a resource in which references are looked for."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A resource as it stands in an entry: ``full`` is its fullUrl, or ""; ``place`` that of the entry.

    ``short``: ``Type/id``; "" without a readable id. ``base``: that of its server as written; "" when the fullUrl names
    none.
    """

    kind: str
    resource: Json
    full: str
    place: str
    short: str
    base: str


def arrival(kind: str, resource: Json, full: str, place: str) -> Arrival:
    """What arrived in an entry, with its addresses."""
    identity = resource.get("id")
    short = f"{kind}/{identity}" if type(identity) is str and identity else ""
    address = full.partition(_VERSION)[0]
    on_server = short and address.endswith(f"/{short}") and _SCHEME.match(address)
    return Arrival(kind, resource, full, place, short, address[: -len(short) - 1] if on_server else "")


def tail_of(reference: str) -> str:
    """``Type/id`` at the end of an absolute reference, without its version; anything else unchanged."""
    parts = reference.split("?", maxsplit=1)[0].rstrip("/").split("/")
    if "_history" in parts:
        parts = parts[: parts.index("_history")]
    if len(parts) >= 2 and parts[-2] in READ_TYPES:
        return f"{parts[-2]}/{parts[-1]}"
    return reference


def version_in(reference: str) -> str:
    """The version a reference names; "" without one."""
    return reference.partition(_VERSION)[2].partition("?")[0].rstrip("/")


def server_of(base: str) -> str:
    """A base in the form in which two spellings of one server are the same: http and https are."""
    return _DEFAULT_PORT.sub("", _SCHEME.sub("", base), count=1).rstrip("/").casefold()


def parted(reference: str) -> tuple[str, str]:
    """The server of an absolute reference to ``Type/id`` ("" of any other), and ``Type/id``."""
    tail = tail_of(reference)
    start = _SCHEME.match(reference)
    if start is None or tail == reference:
        return "", tail
    head, _, _ = reference.rpartition(f"/{tail}")
    return server_of(head), tail


def canonical(arrived: Sequence[Arrival]) -> tuple[list[str], set[str]]:
    """The reference of each arrival: ``Type/id``, else the fullUrl, else its place; and those whose server is known.

    Where servers use one id for different things, the server that most entries come from keeps ``Type/id``.
    """
    by_full = {each.full: each.short for each in arrived if each.full and each.short}
    refs = [each.short or _known(by_full, each) or each.full or each.place for each in arrived]
    if len(set(refs)) < len(refs):
        _tell_servers_apart(arrived, refs)
    return refs, {ref for ref, each in zip(refs, arrived, strict=True) if each.base}


def _tell_servers_apart(arrived: Sequence[Arrival], refs: list[str]) -> None:
    """Name anew in ``refs`` what shares its ``Type/id`` with a resource of another server."""
    held: dict[str, dict[str, list[int]]] = {}
    for index, each in enumerate(arrived):
        if each.full and each.short:
            held.setdefault(each.short, {}).setdefault(server_of(each.base) or each.full, []).append(index)
    if any(len(kept) > 1 for kept in held.values()):
        servers = Counter(server_of(each.base) for each in arrived)
        for kept in held.values():
            if len(kept) > 1:
                _keep_apart(arrived, kept, servers, refs)


def _known(by_full: dict[str, str], nameless: Arrival) -> str:
    """What another entry of the same fullUrl and type is named."""
    short = by_full.get(nameless.full, "")
    return short if short.startswith(f"{nameless.kind}/") else ""


def _keep_apart(
    arrived: Sequence[Arrival], held: dict[str, list[int]], servers: dict[str, int], refs: list[str]
) -> None:
    """Name what is of another server by its fullUrl. A fullUrl that names no server contradicts none."""
    on_server = [each for each in held if each in servers]
    ranked = sorted(on_server or held, key=lambda each: (-servers.get(each, 0), each))
    kept: list[tuple[str, list[int]]] = [(refs[held[ranked[0]][0]], held[ranked[0]])]
    for each in ranked[1:]:
        twin = next((ref for ref, others in kept if _same(arrived, held[each], others)), None)
        ref = twin or min(arrived[index].full.partition(_VERSION)[0] for index in held[each])
        kept.append((ref, held[each]))
        for index in held[each]:
            refs[index] = ref


def _same(arrived: Sequence[Arrival], some: Sequence[int], others: Sequence[int]) -> bool:
    return any(says_the_same(arrived[one].resource, arrived[other].resource) for one in some for other in others)


def anchored(arrived: Sequence[Arrival]) -> Iterator[Json]:
    """Each resource; where the entries come from several servers, its relative references say on which."""
    several = len({server_of(base) for base in {each.base for each in arrived} if base}) > 1
    for each in arrived:
        yield _anchored(each.resource, each.base, _DEEPEST) if several and each.base else each.resource


def _anchored(value: Any, base: str, deep: int) -> Any:
    if deep == 0:
        return value
    if type(value) is list:
        return [_anchored(each, base, deep - 1) for each in value]
    if type(value) is not dict:
        return value
    made = {key: _anchored(each, base, deep - 1) for key, each in value.items()}
    target = value.get("reference")
    if type(target) is str and _is_relative(target):
        made["reference"] = f"{base}/{target}"
    return made


def _is_relative(target: str) -> bool:
    kind, _, rest = target.partition("/")
    return bool(rest) and kind in READ_TYPES and "?" not in target
