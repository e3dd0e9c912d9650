"""Indexing a Bundle: nothing vanishes, references resolve, answered searches are known."""

import pytest

from baclofen_safety.errors import NotFhir
from baclofen_safety.fhir.addresses import tail_of
from baclofen_safety.fhir.bundle import index_bundle, settle_searches
from baclofen_safety.fhir.editions import is_copy
from baclofen_safety.fhir.patients import Subject


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


PATCH = {"request": {"method": "PATCH", "url": "MedicationRequest/order"}}


@pytest.mark.parametrize(
    ("entry", "kind", "needed"),
    [
        ("text", "unreadable", True),
        ({}, "not-used", True),
        ({"response": {"status": "201"}}, "not-used", False),
        ({"request": {"method": "DELETE", "url": "MedicationRequest/1"}}, "not-used", True),
        ({"request": {"method": "DELETE", "url": "https://e/fhir/Observation?code=2160-0"}}, "not-used", True),
        ({"request": {"method": "DELETE", "url": "Communication/1"}}, "not-used", False),
        (PATCH | {"resource": {"resourceType": "Parameters"}}, "not-used", True),
        (PATCH | {"resource": {"resourceType": "Binary", "data": "W10="}}, "not-used", True),
        (PATCH | {"resource": []}, "not-used", True),
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


@pytest.mark.parametrize("more", [{}, {"meta": {"versionId": "2"}, "status": "stopped"}])
def test_a_copy_brought_by_another_search_is_no_version(more):
    one = {"resourceType": "MedicationRequest", "id": "1", "meta": {"versionId": "1"}, "status": "active"}
    record = index_bundle(bundle(one, one | more, dict(one), one | more))
    assert record.again == ({"MedicationRequest/1": [one, one | more]} if more else {})
    assert record.resources["MedicationRequest/1"] == one | more


def test_copies_are_the_same_to_the_letter():
    one = {"resourceType": "Observation", "id": "1", "valueQuantity": {"value": 1}}
    deep = {}
    for _ in range(300):
        deep = {"extension": [deep]}
    assert is_copy(one, {**one})
    assert not is_copy(one, {**one, "valueQuantity": {"value": 1.0}})
    assert not is_copy(deep, deep)


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
    record = index_bundle(document)
    settle_searches(record, Subject("Patient/1", record, frozenset()), frozenset())
    assert record.received == received


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


EHR, OTHER = "https://ehr.example/fhir", "https://other.example/fhir"


def at(base, kind, identity, **more):
    return {"fullUrl": f"{base}/{kind}/{identity}", "resource": {"resourceType": kind, "id": identity, **more}}


def of(*entries):
    return {"resourceType": "Bundle", "type": "collection", "entry": list(entries)}


@pytest.mark.parametrize("turned", [False, True])
def test_a_versioned_reference_means_that_version(turned):
    two = at(EHR, "Medication", "m", meta={"versionId": "2"}, code={"text": "oxycodone"})
    three = at(EHR, "Medication", "m", meta={"versionId": "3"}, code={"text": "cetirizine"})
    record = index_bundle(of(*((three, two) if turned else (two, three))))
    for version, found in (("2", two), ("3", three)):
        name, resource = record.find({"reference": f"Medication/m/_history/{version}"}, {})
        assert (name, resource) == ("Medication/m" + ("/_history/2" if version == "2" else ""), found["resource"])
    assert record.find({"reference": "Medication/m"}, {}) == ("Medication/m", three["resource"])


def test_a_version_that_was_not_sent_is_no_other_medication():
    sent = at(EHR, "Medication", "m", meta={"versionId": "3"}), at(EHR, "Encounter", "e", meta={"versionId": "3"})
    record = index_bundle(of(*sent))
    assert record.find({"reference": "Medication/m/_history/2"}, {}) is None
    assert record.find({"reference": f"{EHR}/Medication/m/_history/3"}, {}) == ("Medication/m", sent[0]["resource"])
    assert record.find({"reference": "Encounter/e/_history/2"}, {}) == ("Encounter/e", sent[1]["resource"])


@pytest.mark.parametrize(
    ("full", "reference", "found"),
    [
        (f"{EHR}/Medication/m", f"{OTHER}/Medication/m", False),
        (f"{EHR}/Medication/m", f"{OTHER}/Medication/m/_history/1", False),
        (f"{EHR}/Medication/m", "HTTP://EHR.example:80/fhir/Medication/m", True),
        (f"{EHR}/Medication/m/_history/1", f"{EHR}/Medication/m", True),
        (f"{EHR}/Medication/m", "Medication/m", True),
        ("urn:uuid:1", f"{OTHER}/Medication/m", True),
        (f"{EHR}/Medication/n", f"{OTHER}/Medication/m", True),
        ("", f"{OTHER}/Medication/m", True),
    ],
)
def test_a_reference_to_another_server_leads_there(full, reference, found):
    entry = {**at(EHR, "Medication", "m"), "fullUrl": full}
    record = index_bundle(of(entry, at(EHR, "Patient", "p")))
    assert record.find({"reference": reference}, {}) == (("Medication/m", entry["resource"]) if found else None)


@pytest.mark.parametrize("turned", [False, True])
def test_one_id_on_two_servers_is_two_resources(turned):
    ours = at(EHR, "MedicationRequest", "1", status="active", medicationReference={"reference": "Medication/m"})
    theirs = at(OTHER, "MedicationRequest", "1", status="stopped", medicationReference={"reference": "Medication/m"})
    entries = [ours, theirs, at(EHR, "Medication", "m", code={"text": "baclofen"})]
    record = index_bundle(of(*(reversed(entries) if turned else entries)))
    orders = dict(record.by_type["MedicationRequest"])
    assert orders.keys() == {"MedicationRequest/1", f"{OTHER}/MedicationRequest/1"}
    assert record.name("MedicationRequest/1") == "MedicationRequest/1"
    assert record.name(f"{OTHER}/MedicationRequest/1/_history/9") == f"{OTHER}/MedicationRequest/1"
    first, second = orders["MedicationRequest/1"], orders[f"{OTHER}/MedicationRequest/1"]
    assert record.find(first["medicationReference"], first)[0] == "Medication/m"
    assert record.find(second["medicationReference"], second) is None
    assert record.troubles == []


def test_two_names_of_one_server_and_no_contradiction_are_one_resource():
    told = {"status": "active"}
    for entries in (
        [at(EHR, "Condition", "1", **told), at(OTHER, "Condition", "1", **told)],
        [at(EHR, "Condition", "1", **told), {"resource": {"resourceType": "Condition", "id": "1", **told}}],
        [at(EHR, "Condition", "1", **told), {**at(EHR, "Condition", "1", **told), "fullUrl": "urn:uuid:1"}],
    ):
        assert [ref for ref, _ in index_bundle(of(*entries)).by_type["Condition"]] == ["Condition/1"]


def test_two_made_up_addresses_with_one_id_are_two_resources():
    entries = [
        {"fullUrl": f"urn:uuid:{n}", "resource": {"resourceType": "Condition", "id": "1", "recordedDate": f"202{n}"}}
        for n in (4, 5)
    ]
    assert [ref for ref, _ in index_bundle(of(*entries)).by_type["Condition"]] == ["Condition/1", "urn:uuid:5"]


def test_references_are_looked_for_to_a_depth():
    deep = {"reference": "Medication/m"}
    for _ in range(2000):
        deep = {"extension": [deep]}
    record = index_bundle(of(at(EHR, "Basic", "1", **deep), at(OTHER, "Patient", "1")))
    assert record.by_type.keys() == {"Basic", "Patient"}


@pytest.mark.parametrize("kind", ["collection", "searchset", "history", "document"])
def test_a_page_is_not_all_there_is(kind):
    tag = {"tag": [{"code": "complete-record"}]}
    record = index_bundle(bundle(type=kind, meta=tag, link=[{"relation": "next", "url": "http://x"}]))
    assert ([each.needed for each in record.troubles], record.received) == ([True], {})


@pytest.mark.parametrize(("first", "second", "told"), [("11-01", "10-01", 1), ("10-01", "11-01", 0), ("10-01", "", 0)])
def test_number_and_time_of_a_version_must_agree(first, second, told):
    one, two = (
        {"resourceType": "Condition", "id": "1", "meta": {"versionId": n, "lastUpdated": f"2026-{day}T00:00:00Z"}}
        for n, day in (("1", first), ("2", second))
    )
    two["meta"] |= {} if second else {"lastUpdated": None}
    for entries in ((one, two), (two, one)):
        record = index_bundle(bundle(*entries))
        assert [(each.kind, each.needed) for each in record.troubles] == [("conflict", True)] * told
        assert record.resources["Condition/1"] is two


def test_entries_under_another_name_are_told():
    record = index_bundle({**bundle({"resourceType": "Patient", "id": "1"}), "Entry": []})
    assert [each.needed for each in record.troubles] == [True]
