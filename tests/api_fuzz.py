"""``python tests/api_fuzz.py [HOW_MANY] [SEED] [PART …]``: schemathesis sends so many requests to every operation.

The requests are made from ``/openapi.json``, half of them as it wants them, half of them not; each PART chooses
operations by a piece of their name. Answers are held against what is described: status, media type, headers, schema.
None may be a 5xx, and every error has the one shape of errors.
"""

from __future__ import annotations

import gc
import logging
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import schemathesis
import structlog
from flask import Flask
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from baclofen_safety.app import create_app
from baclofen_safety.assessor import Assessor, load_assessor
from baclofen_safety.config import Settings
from cases import AS_OF
from outcomes import wrong_outcome

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
MOST_JOBS = 20
CHUNK = 500
"""Examples of one run of Hypothesis."""


WISHES = ("respond-async", "return=minimal", "return=OperationOutcome", "handling=strict", "handling=lenient")
ACCEPTED = (
    "*/*",
    "application/json",
    "application/fhir+json; fhirVersion=5.0",
    "application/fhir+xml",
    "text/html",
    "",
)
WORD = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=20)
BESIDE = st.fixed_dictionaries(
    {},
    optional={
        "Prefer": st.sampled_from(WISHES) | WORD,
        "Accept": st.sampled_from(ACCEPTED) | WORD,
        "X-Request-ID": WORD,
        "If-None-Match": WORD,
        "Accept-Language": WORD,
    },
)
"""Headers that are not described, or that OpenAPI leaves to the media types."""


@dataclass(slots=True)
class Report:
    """How often which status came, by operation, and what was wrong."""

    sent: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    jobs: list[str] = field(default_factory=list)


def service(assessor: Assessor, folder: Path) -> Flask:
    """The whole service with a database, without tokens, for callers on this machine."""
    quick = replace(assessor, settings=Settings(cds_auth="off", store=f"sqlite:///{folder / 'kept.db'}"))
    app = create_app(quick, clock=lambda: datetime.fromisoformat(AS_OF))
    whole = app.wsgi_app

    def from_here(environ: dict[str, Any], start: Any) -> Any:
        return whole({**environ, "REMOTE_ADDR": "127.0.0.1"}, start)

    app.__dict__["wsgi_app"] = from_here
    return app


def operations(app: Flask) -> Iterator[Any]:
    """Every operation that is described."""
    schema = schemathesis.openapi.from_wsgi("/openapi.json", app)
    for found in schema.get_all_operations():
        yield found.ok()


def look(case: Any, beside: dict[str, str], report: Report) -> list[str]:
    """Send a case; what is wrong with its answer."""
    if report.jobs and "job" in case.path_parameters and beside:
        case.path_parameters["job"] = (
            report.jobs[len(beside["Prefer"]) % len(report.jobs)] if "Prefer" in beside else "x"
        )
    answer = case.call(headers=beside)
    report.statuses[answer.status_code] += 1
    if "content-location" in answer.headers and len(report.jobs) < MOST_JOBS:
        report.jobs.append(answer.headers["content-location"][0].rpartition("/")[2])
    wrong = []
    try:
        case.validate_response(answer, checks=CHECKS)
    except FailureGroup as group:
        wrong += [_said(one) for one in group.exceptions]
    except Failure as one:
        wrong.append(_said(one))
    if answer.status_code >= 400:
        kind = answer.headers["content-type"][0]
        said = wrong_outcome(answer.json()) if kind.startswith("application/fhir+json") else f"an error as {kind}"
        wrong += [said] if said else []
    return wrong


def _said(failure: BaseException) -> str:
    return " ".join(f"{type(failure).__name__}: {failure}".split())[:300]


def fuzz(operation: Any, how_many: int, first: int, report: Report) -> None:
    """Send so many requests to one operation."""
    name = f"{operation.method.upper()} {operation.path}"
    requests = st.one_of(operation.as_strategy(GenerationMode.POSITIVE), _unwanted(operation))

    def one(case: Any, beside: dict[str, str]) -> None:
        report.sent[name] += 1
        for said in look(case, beside, report):
            report.wrong[f"{name}  {said}"] += 1

    for number in range(first, first + 4 * -(-how_many // CHUNK)):
        left = how_many - report.sent[name]
        before = report.sent[name]
        if left <= 0:
            break
        held = settings(
            max_examples=min(CHUNK, left),
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        held(seed(number)(given(requests, BESIDE)(one)))()
        if report.sent[name] == before:
            break


def _unwanted(operation: Any) -> Any:
    """Requests the description does not want; where any would do, those it wants."""
    parts = [*operation.path_parameters, *operation.query, *operation.headers, *operation.body]
    return operation.as_strategy(GenerationMode.NEGATIVE if parts else GenerationMode.POSITIVE)


def main(arguments: list[str]) -> int:
    how_many, first = (int(one) for one in (*arguments[:2], *("5000", "20261121")[len(arguments) :]))
    parts = arguments[2:] or [""]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    report = Report()
    with TemporaryDirectory() as folder:
        app = service(load_assessor(Settings()), Path(folder))
        gc.freeze()  # nobody need look at the knowledge again
        for operation in operations(app):
            name = f"{operation.method.upper()} {operation.path}"
            if any(part in name for part in parts):
                fuzz(operation, how_many, first, report)
                wrong = sum(count for said, count in report.wrong.items() if said.startswith(f"{name} "))
                sys.stdout.write(f"{name}: {report.sent[name]} sent, {wrong} wrong\n")
                sys.stdout.flush()
    sys.stdout.writelines(f"wrong  {count} x {said}\n" for said, count in report.wrong.most_common())
    statuses = ", ".join(f"{status} {count}" for status, count in sorted(report.statuses.items()))
    sys.stdout.write(
        f"{sum(report.sent.values())} requests to {len(report.sent)} operations, seeds from {first}: {statuses}; "
        f"{sum(report.wrong.values())} wrong\n"
    )
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
