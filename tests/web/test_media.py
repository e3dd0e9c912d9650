"""What bodies are read and what is written, by the headers."""

from __future__ import annotations

import pytest
from flask import Request
from werkzeug.test import EnvironBuilder

from baclofen_safety.errors import NotAcceptable, UnsupportedMediaType
from baclofen_safety.fhir.versions import FhirVersion
from baclofen_safety.web.media import answer_version, check_body


def request(path: str = "/", **headers: str) -> Request:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request(EnvironBuilder(path, headers=named).get_environ())


@pytest.mark.parametrize(
    "kind",
    [
        "application/fhir+json",
        "application/json",
        "application/json; charset=UTF-8",
        "application/json; charset=utf_8",
        "application/json+fhir",
        "text/json; charset=us-ascii",
        "application/fhir+json; fhirVersion=4.0",
        'application/fhir+json; fhirVersion="4.3"',
        *(f"application/fhir+json; fhirVersion={version}" for version in ("1.0", "3.0", "4.0.1", "5.0", "5.0.0")),
    ],
)
def test_bodies_that_are_read(kind: str) -> None:
    check_body(request(Content_Type=kind))
    check_body(request(Content_Type=kind, Content_Encoding="identity"))


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, "Content-Type: application"),
        ({"Content_Type": "application/xml"}, "Content-Type: application"),
        ({"Content_Type": "application/json; charset=utf-16"}, "charset utf-8"),
        ({"Content_Type": "application/fhir+json; fhirVersion=2.0"}, "fhirVersion 1.0, 3.0, 4.0, 4.3 or 5.0 was"),
        ({"Content_Type": "application/json", "Content_Encoding": "gzip"}, "identity"),
    ],
)
def test_bodies_that_are_not(headers: dict[str, str], expected: str) -> None:
    with pytest.raises(UnsupportedMediaType, match=expected) as caught:
        check_body(request(**headers))
    assert caught.value.status == 415


@pytest.mark.parametrize(
    ("path", "accept", "version"),
    [
        ("/", "*/*", "4.0"),
        ("/", "application/fhir+json", "4.0"),
        ("/", "application/fhir+xml, application/json;q=0.5", "4.0"),
        ("/", "application/fhir+json; fhirVersion=4.3", "4.3"),
        ("/", 'application/fhir+json; fhirVersion="4.0.1"', "4.0"),
        ("/", "application/json;q=0, text/*", "4.0"),
        ("/", "application/fhir+json; fhirVersion=5.0", "5.0"),
        ("/", "application/fhir+json; fhirVersion=5.0.0", "5.0"),
        ("/", "application/fhir+json; fhirVersion=3.0, application/fhir+json; fhirVersion=5.0", "5.0"),
        ("/", "application/fhir+json; fhirVersion=4.0; q=0.5, application/fhir+json; fhirVersion=5.0", "5.0"),
        ("/", "application/fhir+json; fhirVersion=5.0; q=0, application/fhir+json; fhirVersion=4.3; q=0.1", "4.3"),
        ("/", "application/fhir+json; fhirVersion=5.0; q=much", "5.0"),
        ("/?_format=application/fhir%2Bjson;%20fhirVersion=5.0", "application/xml", "5.0"),
        ("/?_format=json", "application/xml", "4.0"),
        ("/?_format=JSON", "application/xml", "4.0"),
        ("/?_format=Application/FHIR%2BJSON;fhirVersion=5.0", "application/xml", "5.0"),
        ("/?_format=", "application/fhir+json; fhirVersion=5.0", "5.0"),
        ("/?_format=application/fhir%2Bjson", "application/xml", "4.0"),
        ("/?_format=application/fhir+json", "application/xml", "4.0"),
        ("/?_format=application/json;fhirVersion=4.0", "application/xml", "4.0"),
    ],
)
def test_versions_that_are_written(path: str, accept: str, version: str) -> None:
    assert answer_version(request(path, Accept=accept)) == version


@pytest.mark.parametrize(
    ("path", "accept"),
    [
        ("/", "application/fhir+xml"),
        ("/", "application/json;q=0"),
        ("/", "application/fhir+json; q=0.0"),
        ("/", "application/fhir+json; fhirVersion=3.0"),
        ("/", "application/fhir+json; fhirVersion=6.0"),
        ("/?_format=json;fhirVersion=1.0", "application/json"),
        ("/?_format=xml", "*/*"),
        ("/?_format=", "application/xml"),
    ],
)
def test_answers_nobody_can_be_given(path: str, accept: str) -> None:
    with pytest.raises(NotAcceptable) as caught:
        answer_version(request(path, Accept=accept))
    assert caught.value.status == 406


@pytest.mark.parametrize(("named", "why"), [("3.0", "; STU3 (3.0) is read, not written"), ("9", "")])
def test_what_is_written_is_told_to_who_wants_another(named: str, why: str) -> None:
    with pytest.raises(NotAcceptable) as caught:
        answer_version(request(Accept=f"application/fhir+json; fhirVersion={named}"))
    assert caught.value.text == f"fhirVersion 4.0, 4.3 or 5.0 was expected{why}."


def test_the_version_a_body_is_declared_in_is_a_hint() -> None:
    assert check_body(request(Content_Type="application/fhir+json; fhirVersion=3.0.1")) is FhirVersion.STU3
    assert check_body(request(Content_Type="application/fhir+json")) is None
