"""What a caller asks: Bundle, Parameters, query."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from baclofen_safety.errors import BadInput
from baclofen_safety.fhir.input_values import read_as_of
from baclofen_safety.fhir.operations import unpack

BUNDLE: dict[str, Any] = {"resourceType": "Bundle", "type": "collection", "entry": []}


def parameters(*rows: object) -> dict[str, Any]:
    return {"resourceType": "Parameters", "parameter": list(rows)}


CONTENT = {"name": "content", "resource": BUNDLE}


def test_a_bundle_with_query_parameters() -> None:
    ask = unpack(BUNDLE, {"subject": "Patient/1", "asOf": "2026-11-20T12:00:00+01:00"}, max_entries=9)
    assert ask.content is BUNDLE
    assert ask.subject == "Patient/1"
    assert ask.as_of == datetime(2026, 11, 20, 12, tzinfo=timezone(timedelta(hours=1)))


def test_parameters_hold_everything() -> None:
    document = parameters(
        CONTENT,
        {"name": "subject", "valueReference": {"reference": "Patient/1"}},
        {"name": "asOf", "valueDateTime": "2026-11-20"},
        {"name": "language", "valueCode": "es"},
    )
    ask = unpack(document, {}, max_entries=9)
    assert (ask.subject, ask.language) == ("Patient/1", "es")
    assert ask.as_of == datetime(2026, 11, 20, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("document", "status", "words"),
    [
        ([], 400, "not a list"),
        ({"resourceType": "Patient"}, 400, "not Patient"),
        ({}, 400, "names none"),
        ({"resourceType": "Mrs Secret"}, 400, "names none"),
        ({"resourceType": 5}, 400, "names none"),
        (parameters(), 400, "without content"),
        ({"resourceType": "Parameters"}, 400, "without a list"),
        (parameters(CONTENT, CONTENT), 400, "stands twice"),
        (parameters({"name": "content"}), 400, "must hold a resource"),
        (parameters(CONTENT, {"name": "asof", "valueDateTime": "2026"}), 400, "one of"),
        (parameters(CONTENT, "text"), 400, "one of"),
        (
            parameters(CONTENT, {"name": "asOf", "valueDateTime": "2026-11-20T12:00:00"}),
            400,
            "offset is missing",
        ),
        (parameters(CONTENT, {"name": "asOf", "valueDateTime": "tomorrow"}), 400, "dateTime"),
        (parameters(CONTENT, {"name": "asOf"}), 400, "one value"),
        (parameters(CONTENT, {"name": "language", "valueCode": "english please"}), 400, "language tag"),
        ({**BUNDLE, "entry": [{}] * 10}, 413, "at most 9"),
    ],
)
def test_refuses(document: object, status: int, words: str) -> None:
    with pytest.raises(BadInput) as caught:
        unpack(document, {}, max_entries=9)
    assert caught.value.status == status
    assert words in caught.value.text


@pytest.mark.parametrize(
    ("text", "words"),
    [("2026", "a day or an instant"), ("2026-11", "a day or an instant"), ("9999-12-31", "between 1900 and 9990")],
)
def test_times_of_fhir_that_are_no_moment_are_refused_for_what_they_are(text: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        read_as_of(text, "http.asOf")


@pytest.mark.parametrize("text", ["1899-12-31T00:00:00Z", "9999-12-31", "2026-13-01", "2026-11-20T25:00:00Z", "x" * 10])
def test_refuses_impossible_times(text: str) -> None:
    with pytest.raises(BadInput):
        read_as_of(text, "http.asOf")
