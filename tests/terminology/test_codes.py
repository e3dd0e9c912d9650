"""Conditions, observations, procedures, routes and forms: codes and words lead to concepts."""

from __future__ import annotations

import pytest

from baclofen_safety.terminology.lookup import Kind, Terminology

CM = "http://hl7.org/fhir/sid/icd-10-cm"
WHO = "http://hl7.org/fhir/sid/icd-10"
NINE = "http://hl7.org/fhir/sid/icd-9-cm"
SNOMED = "http://snomed.info/sct"
PCS = "http://www.cms.gov/Medicare/Coding/ICD10"
FACT = "https://baclofen-safety.example/fhir/CodeSystem/baclofen-fact"


@pytest.mark.parametrize(
    ("system", "code", "concepts"),
    [
        (CM, "N18.3", {"cond-ckd-stage-3"}),
        (CM, "N18.32", {"cond-ckd-stage-3"}),
        (CM, "n1832", {"cond-ckd-stage-3"}),
        ("urn:oid:2.16.840.1.113883.6.90", "N18.4", {"cond-ckd-stage-4"}),
        (CM, "S24.112S", {"cond-sci-t1-t6"}),
        (CM, "S14.105D", {"cond-sci-cervical"}),
        (CM, "S24.113A", {"cond-sci-t7-t12"}),
        (CM, "G82.20", {"cond-paraplegia"}),
        (CM, "G82.50", {"cond-quadriplegia"}),
        (CM, "R53.2", set()),
        (CM, "Z82.0", set()),
        (CM, "Z32.02", set()),
        (CM, "T42.8X5A", {"cond-baclofen-adverse-effect"}),
        (CM, "T42.8X6A", {"cond-baclofen-underdosing"}),
        (CM, "T42.8X1A", {"cond-baclofen-poisoning", "cond-drug-poisoning-any"}),
        (CM, "T36.91XA", {"cond-drug-poisoning-any"}),
        (CM, "T36.95XA", set()),
        (CM, "T36.0X6A", set()),
        (CM, "T42", set()),
        (CM, "R56.9", {"cond-epilepsy-seizure", "cond-seizure-single"}),
        (CM, "G31.84", {"cond-dementia-or-cognitive-impairment", "cond-cognitive-impairment-mild"}),
        (CM, "G35.B0", {"cond-multiple-sclerosis"}),
        (CM, "N18.6", {"cond-esrd", "cond-esrd-on-dialysis"}),
        (CM, "Z99.2", {"cond-dialysis"}),
        (CM, "Z49.31", {"cond-dialysis", "cond-dialysis-encounter"}),
        (WHO, "I64", {"cond-stroke-acute"}),
        (NINE, "585.6", {"cond-esrd"}),
        ("http://terminology.hl7.org/CodeSystem/icd9cm", "5856", {"cond-esrd"}),
        (SNOMED, "128188000", {"cond-cerebral-palsy"}),
        ("http://example.org/local", "N18.4", set()),
    ],
)
def test_conditions(terms: Terminology, system: str, code: str, concepts: set[str]) -> None:
    assert terms.concepts("cond", [(system, code, "")]) == concepts


@pytest.mark.parametrize(
    ("kind", "system", "code", "expected"),
    [
        ("lab", "http://loinc.org", "2160-0", {"lab-creatinine"}),
        ("lab", "urn:oid:2.16.840.1.113883.6.1", "14682-9", {"lab-creatinine"}),
        ("lab", "http://loinc.org", "11041-1", {"lab-creatinine-dialysis"}),
        (
            "proc",
            "http://www.cms.gov/Medicare/Coding/ICD10",
            "0JH80VZ",
            {"proc-pump-implant", "proc-surgical-category"},
        ),
        ("proc", PCS, "3E0R3NZ", {"proc-intrathecal-injection"}),
        ("proc", "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets", "A4220", {"proc-pump-refill"}),
        ("proc", FACT, "pump-interrogation", {"proc-pump-interrogation"}),
        ("fact", FACT, "npo", {"fact-npo"}),
        ("fact", FACT, "starter-education", {"fact-starter-education"}),
        ("fact", "http://loinc.org", "LA15173-0", {"fact-pregnant"}),
        ("form", "http://standardterms.edqm.eu", "10219000", {"form-tablet"}),
        ("proc", SNOMED, "302497006", {"proc-dialysis"}),
        ("proc", SNOMED, "71192002", {"proc-dialysis", "proc-dialysis-maintenance"}),
        ("route", SNOMED, "72607000", {"route-intrathecal"}),
    ],
)
def test_other_kinds(terms: Terminology, kind: Kind, system: str, code: str, expected: set[str]) -> None:
    assert terms.concepts(kind, [(system, code, "")]) == expected
    assert terms.recognises((system, code, "")) == bool(expected)


