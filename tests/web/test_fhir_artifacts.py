"""What is published, read and searched; and that the capability statement says neither more nor less."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from baclofen_safety.assessor import Assessor
from baclofen_safety.fhir.message_events import EVENTS
from baclofen_safety.fhir.resources import elements_of, shape_errors
from baclofen_safety.fhir.searching import LONGEST_PAGE, PAGE, SEARCHES

CANONICAL = "https://baclofen-safety.example/fhir"
ONE = "/fhir/ValueSet/med-baclofen"
SUBSETTED = "SUBSETTED"
PROCESS = {
    "url": "http://hl7.org/fhir/OperationDefinition/MessageHeader-process-message",
    "code": "process-message",
    "system": True,
    "type": False,
    "instance": False,
}
"""What of HL7's own definition matters here."""


def found(client: FlaskClient, query: str, **arguments: Any) -> dict[str, Any]:
    answer = client.get(f"/fhir/{query}", **arguments)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json
    assert told["type"] == "searchset"
    assert shape_errors(told) == ()
    return told


def names(bundle: dict[str, Any], mode: str = "match") -> list[str]:
    return [one["resource"]["id"] for one in bundle.get("entry", ()) if one["search"]["mode"] == mode]


def link(bundle: dict[str, Any], relation: str) -> str | None:
    return next((one["url"] for one in bundle["link"] if one["relation"] == relation), None)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("ValueSet?_id=med-baclofen", ["med-baclofen"]),
        ("ValueSet?_id=med-opioid,med-baclofen,nothing", ["med-baclofen", "med-opioid"]),
        ("ValueSet?_id=med-opioid&_id=med-baclofen", []),
        ("ValueSet?_id=|med-baclofen", ["med-baclofen"]),
        (f"ValueSet?url={CANONICAL}/ValueSet/med-baclofen", ["med-baclofen"]),
        (f"ValueSet?url={CANONICAL}/ValueSet/med-baclo", []),
        ("ValueSet?_id=med-baclofen&status=draft", []),
        ("ValueSet?_id=med-baclofen&status=active,draft&version=0.1.0", ["med-baclofen"]),
        ("OperationDefinition?name=assessmed", ["assess-medication-safety"]),
        ("OperationDefinition?name=medication", []),
        ("OperationDefinition?name:contains=medication", ["assess-medication-safety"]),
        ("OperationDefinition?name:exact=AssessMedicationSafety", ["assess-medication-safety"]),
        ("OperationDefinition?name:exact=assessmedicationsafety", []),
        ("OperationDefinition?title=Assess%20medication", ["assess-medication-safety"]),
        ("OperationDefinition?title=assess%20medication\\,", []),
        ("PlanDefinition?_id=BAC-RENAL-04&status=active", ["BAC-RENAL-04"]),
        ("Library?_id=&_count=1", ["baclofen-safety"]),
        ("Library?status=http://hl7.org/fhir/publication-status|active", ["baclofen-safety"]),
        ("Library?status=http://hl7.org/fhir/publication-status|", ["baclofen-safety"]),
        ("Library?status=draft,http://hl7.org/fhir/publication-status|active", ["baclofen-safety"]),
        ("Library?status=http://hl7.org/fhir/publication-status|draft", []),
        ("Library?status=|", []),
    ],
)
def test_searches(client: FlaskClient, query: str, expected: list[str]) -> None:
    told = found(client, query)
    assert names(told) == expected
    assert told["total"] == len(expected)
    assert ("entry" in told) == bool(expected)
    for entry in told.get("entry", ()):
        resource = entry["resource"]
        assert entry["fullUrl"] == f"http://localhost/fhir/{resource['resourceType']}/{resource['id']}"
        assert client.get(urlsplit(entry["fullUrl"]).path).json == resource


