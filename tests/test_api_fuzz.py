"""A small number of the requests of ``make fuzz`` to every operation that is described."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask import Response, request

from api_fuzz import Report, fuzz, operations, service
from baclofen_safety.assessor import Assessor


def test_answers_are_as_described_whatever_comes(assessor: Assessor, tmp_path: Path) -> None:
    report = Report()
    for operation in operations(service(assessor, tmp_path)):
        fuzz(operation, 5, 1, report)
    assert report.wrong == {}
    assert len(report.sent) > 40
    assert report.statuses[200] > 20
    assert report.statuses[400] > 20


@pytest.mark.parametrize(("status", "kind"), [(500, "application/fhir+json"), (418, "text/html"), (200, "text/html")])
def test_what_is_not_described_is_seen(assessor: Assessor, tmp_path: Path, status: int, kind: str) -> None:
    app, report = service(assessor, tmp_path), Report()

    def spoil(answer: Response) -> Response:
        spoilt = app.response_class(json.dumps({}), status, content_type=kind)
        return spoilt if request.path == "/fhir/$versions" else answer

    app.after_request(spoil)
    (versions,) = (one for one in operations(app) if one.path == "/fhir/$versions")
    fuzz(versions, 3, 1, report)
    assert report.wrong
