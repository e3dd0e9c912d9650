"""What a Bundle answers for: which types were looked for, of whom, and whether the sender left something out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

from .outcome import concepts_named
from .resource_types import KNOWN_TYPES

if TYPE_CHECKING:
    from .patients import Subject

Json = Mapping[str, Any]

_OWNER = frozenset({"patient", "subject", "for", "actor", "beneficiary"})
_WHOLE_SEARCH = _OWNER | frozenset(
    {"_count", "_sort", "_include", "_revinclude"} | {"_format", "_pretty", "_total", "_maxresults", "_page", "_offset"}
)
"""Search parameters that do not narrow a search to a part of the patient's resources of a type."""
_SEVERITIES = frozenset({"warning", "information", "success"})
"""Of an OperationOutcome: whatever else it says, or not, is a failure."""
_WITHHELD = frozenset(
    {"security", "login", "unknown", "expired", "forbidden", "suppressed", "too-costly"}
    | {"transient", "lock-error", "no-store", "exception", "timeout", "incomplete", "throttled"}
)
"""Issue types by which a server says, of any severity, that something may lack in its answer."""
_MARKS = frozenset({"SUBSETTED", "REDACTED", "MASKED"})
"""Tags and security labels of what elements or entries were taken out of."""


@dataclass(frozen=True, slots=True)
class Search:
    """One search that came back whole: for these types, or only for these concepts of a type.

    ``owners`` say of whom, as (kind of value, value), all of them at once; None when the sender did not say what it
    had asked.
    """

    place: str
    types: frozenset[str]
    concepts: Mapping[str, frozenset[str]]
    owners: tuple[tuple[str, str], ...] | None

    def is_about(self, whose: Subject) -> bool:
        """Was it a search for this patient?"""
        return self.owners is None or (bool(self.owners) and all(_names(whose, *owner) for owner in self.owners))


def _names(whose: Subject, kind: str, value: str) -> bool:
    return any(_is_named(whose, kind, each) for each in value.split(","))


def _is_named(whose: Subject, kind: str, value: str) -> bool:
    if kind == "identifier":
        system, bar, number = value.rpartition("|")
        return any(number == own and (not bar or system == of) for of, own in whose.identifiers)
    ref = value if "/" in value or ":" in value else f"Patient/{value}"
    return kind == "reference" and (whose.is_named_by(ref) or whose.ref.endswith(f"/{ref}"))


def search_of(bundle: Json, place: str, came: frozenset[str]) -> Search:
    """What a whole searchset answers for; ``came`` are the types of what is in it."""
    url = dict(links_of(bundle)).get("self")
    if url is None:
        return Search(place, came, {}, None)
    path, _, query = url.partition("?")
    asked, owners = _read_path(path)
    pairs = parse_qsl(query, keep_blank_values=True)
    owners += [_owner(name, value) for name, value in pairs if _base(name) in _OWNER]
    narrow = _narrowing(pairs)
    if not narrow:
        return Search(place, came if asked == "$everything" else frozenset({asked}), {}, tuple(owners))
    concepts = {}
    if len(narrow) == 1 and narrow[0][0] in ("code:in", "type:in"):
        concepts = {asked: frozenset(concepts_named(narrow[0][1]))}
    return Search(place, frozenset(), concepts, tuple(owners))


def narrows(parameters: list[tuple[str, str]]) -> bool:
    """Do search parameters narrow a search to a part of the patient's resources of a type?"""
    return bool(_narrowing(parameters))


def _narrowing(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in pairs if value and _base(name) not in _WHOLE_SEARCH]


def _base(name: str) -> str:
    """The parameter without its modifier (``:Patient``) and its chain (``.identifier``)."""
    return name.partition(":")[0].partition(".")[0]


def _owner(name: str, value: str) -> tuple[str, str]:
    """By what a parameter names somebody: a reference, a business identifier, or what tells nothing here ("")."""
    head, _, chain = name.partition(".")
    modifier = head.partition(":")[2]
    if "identifier" in (chain, modifier):
        return "identifier", value
    return ("reference" if chain in ("", "_id") and modifier in ("", "Patient") else ""), value


def _read_path(path: str) -> tuple[str, list[tuple[str, str]]]:
    """What was asked for, and the patient in whose compartment (``Patient/1/Condition``, ``Patient/1/$everything``)."""
    parts = [unquote(part) for part in path.rstrip("/").removesuffix("/_search").split("/")]
    inside = len(parts) > 2 and parts[-3] == "Patient" and parts[-2] not in KNOWN_TYPES
    return parts[-1], [("reference", f"Patient/{parts[-2]}")] if inside else []


def asked_for(bundle: Json) -> str:
    """The resource type the self link of a Bundle says was searched for; "" when it names none."""
    path = dict(links_of(bundle)).get("self", "").partition("?")[0].rstrip("/")
    return next((part for part in reversed(path.split("/")) if part in KNOWN_TYPES), "")


def is_part(bundle: Json) -> bool:
    """Is it one page of more, or did the search find more than the Bundle holds?"""
    if "next" in dict(links_of(bundle)):
        return True
    total, entries = counted(bundle.get("total")), bundle.get("entry")
    if type(total) is not int:
        return total is not None  # how many there are, nobody can read
    searches = [entry.get("search") for entry in entries if isinstance(entry, dict)] if entries else []
    modes = [search.get("mode") if isinstance(search, dict) else None for search in searches]
    return total > sum(mode not in ("include", "outcome") for mode in modes)


def counted(total: object) -> object:
    """A number written as words of digits ("37") is that number."""
    return int(total) if isinstance(total, str) and total.isdecimal() else total


def says_failed(outcome: Json) -> bool:
    """Does an OperationOutcome tell of an error?"""
    return any(str(each.get("severity")).strip().lower() not in _SEVERITIES for each in _issues(outcome))


def says_withheld(outcome: Json) -> bool:
    """Does it say that something may lack in the answer it came with?"""
    return any(str(each.get("code")).strip().lower() in _WITHHELD for each in _issues(outcome))


def _issues(outcome: Json) -> list[Json]:
    issues = outcome.get("issue")
    return [each for each in (issues if isinstance(issues, list) else [issues]) if isinstance(each, dict)]


def is_cut(resource: Json) -> bool:
    """Does a Bundle or resource say of itself that something was taken out of it?"""
    return "meta" in resource and any(
        coding.get("code") == mark
        for key in ("tag", "security")
        for coding in marks_of(resource, key)
        for mark in _MARKS
    )


def marks_of(resource: Json, key: str) -> Iterator[Json]:
    """The Codings of a resource's ``meta.tag`` or ``meta.security``."""
    meta = resource.get("meta")
    marks = meta.get(key) if isinstance(meta, dict) else None
    return (mark for mark in marks if isinstance(mark, dict)) if isinstance(marks, list) else iter(())


def links_of(bundle: Json) -> Iterator[tuple[str, str]]:
    """Every link as (relation, url)."""
    links = bundle.get("link")
    for link in links if isinstance(links, list) else ():
        if isinstance(link, dict) and isinstance(link.get("url"), str) and isinstance(link.get("relation"), str):
            yield link["relation"], link["url"]
