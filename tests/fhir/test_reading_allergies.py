"""Allergies in the shapes of STU3, R4 and R5, and what must be told of them."""

import pytest
from test_reading import NOW, P1, PATIENT, RXNORM, chart

ABSENT = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips"
SCT = "http://snomed.info/sct"
BACLOFEN = {"coding": [{"system": RXNORM, "code": "1292", "display": "baclofen"}]}
AT = "http://terminology.hl7.org/CodeSystem/allergyintolerance-"


def coded(kind, code):
    return {"coding": [{"system": AT + kind, "code": code}]}


def allergy(**more):
    made = {"resourceType": "AllergyIntolerance", "id": "a1", "patient": P1, "code": BACLOFEN, **more}
    return {key: value for key, value in made.items() if value is not None}


def read(*others, **more):
    return chart(PATIENT, allergy(**more), *others)


def only(*others, **more):
    (found,) = read(*others, **more).allergies
    return found


@pytest.mark.parametrize(
    "code",
    [
        BACLOFEN,
        {"coding": [{"system": RXNORM, "code": "197391"}]},
        {"coding": [{"system": "http://www.whocc.no/atc", "code": "M03BX01"}]},
        {"coding": [{"system": SCT, "code": "1", "display": "Allergy to baclofen"}]},
        {"text": "Lioresal"},
        "baclofen",
    ],
)
def test_baclofen_by_code_name_or_brand(code):
    found = only(code=code)
    assert found.medicine.is_baclofen
    assert (found.kind, found.high, found.criticality_known, found.state) == (None, False, False, "active")


def test_baclofen_named_by_a_reaction():
    found = only(code={"text": "Muscle relaxants"}, reaction=[{"substance": BACLOFEN, "manifestation": []}])
    assert found.medicine.is_baclofen


def test_substance_of_an_older_version():
    assert only(code=None, substance=BACLOFEN).medicine.is_baclofen


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("allergy", "allergy"),
        ("intolerance", "intolerance"),
        ({"coding": [{"code": "intolerance"}]}, "intolerance"),
    ],
)
def test_type_is_a_code_or_a_concept(said, kind):
    assert only(type=said).kind == kind


def test_a_strange_type_or_status_is_told_and_fires():
    found = read(type="sensitivity", verificationStatus="probable", clinicalStatus="sleeping")
    assert [each.kind for each in found.allergies] == [None]
    assert [(t.path, t.needed) for t in found.troubles] == [
        ("clinicalStatus", True),
        ("type", True),
        ("verificationStatus", True),
    ]


@pytest.mark.parametrize(
    "more",
    [
        {"verificationStatus": coded("verification", "refuted")},
        {"verificationStatus": coded("verification", "entered-in-error")},
        {"clinicalStatus": coded("clinical", "inactive")},
        {"clinicalStatus": "resolved"},
    ],
)
def test_what_does_not_hold_is_told_and_dropped(more):
    found = read(**more)
    assert not found.allergies
    assert [(t.kind, t.needed) for t in found.troubles] == [("not-used", False)]


def test_unconfirmed_is_possible():
    assert only(verificationStatus=coded("verification", "unconfirmed")).state == "possible"


@pytest.mark.parametrize(
    ("said", "high", "known"), [("high", True, True), ("low", False, True), ("unable-to-assess", False, False)]
)
def test_criticality(said, high, known):
    found = only(criticality=said)
    assert (found.high, found.criticality_known) == (high, known)


SEEN = {"resourceType": "Observation", "id": "seen", "subject": P1, "status": "final", "code": {"text": "Hives"}}


@pytest.mark.parametrize(
    ("reaction", "concept"),
    [
        ({"manifestation": [{"text": "Skin rash"}]}, "reaction-hypersensitivity"),
        (
            {"manifestation": [{"coding": [{"system": SCT, "code": "1", "display": "Urticaria"}]}]},
            "reaction-hypersensitivity",
        ),
        ({"manifestation": [{"concept": {"text": "Drowsiness"}}]}, "reaction-side-effect"),
        ({"manifestation": [{"reference": {"reference": "Observation/seen"}}]}, "reaction-hypersensitivity"),
        ({"manifestation": [{"reference": {"display": "Nausea"}}]}, "reaction-side-effect"),
        ({"manifestation": {"text": "Anaphylaxis"}}, "reaction-hypersensitivity"),
        ({"description": "dizzy after the first tablet"}, "reaction-side-effect"),
    ],
)
def test_reactions(reaction, concept):
    ((concepts, _),) = only(SEEN, reaction=[reaction]).reactions
    assert concepts == {concept}


