"""The ValueSets and the look-up say the same, and the published files are fresh."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from baclofen_safety.terminology import build
from baclofen_safety.terminology.catalogue import CONCEPTS
from baclofen_safety.terminology.codes import PrefixRule
from baclofen_safety.terminology.lookup import Kind, Terminology
from baclofen_safety.terminology.notices import notice_file
from baclofen_safety.terminology.rows import Tables
from baclofen_safety.terminology.systems import RXNORM
from baclofen_safety.terminology.valuesets import (
    BASE,
    fact_code_system,
    issue_codesystem,
    rule_regex,
    value_sets,
)

SETS = value_sets(Tables())
SAMPLES = {
    "http://hl7.org/fhir/sid/icd-10-cm": [
        "N18.30",
        "N18.6",
        "N17.9",
        "S14.105D",
        "S24.112S",
        "S24.113A",
        "S24.103S",
        "G82.50",
        "G82.20",
        "G80.0",
        "G35",
        "G35.B0",
        "G40.909",
        "R56.9",
        "P90",
        "T42.8X1A",
        "T42.8X2A",
        "T42.8X5A",
        "T42.8X6A",
        "T36.91XA",
        "T36.95XA",
        "T36.915A",
        "T50.901A",
        "T50.905A",
        "T42.4X",
        "T42",
        "R53.2",
        "F03.90",
        "G31.84",
        "F70",
        "F82",
        "R47.01",
        "O92.3",
        "O03.9",
        "Z33.2",
        "Z33.1",
        "Z99.2",
        "Z94.0",
        "Z51.5",
        "I63.9",
        "Z86.73",
        "F05",
        "E16.1",
        "M62.82",
        "R50.9",
    ],
    "http://hl7.org/fhir/sid/icd-10": [
        "N18.5",
        "I64",
        "T42.8",
        "G82.1",
        "O92.3",
        "O03",
        "F06.7",
        "R56.0",
        "G40.9",
    ],
    "http://hl7.org/fhir/sid/icd-9-cm": [
        "585.6",
        "585.9",
        "V45.11",
        "E938.0",
        "345.10",
        "780.39",
        "968.0",
        "952.11",
        "342.90",
        "634.90",
        "968.1",
        "290.0",
    ],
}


def matches(value_set: dict[str, Any], system: str, code: str) -> bool:
    """A plain reading of ``compose`` as a terminology server does it."""

    def within(part: dict[str, Any]) -> bool:
        if part["system"] != system:
            return False
        if "concept" in part:
            return code in {each["code"] for each in part["concept"]}
        return all(re.fullmatch(each["value"], code) for each in part["filter"])

    compose = value_set["compose"]
    return any(map(within, compose["include"])) and not any(map(within, compose.get("exclude", ())))


def test_there_is_one_for_every_concept() -> None:
    assert set(SETS) == CONCEPTS
    for name, value_set in SETS.items():
        assert value_set["compose"]["include"], name
        assert value_set["url"] == f"{BASE}/ValueSet/{name}"
        assert value_set["copyright"].endswith("project.")


@pytest.mark.parametrize("kind", ["cond", "lab", "proc", "route", "form", "fact"])
def test_every_listed_code_is_found(terms: Terminology, kind: Kind) -> None:
    for name, value_set in SETS.items():
        if not name.startswith(f"{kind}-"):
            continue
        for part in value_set["compose"]["include"]:
            for each in part.get("concept", ()):
                assert name in terms.concepts(kind, [(part["system"], each["code"], "")]), (name, each)


def test_every_listed_medicine_is_found(terms: Terminology) -> None:
    for name, value_set in SETS.items():
        if not name.startswith("med-"):
            continue
        for part in value_set["compose"]["include"]:
            for each in part.get("concept", ()):
                assert name in terms.medicine([(part["system"], each["code"], "")], "").concepts, (name, each)


def test_every_product_of_baclofen_is_listed(terms: Terminology) -> None:
    parts = {part["system"]: part.get("concept", ()) for part in SETS["med-baclofen"]["compose"]["include"]}
    (own,) = (one["code"] for one in parts[RXNORM] if one.get("display") == "baclofen")
    products = {rxcui for rxcui, made_of in Tables().rows("rxnorm_all", "rxcui", "ingredient_rxcui") if made_of == own}
    assert len(products) > 40
    assert products <= {one["code"] for one in parts[RXNORM]}


@pytest.mark.parametrize(("system", "code"), [(system, code) for system, codes in SAMPLES.items() for code in codes])
def test_filters_and_look_up_agree(terms: Terminology, system: str, code: str) -> None:
    for written in (code, code.replace(".", "")):
        found = terms.concepts("cond", [(system, written, "")])
        said = {name for name, each in SETS.items() if name.startswith("cond-") and matches(each, system, written)}
        assert found == said, written


def test_regex_of_a_procedure_prefix() -> None:
    rule = PrefixRule("proc", "proc-x", "http://www.cms.gov/Medicare/Coding/ICD10", "0", True)
    assert re.fullmatch(rule_regex(rule), "0JH80VZ")
    assert not re.fullmatch(rule_regex(rule), "3E0R3NZ")


def test_published_files_are_fresh() -> None:
    folder = build.PROFILES
    for name, content in build.published().items():
        assert (folder / name).read_bytes() == content, f"{name}: rebuild"
    assert {path.stem.removeprefix("ValueSet-") for path in folder.glob("ValueSet-*.json")} == CONCEPTS


def test_notice_is_fresh() -> None:
    assert (build.PROFILES.parent / "NOTICE").read_text() == notice_file()


def test_the_build_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "ValueSet-old.json").write_text("{}")
    assert build.main(["valuesets", str(tmp_path)]) == 0
    assert not (tmp_path / "ValueSet-old.json").exists()
    assert len(list(tmp_path.iterdir())) == len(CONCEPTS) + 1
    assert build.main([]) == 2
    assert "Rebuild" in capsys.readouterr().err


def test_fact_codes_are_complete() -> None:
    codes = {each["code"] for each in fact_code_system(Tables())["concept"]}
    for value_set in SETS.values():
        for part in value_set["compose"]["include"]:
            if part["system"].endswith("/baclofen-fact"):
                assert {each["code"] for each in part["concept"]} <= codes


def test_issue_codes_come_from_the_rules() -> None:
    found = issue_codesystem({"BAC-WD-01": ("Abrupt stop", "when"), "BAC-RENAL-04": ("eGFR 30-44", "when")})
    assert found["count"] == 2
    assert [each["code"] for each in found["concept"]] == ["BAC-RENAL-04", "BAC-WD-01"]
    assert "designation" not in found["concept"][0]


def test_issue_codes_carry_their_translations() -> None:
    found = issue_codesystem({"BAC-WD-01": ("Abrupt stop", "when")}, {"es": {"BAC-WD-01": "Parada brusca"}})
    assert found["concept"][0]["designation"] == [{"language": "es", "value": "Parada brusca"}]
