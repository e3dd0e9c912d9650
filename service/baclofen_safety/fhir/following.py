"""References of a record that was read by searches: which are still to be read, and what they then lead to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from .addresses import tail_of
from .answers import resources_in
from .bundle import Json

Answers = dict[str, tuple[Json | None, str | None]]
"""By question the searchset that came, and why it is not known or not whole."""
MOST_FOLLOWED = 200
_FOLLOWED = ("Medication/", "Device/")
_VERSION = "/_history/"
_LOGICAL = frozenset({"medicationReference", "itemReference"})
"""Elements whose reference may be nothing but an identifier, and decides."""


def named_in(answers: Answers, base: str) -> list[str]:
    """The questions that bring what the answers name and do not hold, each once, none that was asked before."""
    held = _held(answers)
    asked = (_question(each, held, answers, base) for each in _references_in(answers))
    return [each for each in dict.fromkeys(asked) if each and each not in answers]


def unanswered(answers: Answers) -> list[str]:
    """The questions that brought nothing; a version that is no longer kept counts as read when its successor is."""
    held = _held(answers)
    return [
        question
        for question, (bundle, _) in answers.items()
        if bundle is None and not (_VERSION in question and tail_of(question) in held)
    ]


def settled(answers: Answers, base: str) -> Iterator[Json]:
    """The searchsets, in which every logical reference that found one resource names it, and every versioned one leads
    to the version it means, as a contained resource; to the current one where that version is no longer kept."""
    versions = {question: _only(bundle) for question, (bundle, _) in answers.items() if _VERSION in question}
    held = _held(answers)
    gone = frozenset(each for each, meant in versions.items() if meant is None and tail_of(each) in held)
    logical = {question: _only(bundle) for question, (bundle, _) in answers.items() if "?identifier=" in question}
    for question, (bundle, _) in answers.items():
        if bundle is None or question in versions:
            continue
        entries = [
            {**entry, "resource": _Settling(versions, logical, gone, base).settle(entry["resource"])}
            if isinstance(entry, dict) and isinstance(entry.get("resource"), dict)
            else entry
            for entry in bundle["entry"]
        ]
        yield {**bundle, "entry": entries}


class _Settling:
    """One resource on its way through ``settled``."""

    def __init__(
        self, versions: Mapping[str, Json | None], logical: Mapping[str, Json | None], gone: frozenset[str], base: str
    ) -> None:
        self._versions, self._logical, self._gone, self._base = versions, logical, gone, base
        self._contained: list[Json] = []

    def settle(self, resource: Json) -> Json:
        if not self._versions and not self._logical:
            return resource
        made: Json = {key: self._turn(value, key) for key, value in resource.items()}
        kept = resource.get("contained")
        if self._contained:
            made["contained"] = [*(kept if isinstance(kept, list) else []), *self._contained]
        return made

    def _turn(self, value: Any, key: str) -> Any:
        if isinstance(value, list):
            return [self._turn(each, key) for each in value]
        if not isinstance(value, dict):
            return value
        written = value.get("reference")
        meant = self._versions.get(_relative(written, self._base)) if isinstance(written, str) else None
        if meant is not None:
            return {**value, "reference": self._contain(meant)}
        if isinstance(written, str) and _relative(written, self._base) in self._gone:
            return {**value, "reference": written.partition(_VERSION)[0]}
        if written is None and key in _LOGICAL and (found := self._logical.get(_by_identifier(value))):
            return {**value, "reference": f"{found['resourceType']}/{found['id']}"}
        return {name: self._turn(each, name) for name, each in value.items()}

    def _contain(self, meant: Json) -> str:
        name = f"version-{len(self._contained) + 1}"
        self._contained.append({**meant, "id": name})
        return f"#{name}"


def _references_in(answers: Answers) -> Iterator[Json]:
    for bundle, _ in answers.values():
        if bundle is not None:
            for resource in resources_in(bundle):
                yield from _references(resource, "")


def _references(value: Any, key: str) -> Iterator[Json]:
    """Every Reference below a value that is to be followed."""
    if isinstance(value, list):
        for each in value:
            yield from _references(each, key)
    elif isinstance(value, dict):
        written = value.get("reference")
        named = tail_of(written).startswith(_FOLLOWED) if isinstance(written, str) else False
        if named or (written is None and key in _LOGICAL):
            yield value
        else:
            for name, each in value.items():
                yield from _references(each, name)


def _question(reference: Json, held: Mapping[str, Json], answers: Answers, base: str) -> str:
    """What to ask for a Reference; "" when there is nothing to ask."""
    written = reference.get("reference")
    if not isinstance(written, str):
        return _by_identifier(reference)
    asked, tail = _relative(written, base), tail_of(written)
    if _VERSION not in asked:
        return "" if tail in held else asked
    if _version_of(held.get(tail)) == asked.partition(_VERSION)[2]:
        return ""
    failed = asked in answers and answers[asked][0] is None
    return asked if not failed else "" if tail in held else tail


def _relative(written: str, base: str) -> str:
    """A reference below the base as ``Type/id``; one that leads elsewhere as it is."""
    return written.removeprefix(f"{base}/")


def _by_identifier(reference: Json) -> str:
    """The search for what a logical reference means."""
    meant = reference.get("identifier")
    value = meant.get("value") if isinstance(meant, dict) else None
    if not isinstance(meant, dict) or not isinstance(value, str) or not value:
        return ""
    system = meant.get("system")
    token = f"{system}|{value}" if isinstance(system, str) else value
    return f"Medication?identifier={quote(token, safe='')}"


def _held(answers: Answers) -> dict[str, Json]:
    """By ``Type/id`` the current resources that came."""
    return {
        f"{one.get('resourceType')}/{one.get('id')}": one
        for question, (bundle, _) in answers.items()
        if bundle is not None and _VERSION not in question
        for one in resources_in(bundle)
    }


def _version_of(resource: Json | None) -> str | None:
    meta = resource.get("meta") if resource else None
    return meta.get("versionId") if isinstance(meta, dict) else None


def _only(bundle: Json | None) -> Json | None:
    """The one Medication an answer holds; None when there are several, or none with an id."""
    found = [] if bundle is None else [one for one in resources_in(bundle) if isinstance(one.get("id"), str)]
    found = [one for one in found if one.get("resourceType") in ("Medication", "Device")]
    return found[0] if len(found) == 1 else None