def test_a_reaction_we_do_not_know_keeps_its_words():
    assert only(reaction=[{"manifestation": [{"text": "Metallic taste"}]}]).reactions == (
        (frozenset(), "Metallic taste"),
    )
    assert only(reaction=[{"severity": "mild"}]).reactions == ()


def test_a_reaction_by_an_unknown_code_alone_is_asked_about():
    found = read(reaction=[{"manifestation": [{"coding": [{"system": SCT, "code": "1"}]}]}])
    assert [(t.path, t.needed) for t in found.troubles] == [("reaction.manifestation", True)]


@pytest.mark.parametrize(
    "more",
    [
        {"onsetDateTime": "2026-11-01"},
        {"onsetPeriod": {"start": "2026-11-01"}},
        {"recordedDate": "2026-11-01"},
        {"assertedDate": "2026-11-01"},
    ],
)
def test_when_it_began(more):
    assert str(only(**more).onset) == "2026-11-01"


def test_an_allergy_of_tomorrow_is_told():
    found = read(onsetDateTime="2026-12-01")
    assert not found.allergies
    assert [t.kind for t in found.troubles] == ["future"]


@pytest.mark.parametrize(
    "code",
    [
        {"coding": [{"system": SCT, "code": "716186003"}]},
        {"coding": [{"system": SCT, "code": "409137002"}]},
        {"coding": [{"system": ABSENT, "code": "no-known-medication-allergies"}]},
        {"text": "No known allergies to baclofen"},
    ],
)
def test_no_known_allergy_is_an_answer(code):
    found = read(code=code)
    assert (found.allergies, found.troubles) == ((), ())
    assert found.was_sent("AllergyIntolerance")


@pytest.mark.parametrize(
    "code",
    [{"coding": [{"system": ABSENT, "code": "no-allergy-info"}]}, {"text": "No information about allergies"}],
)
def test_no_information_is_no_answer(code):
    found = read(code=code)
    assert found.allergies == ()
    assert [(t.kind, t.needed) for t in found.troubles] == [("not-used", True)]


@pytest.mark.parametrize(
    "more",
    [
        {"code": {"text": "Peanut"}},
        {"code": {"coding": [{"system": RXNORM, "code": "2670"}]}},
        {"code": {"coding": [{"system": SCT, "code": "1"}]}, "category": ["food"]},
        {"code": None, "category": "environment"},
    ],
)
def test_other_allergies_are_no_business_of_the_rules(more):
    found = read(**more)
    assert (found.allergies, found.troubles) == ((), ())


@pytest.mark.parametrize(
    "more",
    [
        {"code": {"coding": [{"system": SCT, "code": "1"}]}},
        {"code": None},
        {"code": {}, "category": ["medication", "food"]},
        {"code": {"text": "Bacofen"}},
    ],
)
def test_what_may_be_baclofen_is_asked_about(more):
    found = read(**more)
    assert not found.allergies
    assert [(t.kind, t.needed) for t in found.troubles] == [("unrecognised-medicine", True)]


@pytest.mark.parametrize(
    ("code", "excipient"),
    [
        ({"coding": [{"system": SCT, "code": "412071004"}]}, "excipient-wheat"),
        ({"text": "Wheat"}, "excipient-wheat"),
        ({"coding": [{"system": "http://fdasis.nlm.nih.gov", "code": "A2I8C7HI9T"}]}, "excipient-paraben"),
        ({"text": "E218"}, "excipient-paraben"),
        ({"text": "Lactose"}, "excipient-galactose-lactose"),
    ],
)
def test_excipients(code, excipient):
    found = only(code=code)
    assert (found.medicine, found.concepts) == (None, {excipient})


def test_names_no_patient():
    assert NOW
    found = chart(PATIENT, allergy(patient={"reference": "Patient/lost"}))
    assert [(t.kind, t.needed) for t in found.troubles if t.kind == "other-patient"]
