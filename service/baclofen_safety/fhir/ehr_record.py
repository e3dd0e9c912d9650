"""One patient's record, read from an EHR by searches: what it holds, and in its place what the EHR did not give."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import BadInput, Unavailable
from .answers import NOT_READ, as_part, passes_over_owner, read_answer, resources_in
from .bundle import Json
from .client import EhrClient, Fetched
from .following import MOST_FOLLOWED, Answers, named_in, settled, unanswered
from .searches import RECORD, filled

_FAILED: Json = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "incomplete"}]}
"""What stands in the record for a question nobody answered, so that silence is never read as "none"."""
_DOWN = frozenset({"timeout", "failed"})
_ROUNDS = 2
"""An order names a Medication, and that one may name another as its ingredient."""


class NoSuchRecord(BadInput):
    """The EHR does not give the patient asked for."""

    status = 422
    code = "not-found"


class EhrUnavailable(Unavailable):
    """The EHR does not answer, so nothing can be judged for now."""


@dataclass(slots=True)
class _Reading:
    """One reading under way, with what came of every question so far. ``ends``: on the monotonic clock."""

    client: EhrClient
    base: str
    token: str | None
    patient: str
    ends: float
    answers: Answers = field(default_factory=dict)

    def ask(self, questions: Iterable[str]) -> Mapping[str, Fetched]:
        """What came of relative questions, all at once, within the time that is left."""
        left = max(self.ends - time.monotonic(), 0)
        return self.client.fetch(self.base, self.token, {each: each for each in questions}, budget=left)

    def keep(self, found: Mapping[str, Fetched]) -> None:
        for question, one in found.items():
            if one.resource is None:
                self.answers[question] = (None, one.problem)
                continue
            bundle, reason = read_answer(one.resource, question, self.patient)
            if passes_over_owner(one.resource, question):
                bundle, reason = None, NOT_READ
            self.answers[question] = (as_part(bundle) if bundle and one.problem else bundle, one.problem or reason)

    @property
    def is_empty(self) -> bool:
        return not any(bundle["entry"] for bundle, _ in self.answers.values() if bundle is not None)


def fetch_record(client: EhrClient, base: str, token: str | None, patient: str, *, budget: float) -> Json:
    """A Bundle of all that ``searches.RECORD`` brings of a patient (a bare id), within ``budget`` seconds.

    A search the EHR refuses or breaks off stands in it as a failed or partial searchset, which the reader tells and
    never takes for "none". Raises NoSuchRecord, and EhrUnavailable when not even the Patient can be had for now.
    """
    reading = _Reading(client, base, token, patient, time.monotonic() + budget)
    who = f"Patient/{patient}"
    searches, by_address = _searches(who), _by_address(f"{base}/{who}")
    found = dict(reading.ask([who, *searches, *by_address]))
    person = _person(found.pop(who))
    _keep_hits(reading, {question: found.pop(question) for question in by_address})
    _keep_searches(reading, found, searches)
    if reading.is_empty and not any(reason for _, reason in reading.answers.values()):
        _ask_by_bare_id(reading)
    _follow(reading)
    return {"resourceType": "Bundle", "type": "collection", "entry": list(_entries(person, reading))}


def _searches(who: str) -> dict[str, str]:
    """Every question about a patient, to the plainest form of it."""
    asked = (filled(template, {"patientId": who}) for key, template in RECORD.items() if key != "patient")
    return {question: question.partition("&")[0] for question in asked if question}


def _by_address(who: str) -> list[str]:
    """The questions about medicines by ``subject``: a ``patient`` is looked up first, and only below the server."""
    asked = _searches(who)
    return [each.replace("?patient=", "?subject=", 1) for each in asked if each.startswith("Medication")]


def _person(found: Fetched) -> Json:
    if found.resource is not None and not found.problem:
        return dict(found.resource)
    if found.problem in _DOWN:
        raise EhrUnavailable("the EHR does not answer")
    raise NoSuchRecord("The EHR has no such patient, or does not let the caller read the record.")


def _keep_searches(reading: _Reading, found: Mapping[str, Fetched], plain: Mapping[str, str]) -> None:
    """Keep what came. A server that refuses a question may know the type and not every parameter: ask plainly."""
    refused = {question for question, one in found.items() if one.problem == "refused"}
    reading.keep({question: one for question, one in found.items() if question not in refused})
    if refused:
        reading.keep(reading.ask(plain[question] for question in sorted(refused)))


def _keep_hits(reading: _Reading, found: Mapping[str, Fetched]) -> None:
    """Keep what names its patient by the address here: some servers do not find that by the id. Nothing found, or
    nothing said, is no gap: this was asked beside the question proper."""
    reading.keep(found)
    for question in found:
        bundle, _ = reading.answers[question]
        kinds = {one.get("resourceType") for one in resources_in(bundle or {})}
        if question.partition("?")[0] not in kinds:
            del reading.answers[question]


def _ask_by_bare_id(reading: _Reading) -> None:
    """Some servers find nothing by ``Patient/ID``, and do not say so."""
    searches = _searches(reading.patient)
    found = reading.ask(searches)
    if any(one.resource is not None and one.resource.get("entry") for one in found.values()):
        reading.answers.clear()
        _keep_searches(reading, found, searches)


def _follow(reading: _Reading) -> None:
    """Read the Medications and Devices that are named and did not come along."""
    for _ in range(_ROUNDS):
        named = named_in(reading.answers, reading.base)
        if not named:
            return
        for each in named[MOST_FOLLOWED:]:
            reading.answers[each] = (None, "too-large")
        reading.keep(reading.ask(named[:MOST_FOLLOWED]))


def _entries(person: Json, reading: _Reading) -> Iterator[dict[str, Any]]:
    yield {"resource": person}
    for bundle in settled(reading.answers, reading.base):
        yield {"resource": bundle}
    for question in unanswered(reading.answers):
        link = [{"relation": "self", "url": question}]
        entry = [{"resource": _FAILED, "search": {"mode": "outcome"}}]
        yield {"resource": {"resourceType": "Bundle", "type": "searchset", "link": link, "entry": entry}}