def test_pages_lead_through_everything(client: FlaskClient, assessor: Assessor) -> None:
    every = sorted(name for kind, name in assessor.artifacts if kind == "ValueSet")
    url: str | None = "/fhir/ValueSet?status=active&_count=100&_pretty=true"
    met: list[str] = []
    pages = []
    while url:
        bundle = client.get(url).json
        assert bundle["total"] == len(every)
        met += names(bundle)
        pages.append(bundle)
        url = link(bundle, "next")
    assert met == every
    assert len(pages) == -(-len(every) // 100)
    assert link(pages[0], "previous") is None
    assert client.get(str(link(pages[1], "previous"))).json == client.get(str(link(pages[0], "first"))).json
    assert names(client.get(str(link(pages[0], "last"))).json) == names(pages[-1])
    asked = parse_qs(urlsplit(str(link(pages[1], "self"))).query)
    assert asked == {"status": ["active"], "_count": ["100"], "_offset": ["100"]}


@pytest.mark.parametrize(
    ("query", "shown"),
    [("", PAGE), ("?_count=3", 3), (f"?_count={LONGEST_PAGE + 1}", 370), ("?_count=0", 0), ("?_summary=count", 0)],
)
def test_how_much_is_shown(client: FlaskClient, assessor: Assessor, query: str, shown: int) -> None:
    every = sum(kind == "ValueSet" for kind, _ in assessor.artifacts)
    told = found(client, f"ValueSet{query}")
    assert told["total"] == every
    assert len(names(told)) == min(shown, every)
    assert (link(told, "next") is not None) == (0 < shown < every)


def test_beyond_the_end_is_nothing(client: FlaskClient) -> None:
    told = found(client, "ValueSet?_offset=9999")
    assert names(told) == []
    assert link(told, "next") is None
    assert names(client.get(str(link(told, "previous"))).json)


def test_a_search_may_come_in_a_body(client: FlaskClient) -> None:
    told = client.post("/fhir/ValueSet/_search?status=active", data={"_id": "med-baclofen"})
    assert told.json == found(client, "ValueSet?status=active&_id=med-baclofen")
    refused = client.post("/fhir/ValueSet/_search", data="{}", content_type="application/json")
    assert refused.status_code == 415
    assert client.get("/fhir/ValueSet/_search").status_code in (404, 405)


@pytest.mark.parametrize("query", ["secret=Secret", "_sort=name", "_revinclude=Secret", "date=2026"])
def test_parameters_that_are_not_known(client: FlaskClient, query: str) -> None:
    told = found(client, f"ValueSet?_id=med-baclofen&{query}")
    assert names(told) == ["med-baclofen"]
    (outcome,) = (one["resource"] for one in told["entry"] if one["search"]["mode"] == "outcome")
    assert outcome["issue"][0]["severity"] == "warning"
    assert "ecret" not in str(told)
    assert link(told, "self") == "http://localhost/fhir/ValueSet?_id=med-baclofen"
    strict = client.get(f"/fhir/ValueSet?_id=med-baclofen&{query}", headers={"Prefer": "handling=strict"})
    assert strict.status_code == 400
    assert "ecret" not in strict.text
    lenient = client.get(f"/fhir/ValueSet?_id=med-baclofen&{query}", headers={"Prefer": "handling=lenient"})
    assert lenient.json == told
    assert lenient.headers["Preference-Applied"] == "handling=lenient"


@pytest.mark.parametrize(
    ("query", "places"),
    [
        ("ValueSet?url:below=https://baclofen-safety.example", ["http.url"]),
        ("ValueSet?_id:not=med-baclofen", ["http._id"]),
        ("ValueSet?name:missing=true", ["http.name"]),
        ("ValueSet?status=http://snomed.info/sct|active", ["http.status"]),
        ("ValueSet?status=draft,urn:x|active", ["http.status"]),
        ("ValueSet?_id=elsewhere|med-baclofen", ["http._id"]),
        ("ValueSet?_count=-1", ["http._count"]),
        ("ValueSet?_count=many", ["http._count"]),
        ("ValueSet?_offset=1e3", ["http._offset"]),
        ("ValueSet?_summary=some", ["http._summary"]),
        ("ValueSet?_summary=true&_elements=url", ["http._summary", "http._elements"]),
        ("ValueSet/med-baclofen?_summary=count", ["http._summary"]),
        ("ValueSet/med-baclofen?_summary=some", ["http._summary"]),
        ("metadata?mode=terminology", ["http.mode"]),
    ],
)
def test_what_cannot_be_is_refused_always(client: FlaskClient, query: str, places: list[str]) -> None:
    answer = client.get(f"/fhir/{query}", headers={"Prefer": "handling=lenient"})
    assert answer.status_code == 400
    (issue,) = answer.json["issue"]
    assert issue["expression"] == issue["location"] == places


@pytest.mark.parametrize(
    ("query", "there", "gone"),
    [
        ("_summary=true", {"url", "status", "name"}, {"compose", "description", "text"}),
        ("_summary=text", {"status"}, {"compose", "url"}),
        ("_summary=data", {"compose", "url"}, {"text"}),
        ("_elements=url,name", {"url", "name", "status"}, {"compose", "title"}),
    ],
)
def test_pieces_are_marked_as_pieces(client: FlaskClient, query: str, there: set[str], gone: set[str]) -> None:
    read = client.get(f"{ONE}?{query}").json
    assert shape_errors(read) == ()
    assert there <= read.keys()
    assert not gone & read.keys()
    assert [tag["code"] for tag in read["meta"]["tag"]] == [SUBSETTED]
    (entry,) = found(client, f"ValueSet?_id=med-baclofen&{query}")["entry"]
    assert entry["resource"] == read


def test_the_whole_is_not_marked(client: FlaskClient) -> None:
    assert client.get(f"{ONE}?_summary=false").json == client.get(ONE).json
    assert SUBSETTED not in client.get(ONE).text


def test_elements_nobody_knows(client: FlaskClient) -> None:
    assert client.get(f"{ONE}?_elements=secret").json.keys() == {"resourceType", "id", "meta", "status"}
    strict = client.get(f"{ONE}?_elements=secret", headers={"Prefer": "handling=strict"})
    assert strict.status_code == 400


def test_every_search_parameter_is_an_element_of_every_artifact(assessor: Assessor) -> None:
    for kind, _ in assessor.artifacts:
        assert {name.removeprefix("_") for name in SEARCHES} <= elements_of(kind).known, kind


@pytest.mark.parametrize("path", [ONE, "/fhir/metadata", "/fhir/ValueSet?_count=2"])
def test_what_is_held_already_is_not_sent_again(client: FlaskClient, path: str) -> None:
    first = client.get(path)
    etag = first.headers["ETag"]
    assert etag.startswith('W/"')
    assert first.headers["Cache-Control"] == "no-cache"
    assert "Accept" in first.headers["Vary"]
    assert "Last-Modified" not in first.headers
    again = client.get(path, headers={"If-None-Match": etag})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", etag)
    other = client.get(path, headers={"If-None-Match": 'W/"other"'})
    assert (other.status_code, other.data) == (200, first.data)
    head = client.head(path)
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["ETag"] == etag
    assert head.headers["Content-Length"] == str(len(first.data))


def offered(statement: dict[str, Any], operations: dict[str, dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """Method and address of everything a capability statement names."""
    (rest,) = statement["rest"]
    yield ("GET", "/fhir/metadata")
    if {"code": "batch"} in rest["interaction"]:
        yield ("POST", "/fhir")
    if "respond-async" in rest["documentation"]:
        yield from (("GET", "/fhir/_async/<job>"), ("DELETE", "/fhir/_async/<job>"))
        yield ("GET", "/fhir/_async/<job>/<kind>")
    for one in rest["operation"]:
        if one["definition"] == "http://hl7.org/fhir/OperationDefinition/CapabilityStatement-versions":
            yield ("GET", "/fhir/$versions")
        else:
            yield from called(one, "/fhir", operations, "system")
    for resource in rest["resource"]:
        base = f"/fhir/{resource['type']}"
        for one in resource.get("interaction", ()):
            yield from {
                "read": [("GET", f"{base}/<name>")],
                "search-type": [("GET", base), ("POST", f"{base}/_search")],
            }[one["code"]]
        for one in resource.get("operation", ()):
            yield from called(one, base, operations, "type")
            if operations[one["definition"]]["instance"]:
                yield from called(one, f"{base}/<name>", operations, "instance")


def called(
    one: dict[str, Any], base: str, operations: dict[str, dict[str, Any]], level: str
) -> Iterator[tuple[str, str]]:
    definition = operations[one["definition"]]
    assert definition[level] is True
    assert definition["code"] == one["name"]
    yield ("POST", f"{base}/${one['name']}")


def test_the_statement_is_what_there_is(app: Flask, assessor: Assessor, client: FlaskClient) -> None:
    operations = {one["url"]: one for (kind, _), one in assessor.artifacts.items() if kind == "OperationDefinition"}
    operations[PROCESS["url"]] = PROCESS
    statement = client.get("/fhir/metadata").json
    assert shape_errors(statement) == ()
    routes = {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        if re.match(r"/fhir(/|$)", rule.rule)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert set(offered(statement, operations)) == routes
    named = {one["definition"] for one in statement["rest"][0]["operation"]}
    assert {one for one in named if not one.startswith("http://hl7.org/")} == operations.keys() - {PROCESS["url"]}


def test_the_statement_is_published_too(client: FlaskClient) -> None:
    statement = client.get("/fhir/metadata").json
    assert client.get(f"/fhir/CapabilityStatement/{statement['id']}").json == statement
    found = client.get(f"/fhir/CapabilityStatement?url={statement['url']}").json
    assert [entry["resource"] for entry in found["entry"]] == [statement]


def test_the_statement_names_every_event_that_is_taken(assessor: Assessor, client: FlaskClient) -> None:
    (messaging,) = client.get("/fhir/metadata").json["messaging"]
    named = {one["definition"] for one in messaging["supportedMessage"]}
    published = [one for (kind, _), one in assessor.artifacts.items() if kind == "MessageDefinition"]
    assert named == {one["url"] for one in published}
    stated = {kind: [one[kind] for one in published if kind in one] for kind in ("eventCoding", "eventUri")}
    assert len(stated["eventCoding"]) + len(stated["eventUri"]) == len(published) == len(EVENTS)
    for uri in stated["eventUri"]:
        assert uri in {one["url"] for (kind, _), one in assessor.artifacts.items() if kind == "EventDefinition"}
    for one in published:
        assert shape_errors(one) == ()


def test_the_statement_names_every_search_parameter(client: FlaskClient) -> None:
    for resource in client.get("/fhir/metadata").json["rest"][0]["resource"]:
        if "interaction" in resource:
            assert {one["name"]: one["type"] for one in resource["searchParam"]} == dict(SEARCHES)
