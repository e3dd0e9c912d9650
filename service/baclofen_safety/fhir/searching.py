"""Search among the published artifacts: which parameters there are, what they match, one page of what was found."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode

from ..errors import ADDRESS, BadParameter, in_request
from .subsetting import read_elements, read_summary, subset
from .writing import name_uuid

Json = dict[str, Any]
Pairs = list[tuple[str, str]]

Kind = Literal["token", "string", "uri"]
SEARCHES: Mapping[str, Kind] = {
    "_id": "token",
    "url": "uri",
    "version": "token",
    "status": "token",
    "name": "string",
    "title": "string",
}
"""Search parameters to their type. All but ``_id`` are elements of every artifact."""
SYSTEMS = {"status": "http://hl7.org/fhir/publication-status"}
"""The system of the codes of a token; the others are bare words."""
PAGE, LONGEST_PAGE = 50, 500
"""Resources of a page: when nothing is said, and at most."""
_OFFSET = "_offset"
RESULTS = ("_count", _OFFSET, "_summary", "_elements", "_total")
_FORM = ("_format", "_pretty")
_MODIFIERS = ("exact", "contains")
_COMMA = re.compile(r"(?<!\\),")
_BAR = re.compile(r"(?<!\\)\|")
_ESCAPED = re.compile(r"\\([,$|\\])")


@dataclass(frozen=True, slots=True)
class Query:
    """A search as it is carried out: ``used`` are the parameters that count, ``ignored`` whether any do not."""

    kind: str
    used: tuple[tuple[str, str], ...]
    form: tuple[tuple[str, str], ...]
    ignored: bool
    count: int
    offset: int
    summary: str
    elements: frozenset[str]


def read_query(kind: str, pairs: Pairs, *, strict: bool) -> Query:
    """The search in the parameters of a request.

    Parameters that are not known are left aside unless ``strict``. Raises BadParameter for them, and always for a
    modifier that is not known or a value that cannot be.
    """
    filled = [(name, value) for name, value in pairs if value]
    used = tuple((name, value) for name, value in filled if _is_known(name))
    form = tuple((name, value) for name, value in filled if name in _FORM)
    ignored = len(used) + len(form) < len(filled)
    if ignored and strict:
        raise BadParameter(f"Search parameters expected: {', '.join((*SEARCHES, *RESULTS))}.", [ADDRESS])
    _check_systems(used)
    last = dict(used)
    summary = read_summary(last.get("_summary"))
    elements = read_elements(last.get("_elements"), kind, lenient=not strict)
    if summary not in ("", "false") and elements:
        raise BadParameter("_summary and _elements: one of the two was expected.", ["http._summary", "http._elements"])
    count, offset = _number(last, "_count", PAGE), _number(last, _OFFSET, 0)
    return Query(kind, used, form, ignored, min(count, LONGEST_PAGE), offset, summary, elements)


def _is_known(written: str) -> bool:
    name, colon, modifier = written.partition(":")
    if colon and name in SEARCHES and not (SEARCHES[name] == "string" and modifier in _MODIFIERS):
        raise BadParameter(f"{name}: a modifier that is not offered.", [in_request(name)])
    return name in SEARCHES or written in RESULTS


def _check_systems(used: Iterable[tuple[str, str]]) -> None:
    """Raises BadParameter for a token with a system that its codes are not of: it could match nothing."""
    for name, value in used:
        known = SYSTEMS.get(name, "")
        if SEARCHES.get(name) == "token" and any(_token(one)[0] not in ("", known) for one in _COMMA.split(value)):
            expected = f"a code, alone or of {known}," if known else "a value without a system"
            raise BadParameter(f"{name}: {expected} was expected.", [in_request(name)])


def _token(written: str) -> tuple[str, str]:
    """System ("" without one) and code ("" for any) of a token as it was written."""
    *system, code = _BAR.split(written, maxsplit=1)
    return "".join(system), _plain(code)


def _number(given: Mapping[str, str], name: str, default: int) -> int:
    text = given.get(name, str(default))
    if not (text.isascii() and text.isdecimal() and len(text) < 9):
        raise BadParameter(f"{name}: a whole number was expected.", [in_request(name)])
    return int(text)


def searchset(query: Query, artifacts: Mapping[tuple[str, str], Mapping[str, Any]], base: str) -> Json:
    """The page of a search as a Bundle; ``base`` is the address of the FHIR door."""
    found = [held for (kind, _), held in sorted(artifacts.items()) if kind == query.kind and _matches(held, query)]
    counts_only = query.summary == "count" or query.count == 0
    shown = [] if counts_only else found[query.offset : query.offset + query.count]
    entries = [
        {
            "fullUrl": f"{base}/{query.kind}/{one['id']}",
            "resource": subset(one, query.summary, query.elements),
            "search": {"mode": "match"},
        }
        for one in shown
    ]
    if query.ignored:
        told = {"fullUrl": f"urn:uuid:{_IGNORED['id']}", "resource": _IGNORED}
        entries.append({**told, "search": {"mode": "outcome"}})
    links = [{"relation": "self", "url": _address(query, base)}]
    if not counts_only:
        links += _pages(query, base, len(found))
    page: Json = {"resourceType": "Bundle", "type": "searchset", "total": len(found), "link": links}
    return page | ({"entry": entries} if entries else {})


_IGNORED: Json = {
    "resourceType": "OperationOutcome",
    "id": name_uuid("search parameters that are not known"),
    "issue": [
        {
            "severity": "warning",
            "code": "not-supported",
            "details": {
                "text": "Search parameters that are not known were left aside; the link self says what was sought."
            },
            "location": [ADDRESS],
            "expression": [ADDRESS],
        }
    ],
}


def _matches(artifact: Mapping[str, Any], query: Query) -> bool:
    """Does it match every parameter; of values with commas between, one?"""
    for written, value in query.used:
        name, _, modifier = written.partition(":")
        if name not in SEARCHES:
            continue
        held = str(artifact.get(name.removeprefix("_"), ""))
        if not any(_fits(held, one, SEARCHES[name], modifier) for one in _COMMA.split(value)):
            return False
    return True


def _plain(written: str) -> str:
    """A value without the marks that let its commas and bars be no separators."""
    return _ESCAPED.sub(r"\1", written)


def _fits(held: str, written: str, kind: Kind, modifier: str) -> bool:
    if kind == "token":
        system, code = _token(written)
        return held != "" and (held == code or (system != "" and code == ""))
    wanted = _plain(written)
    if kind == "uri" or modifier == "exact":
        return held == wanted
    return wanted.casefold() in held.casefold() if modifier else held.casefold().startswith(wanted.casefold())


def _pages(query: Query, base: str, total: int) -> Iterator[Json]:
    """Links to the other pages there are."""
    last = max(total - 1, 0) // query.count * query.count
    yield {"relation": "first", "url": _address(query, base, 0)}
    if query.offset:
        yield {"relation": "previous", "url": _address(query, base, max(min(query.offset, total) - query.count, 0))}
    if query.offset + query.count < total:
        yield {"relation": "next", "url": _address(query, base, query.offset + query.count)}
    yield {"relation": "last", "url": _address(query, base, last)}


def _address(query: Query, base: str, offset: int | None = None) -> str:
    """Where this search, or another page of it, is to be found."""
    pairs: Iterable[tuple[str, str]] = query.used
    if offset is not None:
        kept = [(name, value) for name, value in query.used if name not in ("_count", _OFFSET)]
        pairs = [*kept, *query.form, ("_count", str(query.count)), (_OFFSET, str(offset))]
    told = urlencode(list(pairs), safe=":/,|")
    return f"{base}/{query.kind}" + (f"?{told}" if told else "")
