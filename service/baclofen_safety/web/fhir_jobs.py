"""Where a caller finds what is answered later, in the form of the Bulk Data manifest: state, result, cancelling."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import Any

import orjson
from flask import Blueprint, Response, request
from werkzeug.http import http_date

from ..config import Settings
from ..errors import BadInput
from ..fhir.guidance import instant
from ..fhir.versions import WRITTEN
from ..store.kept import Kept
from .errors import fhir_response
from .jobs import Jobs, slot_of
from .keeping import unpack
from .media import ANY, JSON_TYPES, chosen
from .own_address import own_root
from .preferring import with_applied

PATH = "_async"
"""Jobs stand below this name, which no resource type has."""
NDJSON = "application/fhir+ndjson"
_LINES = (NDJSON, "application/ndjson", "application/x-ndjson")
RETRY_SECONDS = 2
PAUSE = timedelta(seconds=1)
"""The shortest time between two looks at a job that is not done."""

Json = dict[str, Any]


class NoJob(BadInput):
    """Never there, cancelled, or kept long enough."""

    status = 404
    code = "not-found"


class TooSoon(BadInput):
    """A caller who does not wait as told."""

    status = 429
    code = "throttled"
    retry_after = RETRY_SECONDS


def accepted(job: str, settings: Settings) -> Response:
    """The answer to a question that is answered later."""
    response = fhir_response(_informed("Accepted. Content-Location names where the answer will be."), 202)
    response.headers["Content-Location"] = f"{_base(settings)}/{job}"
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return with_applied(response, [("respond-async", True)])


def offer_jobs(door: Blueprint, jobs: Jobs, settings: Settings) -> None:
    """The routes below ``_async``."""

    @door.get(f"/{PATH}/<job>")
    def job_state(job: str) -> Response:
        kept = jobs.answers.look(slot_of(job), note=True)
        if kept is None:
            raise _no_job()
        if kept.answer is None:
            return _in_work(kept, jobs)
        answer, head = unpack(kept.answer)
        if answer.status_code >= HTTPStatus.BAD_REQUEST:
            return answer
        return _manifest(kept, answer, f"{_root(settings)}{head['request']}", f"{_base(settings)}/{job}")

    @door.delete(f"/{PATH}/<job>")
    def cancel_job(job: str) -> Response:
        if not jobs.answers.forget(slot_of(job)):
            raise _no_job()
        return fhir_response(_informed("Cancelled: nothing of it is kept."), 202)

    @door.get(f"/{PATH}/<job>/<kind>")
    def job_output(job: str, kind: str) -> Response:
        kept = jobs.answers.look(slot_of(job))
        answer = None if kept is None or kept.answer is None else unpack(kept.answer)[0]
        if answer is None or answer.status_code >= HTTPStatus.BAD_REQUEST:
            raise _no_job()
        held = _outputs(orjson.loads(answer.get_data())).get(kind)
        if held is None:
            raise _no_job()
        if _as_lines(answer):
            return Response(orjson.dumps(held) + b"\n", content_type=NDJSON)
        if held["resourceType"] != "OperationOutcome":
            return answer
        return Response(orjson.dumps(held), content_type=answer.headers["Content-Type"])


def _in_work(kept: Kept, jobs: Jobs) -> Response:
    jobs.wake()
    if kept.looked is not None and jobs.clock() - kept.looked < PAUSE:
        raise TooSoon("Asked again too soon; Retry-After says when to.")
    response = fhir_response(_informed("Not done yet."), 202)
    response.headers["X-Progress"] = "waiting, or being judged"
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def _manifest(kept: Kept, answer: Response, asked: str, base: str) -> Response:
    """What came of a job. Its output is one Bundle: its resources refer to each other."""
    outputs = _outputs(orjson.loads(answer.get_data()))
    main, *beside = (
        {"type": one["resourceType"], "url": f"{base}/{kind}", "count": 1} for kind, one in outputs.items()
    )
    manifest = {
        "transactionTime": instant(kept.since),
        "request": asked,
        "requiresAccessToken": "Authorization" in request.headers,
        "output": [main],
        "error": beside,
    }
    response = Response(orjson.dumps(manifest), content_type="application/json")
    response.headers["Expires"] = http_date(kept.until)
    return response


def _outputs(resource: Json) -> dict[str, Json]:
    """The files of an answer by the last part of their address: the answer, then what it says of gaps and troubles."""
    held = [entry["resource"] for entry in resource.get("entry", ())]
    outcome = next((one for one in held if one["resourceType"] == "OperationOutcome" and one.get("issue")), None)
    return {resource["resourceType"]: resource} | ({"OperationOutcome": outcome} if outcome is not None else {})


def _as_lines(answer: Response) -> bool:
    """Is newline-delimited JSON wanted? It is what files are unless one of our JSON types is asked for by name.

    Raises NotAcceptable for a type that is neither, and for a version an answer that is there was not written in.
    """
    written = [one for one in WRITTEN if one == answer.mimetype_params.get("fhirversion")]
    return chosen(request, (*JSON_TYPES, *_LINES, *ANY), written)[0] not in JSON_TYPES


def _base(settings: Settings) -> str:
    return f"{_root(settings)}/fhir/{PATH}"


def _root(settings: Settings) -> str:
    return own_root(request, settings.public_url)


def _no_job() -> NoJob:
    return NoJob("There is no such job: it was cancelled, its time is over, or it never was.")


def _informed(text: str) -> Json:
    issue = {"severity": "information", "code": "informational", "details": {"text": text}}
    return {"resourceType": "OperationOutcome", "issue": [issue]}