@pytest.mark.parametrize(
    ("text", "route"),
    [
        ("po", "route-oral"),
        ("P.O.", "route-oral"),
        ("Take by mouth", "route-oral"),
        ("via PEG", "route-enteral-tube"),
        ("po or ng tube", "route-oral"),
        ("IT pump", "route-intrathecal"),
        ("i.t.", "route-intrathecal"),
        ("iv", "route-intravenous"),
        ("po/iv", None),
        ("it was", None),
        ("", None),
    ],
)
def test_routes_in_words(terms: Terminology, text: str, route: str | None) -> None:
    assert terms.route([], text) == route


def test_a_route_code_wins_over_words(terms: Terminology) -> None:
    assert terms.route([(SNOMED, "72607000", "Intrathecal route")], "by mouth") == "route-intrathecal"
    assert terms.route([("http://example.org", "1", "Oral")], "") == "route-oral"


def test_forms(terms: Terminology) -> None:
    assert terms.form([], "Filmtabletten") == "form-tablet"
    assert terms.form([("http://standardterms.edqm.eu", "11201000", "")], "tablet") == "form-injection"
    assert terms.form([], "something") is None


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("proc", "Hemodialysis session", {"proc-dialysis"}),
        ("proc", "no dialysis", set()),
        ("proc", "Hemodialysis, maintenance at home", {"proc-dialysis", "proc-dialysis-maintenance"}),
        ("proc", "pre-dialysis clinic", set()),
        ("proc", "Intrathecal baclofen pump refill", {"proc-pump-refill"}),
        ("proc", "Intrathecal baclofen pump removal", {"proc-pump-removal"}),
        ("proc", "ITB pump explant", {"proc-pump-removal"}),
        ("proc", "Removal of baclofen pump", {"proc-pump-removal"}),
        ("proc", "Baclofen pump implantation", {"proc-pump-implant"}),
        ("proc", "Insertion of implantable intrathecal infusion pump", {"proc-pump-implant"}),
        ("proc", "Intrathecal pump replacement", {"proc-pump-implant", "proc-pump-revision"}),
        ("proc", "ITB pump refill", {"proc-pump-refill"}),
        ("proc", "Intrathecal pump reprogramming", {"proc-pump-interrogation"}),
        ("proc", "Intrathecal catheter revision", {"proc-intrathecal-catheter-revision"}),
        ("proc", "Insulin pump removal", set()),
        ("proc", "SynchroMed II", {"proc-pump-device-text"}),
        ("fact", "NPO after midnight", {"fact-npo"}),
        ("fact", "NPO except meds", set()),
        ("fact", "Not pregnant", {"fact-not-pregnant"}),
        ("cond", "CKD stage 3b", {"cond-ckd-stage-3"}),
        ("cond", "no seizures", set()),
        ("cond", "Epilepsy", {"cond-epilepsy-seizure"}),
        ("cond", "Baclofen overdose", {"cond-baclofen-poisoning"}),
        ("lab", "creatinine", set()),
    ],
)
def test_words(terms: Terminology, kind: Kind, text: str, expected: set[str]) -> None:
    assert terms.text_concepts(kind, text) == expected
