"""Mother and child: who is a relative, whose orders are read, and what exposure before birth names."""

import pytest
from test_reading import FACT, P1, RXNORM, TABLET, THRICE, chart

BABY = {"resourceType": "Patient", "id": "p1", "birthDate": "2026-11-15"}
MOTHER = {"resourceType": "Patient", "id": "mum", "identifier": [{"system": "urn:mrn", "value": "7"}]}
ROLE = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"


def relative(code="MTH", **more):
    role = {"coding": [{"system": ROLE, "code": code}]}
    return {"resourceType": "RelatedPerson", "id": "r1", "patient": P1, "relationship": [role], **more}


def her_order(kind="MedicationRequest", **more):
    return {
        "resourceType": kind,
        "id": "m9",
        "status": "active",
        "intent": "order",
        "subject": {"reference": "Patient/mum"},
        "authoredOn": "2026-08-22",
        "medicationCodeableConcept": TABLET,
        "dosageInstruction": THRICE,
        **more,
    }


LINKED = relative(identifier=[{"system": "urn:mrn", "value": "7"}])


def exposure(**more):
    code = {"coding": [{"system": FACT, "code": "maternal-exposure"}], "text": "Drug taken by the mother"}
    return {"resourceType": "Observation", "id": "o1", "status": "final", "subject": P1, "code": code, **more}


@pytest.mark.parametrize(
    ("mother", "person"),
    [
        (MOTHER, LINKED),
        ({**MOTHER, "link": [{"other": {"reference": "RelatedPerson/r1"}, "type": "seealso"}]}, relative("NMTH")),
        (MOTHER, {**LINKED, "relationship": {"coding": [{"system": ROLE, "code": "GESTM"}]}}),
    ],
)
def test_orders_of_a_linked_mother_are_read(mother, person):
    found = chart(BABY, mother, person, her_order(), her_order("MedicationStatement", id="s9"), subject="Patient/p1")
    assert {order.ref for order in found.maternal} == {"MedicationRequest/m9", "MedicationStatement/s9"}
    assert not found.orders
    assert not [t for t in found.troubles if t.kind == "other-patient"]


def test_of_a_linked_mother_nothing_else_is_used():
    other = her_order(id="m8", medicationCodeableConcept={"text": "paracetamol 500 mg tablet"})
    problem = {
        "resourceType": "Condition",
        "id": "c",
        "subject": {"reference": "Patient/mum"},
        "code": {"text": "Epilepsy"},
    }
    found = chart(BABY, MOTHER, LINKED, other, problem, subject="Patient/p1")
    assert (found.maternal, found.problems) == ((), ())
    assert [t.ref for t in found.troubles if t.kind == "other-patient"] == ["Condition/c"]


@pytest.mark.parametrize("person", [relative(), relative(identifier=[{"system": "urn:mrn", "value": "8"}])])
def test_a_mother_not_linked_is_told(person):
    found = chart(BABY, {**MOTHER, "link": "r1"}, person, her_order(), subject="Patient/p1")
    assert not found.maternal
    assert {t.kind for t in found.troubles} == {"not-used", "other-patient"}


def test_a_mother_without_a_record_or_of_another_child_is_no_trouble():
    assert not chart(BABY, relative()).troubles
    elsewhere = {**LINKED, "patient": {"reference": "Patient/p2"}}
    assert not chart(BABY, MOTHER, elsewhere, her_order(), subject="Patient/p1").maternal


def test_a_father_is_no_mother():
    assert not chart(BABY, MOTHER, relative("FTH"), her_order(), subject="Patient/p1").maternal


def test_children_with_a_birth_date():
    woman = {"resourceType": "Patient", "id": "p1", "birthDate": "1994-02-03", "gender": "female"}
    found = chart(woman, relative("NCHILD", birthDate="2026-10-01"))
    assert [str(child.birth) for child in found.children] == ["2026-10-01"]
    assert found.caregiver_ref is None
    assert chart(woman, relative("CHILD", birthDate="2000-10-01")).caregiver_ref == "RelatedPerson/r1"
    assert not chart(woman, relative("CHILD", birthDate="2027-10-01")).children
    assert not chart(woman, relative("CHILD", active=False, birthDate="2026-10-01")).children
    assert not chart(woman, {**relative(), "relationship": ["CHILD", {"coding": ["x", {"code": 1}]}]}).children


@pytest.mark.parametrize(
    ("more", "concepts"),
    [
        ({"valueCodeableConcept": {"coding": [{"system": RXNORM, "code": "1292"}]}}, {"med-baclofen"}),
        ({"valueCodeableConcept": {"text": "baclofen 30 mg/day by mouth"}}, {"med-baclofen", "route-oral"}),
        ({"valueString": "Lioresal"}, {"med-baclofen"}),
        ({"valueCodeableConcept": {"text": "methadone"}}, set()),
        (
            {
                "valueString": "baclofen",
                "component": [{"code": {"text": "Route"}, "valueCodeableConcept": {"text": "intrathecal"}}],
            },
            {"med-baclofen", "route-intrathecal"},
        ),
    ],
)
def test_what_the_mother_took(more, concepts):
    (found,) = chart(BABY, exposure(effectiveDateTime="2026-11-16", **more)).measurements["fact-maternal-exposure"]
    assert {one for one in found.concept_value if not one.startswith("fact-")} == concepts


def test_the_code_names_the_drug_when_no_value_does():
    code = {"coding": [{"system": FACT, "code": "maternal-exposure"}], "text": "Mother took oral baclofen to delivery"}
    (found,) = chart(BABY, exposure(code=code)).measurements["fact-maternal-exposure"]
    assert "med-baclofen" in found.concept_value
