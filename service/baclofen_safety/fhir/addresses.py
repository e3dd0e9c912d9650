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
    """A resource as it stands in an entry: ``full`` is its fullUrl, or ""; ``place`` that of the entry."""

    kind: str
    resource: Json
    full: str
    place: str

    @property
    def short(self) -> str:
        """``Type/id``; "" without a readable id."""
        identity = self.resource.get("id")
        return f"{self.kind}/{identity}" if type(identity) is str and identity else ""

    @property
    def base(self) -> str:
        """The base of its server as written; "" when the fullUrl names none."""
        short, full = self.short, self.full.partition(_VERSION)[0]
        return full[: -len(short) - 1] if short and full.endswith(f"/{short}") and _SCHEME.match(full) else ""


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
    held: dict[str, dict[str, list[int]]] = {}
    based = set()
    for index, each in enumerate(arrived):
        if each.full and each.short:
            held.setdefault(each.short, {}).setdefault(server_of(each.base) or each.full, []).append(index)
    servers = Counter(server_of(each.base) for each in arrived) if any(len(kept) > 1 for kept in held.values()) else {}
    for kept in held.values():
        if len(kept) > 1:
            _keep_apart(arrived, kept, servers, refs)
    for index, each in enumerate(arrived):
        if each.base:
            based.add(refs[index])
    return refs, based


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
    several = len({server_of(each.base) for each in arrived if each.base}) > 1
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
