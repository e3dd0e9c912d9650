"""What we found, written into the EHR: PUTs on our own ids in transactions, so that a second time makes no second copy.

What the EHR holds already is looked at first. A finding somebody has dealt with there, a request that was carried out,
a proposal that was taken up: they are no longer ours to write over. What would say the same again is not sent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from .answers import resources_in
from .bundle import Json
from .client import EhrClient, Fetched

WRITTEN = {
    "DetectedIssue": {"preliminary", "final"},
    "CommunicationRequest": {"active"},
    "MedicationRequest": {"draft"},
}
"""The types that are written, what others refer to first; by type the statuses we give."""
MOST_ENTRIES = 50
_OF_THE_DAY = frozenset({"identifiedDateTime", "authoredOn", "occurrencePeriod", "meta", "text"})
"""What differs between two findings of the same: when it was looked for, and what a server adds."""


@dataclass(slots=True)
class Report:
    """What became of every resource, by type. ``problems``: why something was not written, each with its type."""

    written: Counter[str] = field(default_factory=Counter)
    unchanged: Counter[str] = field(default_factory=Counter)
    left: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)


def write_back(client: EhrClient, base: str, token: str | None, answer: Mapping[str, Any]) -> Report:
    """Write the findings, messages and proposals of an answer Bundle into the EHR at ``base``."""
    report = Report()
    wanted: list[Json] = []
    for _, group in groupby(resources_to_write(answer), _kind):
        ours = list(group)
        wanted += _news(ours, _there(client, base, token, ours), report)
    for part in _parts(wanted):
        _note(part, client.transact(base, token, transaction(part, base)), report)
    return report


def resources_to_write(answer: Mapping[str, Any]) -> list[Json]:
    """The resources of an answer that go into the EHR, by type, with references as they lead there."""
    held = [one for one in resources_in(answer) if _kind(one) in WRITTEN]
    names = {f"urn:uuid:{one['id']}": f"{_kind(one)}/{one['id']}" for one in held}
    return [_renamed(one, names) for kind in WRITTEN for one in held if _kind(one) == kind]


def transaction(resources: Iterable[Json], base: str) -> Json:
    """A transaction that puts each resource under its own id."""
    entries = [
        {"fullUrl": f"{base}/{place}", "resource": one, "request": {"method": "PUT", "url": place}}
        for one in resources
        for place in [f"{_kind(one)}/{one['id']}"]
    ]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def _note(part: Sequence[Json], came: Fetched, report: Report) -> None:
    """Note what became of each resource of one transaction."""
    entries = came.resource.get("entry", ()) if came.resource else ()
    statuses = [_status(entry) for entry in entries]
    for at, one in enumerate(part):
        if at < len(statuses) and statuses[at].startswith("2"):
            report.written[_kind(one)] += 1
        else:
            report.problems.append(f"{_kind(one)} ({came.problem or 'failed'})")


def _there(client: EhrClient, base: str, token: str | None, ours: Sequence[Json]) -> dict[str, Json] | str:
    """What the EHR holds under our ids, by id; the problem when that cannot be read."""
    questions = [f"{_kind(ours[0])}?_id={','.join(one['id'] for one in part)}" for part in _parts(ours)]
    answers = client.fetch(base, token, {each: each for each in questions}).values()
    problem = next((one.problem for one in answers if one.problem), "")
    return problem or {one["id"]: one for each in answers for one in resources_in(each.resource or {}) if "id" in one}


def _news(ours: Sequence[Json], there: dict[str, Json] | str, report: Report) -> Iterator[Json]:
    """Those of one type that the EHR does not hold as they are, and that nobody has taken over there."""
    for one in ours:
        kind = _kind(one)
        held = there.get(one["id"]) if isinstance(there, dict) else None
        if isinstance(there, str):
            report.problems.append(f"{kind} (what is there: {there})")
        elif held is None:
            yield one
        elif held.get("status") not in WRITTEN[kind] or held.get("mitigation"):
            report.left[kind] += 1
        elif _content(held) == _content(one):
            report.unchanged[kind] += 1
        else:
            yield one


def _parts(resources: Sequence[Json]) -> Iterator[Sequence[Json]]:
    return (resources[at : at + MOST_ENTRIES] for at in range(0, len(resources), MOST_ENTRIES))


def _content(resource: Json) -> Json:
    return {key: value for key, value in resource.items() if key not in _OF_THE_DAY}


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_renamed(each, names) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        key: names.get(each, each) if key == "reference" and isinstance(each, str) else _renamed(each, names)
        for key, each in value.items()
    }


def _kind(resource: Json) -> str:
    return str(resource.get("resourceType"))


def _status(entry: Mapping[str, Any]) -> str:
    response = entry.get("response")
    return str(response.get("status")) if isinstance(response, dict) else ""
