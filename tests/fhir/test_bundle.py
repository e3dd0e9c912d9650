"""Indexing a Bundle: nothing vanishes, references resolve, answered searches are known."""

import pytest

from baclofen_safety.errors import NotFhir
from baclofen_safety.fhir.bundle import index_bundle, tail_of


def bundle(*resources, **more):
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": each} for each in resources],
        **more,
    }


@pytest.mark.parametrize(
    "document",
    [None, [], "Bundle", {}, {"resourceType": "Patient"}, {"resourceType": "Bundle", "entry": "x"}],
)
def test_what_is_no_bundle_is_refused(document):
    with pytest.raises(NotFhir):
        index_bundle(document)


def test_an_empty_bundle_is_allowed_and_told():
    record = index_bundle({"resourceType": "Bundle", "type": "collection"})
    assert record.by_type == {}
    assert [trouble.ref for trouble in record.troubles] == ["Bundle"]


@pytest.mark.parametrize(
    ("entry", "kind", "needed"),
    [
        ("text", "unreadable", True),
        ({}, "not-used", True),
        ({"response": {"status": "201"}}, "not-used", False),
        ({"request": {"method": "DELETE", "url": "MedicationRequest/1"}}, "not-used", True),
        ({"request": {"method": "GET", "url": "Patient/1"}}, "not-used", False),
        ({"resource": []}, "unreadable", True),
        ({"resource": {"id": "1"}}, "unreadable", True),
        ({"resource": {"resourceType": 5}}, "unreadable", True),
        ({"resource": {"resourceType": "FooType"}}, "unknown-type", False),
        ({"resource": {"resourceType": "DiagnosticOrder"}}, "unsupported-version", True),
    ],
)
def test_every_strange_entry_is_told(entry, kind, needed):
    record = index_bundle({"resourceType": "Bundle", "entry": [entry]})
    assert [(each.kind, each.ref, each.needed) for each in record.troubles] == [(kind, "Bundle.entry[0]", needed)]


def test_the_old_version_is_named():
    record = index_bundle(bundle({"resourceType": "DiagnosticOrder"}))
    assert "DSTU2" in record.troubles[0].says


@pytest.mark.parametrize(
    "spelling",
    [
        "Medication/m",
        "urn:uuid:1",
        "http://x/fhir/Medication/m",
        "Medication/m/_history/2",
        "https://y/Medication/m",
    ],
)
def test_every_spelling_of_a_reference_resolves(spelling):
    medication = {"resourceType": "Medication", "id": "m"}
    record = index_bundle({"resourceType": "Bundle", "entry": [{"fullUrl": "urn:uuid:1", "resource": medication}]})
    assert record.find({"reference": spelling}, {}) == ("Medication/m", medication)


def test_contained_resources_resolve_in_their_holder_only():
    held = {"resourceType": "Medication", "id": "m"}
    record = index_bundle(bundle())
    assert record.find({"reference": "#m"}, {"contained": [held]}) == ("#m", held)
    assert record.find({"reference": "#m"}, {"contained": "x"}) is None
    assert record.find({"reference": 5}, {}) is None


def test_a_conditional_reference_stays_as_it_is():
    assert tail_of("Practitioner?identifier=a|b") == "Practitioner?identifier=a|b"


@pytest.mark.parametrize("turned", [False, True])
def test_the_newest_version_speaks(turned):
    old = {"resourceType": "MedicationRequest", "id": "1", "meta": {"versionId": "2"}, "status": "active"}
    new = {"resourceType": "MedicationRequest", "id": "1", "meta": {"versionId": "10"}, "status": "stopped"}
    record = index_bundle(bundle(*((new, old) if turned else (old, new))))
    assert record.by_type["MedicationRequest"] == [("MedicationRequest/1", new)]
    assert record.again["MedicationRequest/1"] == [old, new]
    assert record.troubles == []


