"""What came of one question to an EHR: the answer as a searchset that says what was asked, or why it is not known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from .bundle import Json
from .older import TURNED
from .resource_types import READABLE
from .search_results import counted, is_cut, narrows, says_failed, says_withheld

_OWNER = frozenset({"patient", "subject"})
_ELDER = {**TURNED, "ProcedureRequest": "ServiceRequest"}
"""The names that older versions have for what is asked."""
NOT_READ = "unreadable"
"""Why an answer is not known, or not all of it, although it was sent: what is lost in it may be a hazard."""

PARTIAL = "partial"
"""Why a search is not known in full: some of what it found came."""


def resources_in(bundle: Mapping[str, Any]) -> Iterator[Json]:
    """Every resource of one answer."""
    for entry in bundle.get("entry", ()):
        if isinstance(entry, dict) and isinstance(entry.get("resource"), dict):
            yield entry["resource"]


def read_answer(value: object, url: str, patient: str) -> tuple[Json | None, str | None]:
    """One answer as a searchset, and why it is not known, or not all of it (None: it is).

    ``url`` is the relative question, ``patient`` the bare id of the one it is about.
    """
    if value is None:
        return None, "null"
    kind = value.get("resourceType") if isinstance(value, Mapping) else None
    if kind == "OperationOutcome":
        return None, "failed"
    if not isinstance(value, Mapping) or not isinstance(kind, str) or not url:
        return None, NOT_READ
    if kind != "Bundle":
        value = {"entry": [{"resource": dict(value)}]}
    if not isinstance(value.get("entry", []), list):
        return None, NOT_READ
    bundle = _as_searchset(value, url)
    reason = _doubt(bundle, _links(value), url, patient) or (PARTIAL if is_cut(value) else None)
    return (bundle if reason is None else as_part(bundle)), reason


def _as_searchset(sent: Mapping[str, Any], url: str) -> Json:
    """The answer under the question that was asked, narrowed by whatever else the sender says it asked."""
    links = _links(sent)
    extra = _also_asked(links, url)
    own = f"{url}&{urlencode(extra)}" if extra else url
    link = [{"relation": "self", "url": own}]
    if "next" in links:
        link.append({"relation": "next", "url": links["next"]})
    bundle: Json = {"resourceType": "Bundle", "type": "searchset", "link": link}
    if "total" in sent:
        bundle["total"] = counted(sent["total"])
    return bundle | {"entry": [_wrapped(entry) for entry in sent.get("entry", ())]}


def _wrapped(entry: object) -> object:
    """An entry; a resource that lacks the wrapper gets one. What is neither is left for the reader to tell."""
    if isinstance(entry, dict) and "resource" not in entry and "resourceType" in entry:
        return {"resource": entry}
    return entry


def passes_over_owner(value: Mapping[str, Any], url: str) -> bool:
    """Does the answer say that it was searched with our parameters, but not for our patient? It may be anybody's."""
    said = _links(value).get("self")
    theirs = {name.split(":")[0] for name, _ in parse_qsl((said or "").partition("?")[2])}
    ours = {name for name, _ in parse_qsl(url.partition("?")[2])}
    if said is None or theirs & _OWNER or not ours & _OWNER:
        return False
    return not theirs or bool(theirs & ours)  # an address of the server's own making says nothing


def as_part(bundle: Json) -> Json:
    """The answer as a page of a longer one, so that what it lacks is never read as absent."""
    (first, *more) = bundle["link"]
    return {**bundle, "link": [first, *(more or [{"relation": "next", "url": first["url"]}])]}


def is_page(bundle: Json) -> bool:
    """Is it a page of an answer: with something on it, or with a link of the sender's to the next?"""
    links = _links(bundle)
    return any(resources_in(bundle)) or links.get("next") != links.get("self")


def _links(sent: Mapping[str, Any]) -> dict[str, str]:
    links = sent.get("link")
    return {
        each["relation"]: each["url"]
        for each in (links if isinstance(links, list) else ())
        if isinstance(each, dict) and isinstance(each.get("url"), str) and isinstance(each.get("relation"), str)
    }


def _also_asked(links: Mapping[str, str], url: str) -> list[tuple[str, str]]:
    """The parameters of the sender's own self link that are not ours."""
    if "self" not in links:
        return []
    ours = {name for name, _ in parse_qsl(url.partition("?")[2])}
    theirs = parse_qsl(links["self"].partition("?")[2], keep_blank_values=True)
    return [(name, value) for name, value in theirs if name.split(":")[0] not in ours | _OWNER]


def _doubt(bundle: Json, links: Mapping[str, str], url: str, patient: str) -> str | None:
    """Why the answer does not say all that was asked; None when it does."""
    kind, is_read = url.partition("?")[0].split("/")[0], "?" not in url
    came = [*resources_in(bundle)]
    kinds = [_ELDER.get(str(name), name) for name in (one.get("resourceType") for one in came)]
    outcomes = [one for one in came if one.get("resourceType") == "OperationOutcome"]
    if any(map(says_failed, outcomes)):
        return "failed"
    if _is_of_another(links.get("self", ""), patient):
        return NOT_READ
    if kind not in kinds and (is_read or len(outcomes) < len(kinds)):
        return NOT_READ if kinds or bundle["entry"] else "null"
    if not all(map(_is_readable, bundle["entry"])):
        return NOT_READ
    if any(map(says_withheld, outcomes)):
        return PARTIAL
    if not is_read and ("next" in links or _is_short(bundle) or _is_narrowed(links, url)):
        return PARTIAL
    return None


def _is_readable(entry: object) -> bool:
    resource = entry.get("resource") if isinstance(entry, dict) else None
    kind = resource.get("resourceType") if isinstance(resource, dict) else None
    return isinstance(kind, str) and kind in READABLE


def _is_of_another(self_link: str, patient: str) -> bool:
    """Does the answer say that it was searched for another patient?"""
    owners = (
        value.rstrip("/").rsplit("/", 1)[-1]
        for name, value in parse_qsl(self_link.partition("?")[2])
        if name.split(":")[0] in _OWNER
    )
    return any(owner != patient for owner in owners)


def _is_short(bundle: Json) -> bool:
    """Did the search find more than came? What only came along with a hit is no hit."""
    total = bundle.get("total")
    if type(total) is not int:
        return total is not None  # how many there are, nobody can read
    searches = [entry.get("search") for entry in bundle["entry"] if isinstance(entry, dict)]
    modes = [search.get("mode") if isinstance(search, dict) else None for search in searches]
    return total > sum(mode not in ("include", "outcome") for mode in modes)


def _is_narrowed(links: Mapping[str, str], url: str) -> bool:
    """Did the sender ask for less than we did? The reader knows which parameters narrow a search."""
    return narrows(_also_asked(links, url))