@pytest.mark.parametrize("turned", [False, True])
def test_a_version_without_a_number_is_placed_by_its_time(turned):
    meta = {"versionId": "3", "lastUpdated": "2026-11-01T00:30:00+02:00"}
    old = {"resourceType": "MedicationRequest", "id": "1", "meta": meta, "status": "active"}
    new = old | {"meta": {"lastUpdated": "2026-10-31T23:00:00Z"}, "status": "stopped"}
    record = index_bundle(bundle(*((new, old) if turned else (old, new))))
    assert record.by_type["MedicationRequest"] == [("MedicationRequest/1", new)]
    assert record.troubles == []
    dateless = old | {"meta": {}, "status": "stopped"}
    [told] = index_bundle(bundle(*((dateless, old) if turned else (old, dateless)))).troubles
    assert (told.kind, told.needed) == ("conflict", True)


def test_the_same_twice_is_one_and_two_contents_of_one_age_are_a_conflict():
    one = {"resourceType": "Condition", "id": "1"}
    assert index_bundle(bundle(one, dict(one))).troubles == []
    told = index_bundle(bundle(one, {**one, "code": {}})).troubles
    assert [(each.kind, each.needed) for each in told] == [("conflict", True)]


def test_a_bundle_in_a_bundle_is_read_to_a_depth():
    document = bundle({"resourceType": "Patient", "id": "1"})
    assert index_bundle(bundle(document)).by_type.keys() == {"Patient"}
    for _ in range(9):
        document = bundle(document)
    assert [each.needed for each in index_bundle(document).troubles] == [True]


SELF = "http://x/fhir/MedicationRequest?patient=1&_count=50"
FAILED = {"resourceType": "OperationOutcome", "issue": [{"severity": "error"}]}


@pytest.mark.parametrize(
    ("document", "received"),
    [
        (bundle(type="searchset"), {}),
        (bundle({"resourceType": "Condition"}, type="searchset"), {"Condition": "answered"}),
        (
            bundle(type="searchset", link=[{"relation": "self", "url": SELF}]),
            {"MedicationRequest": "answered"},
        ),
        (bundle(type="searchset", link=[{"relation": "self", "url": SELF + "&status=active"}]), {}),
        (bundle(type="searchset", link=[{"relation": "self", "url": SELF + "&_lastUpdated=gt2020"}]), {}),
        (bundle(FAILED, type="searchset", link=[{"relation": "self", "url": SELF}]), {}),
        (
            bundle(
                type="searchset",
                link=[{"relation": "self", "url": SELF}, {"relation": "next", "url": "http://x"}],
            ),
            {},
        ),
        (bundle(type="searchset", total=1, link=[{"relation": "self", "url": SELF}]), {}),
        (bundle({"resourceType": "Condition"}, type="searchset", total=1), {"Condition": "answered"}),
        (bundle({"resourceType": "Condition"}, type="searchset", total=2), {}),
        (bundle(meta={"tag": [{"code": "complete-record"}]}), {"*": "answered"}),
        (bundle(FAILED, meta={"tag": [{"code": "complete-record"}]}), {}),
        (bundle(type="searchset", link="x", meta={"tag": "x"}), {}),
    ],
)
def test_what_a_search_answers_for(document, received):
    assert index_bundle(document).received == received


@pytest.mark.parametrize(
    "document",
    [
        bundle({"resourceType": "Condition"}, type="searchset", link=[{"relation": "next", "url": "http://x"}]),
        bundle({"resourceType": "Condition"}, type="searchset", total=2),
        bundle({"resourceType": "Condition"}, FAILED, type="searchset"),
        bundle({"resourceType": "Condition"}, FAILED),
        {**bundle(type="batch-response"), "entry": [{"response": {"status": "503 Service Unavailable"}}]},
        {
            **bundle(type="searchset", total=2),
            "entry": [
                {"resource": {"resourceType": "Condition"}, "search": {"mode": "match"}},
                {"resource": {"resourceType": "Patient", "id": "1"}, "search": {"mode": "include"}},
            ],
        },
    ],
)
def test_what_a_sender_could_not_give_is_needed(document):
    assert [each.needed for each in index_bundle(document).troubles] == [True]


@pytest.mark.parametrize("status", ["200 OK", "", None, 204])
def test_an_answer_without_a_body_is_no_failure(status):
    document = {**bundle(type="batch-response"), "entry": [{"response": {"status": status}}]}
    assert [each.needed for each in index_bundle(document).troubles] == [False]
