"""The fhir_profiles folder: readable, complete, and every fault named by file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from baclofen_safety import profiles
from baclofen_safety.profiles import ProfilesError, load_profiles, locate_profiles
from baclofen_safety.terminology.catalogue import CONCEPTS


def test_the_folder_of_the_checkout_is_read() -> None:
    found = load_profiles()
    assert found.value_sets() == CONCEPTS
    assert found.package["fhirVersions"] == ["4.0.1"]
    assert found.sha256 == load_profiles(locate_profiles()).sha256
    for key, content in found.raw.items():
        assert json.loads(content) == found.artifacts[key]
        assert found.artifacts[key]["url"] == f"https://baclofen-safety.example/fhir/{key[0]}/{key[1]}"


@pytest.mark.parametrize(
    ("name", "path", "part"),
    [
        ("baclofen-detected-issue", "DetectedIssue.severity", {"min": 1}),
        ("baclofen-detected-issue", "DetectedIssue.detail", {"min": 1}),
        ("baclofen-detected-issue", "DetectedIssue.code.coding", {"min": 2}),
        ("baclofen-communication-request", "CommunicationRequest.about", {"min": 1}),
        ("baclofen-communication-request", "CommunicationRequest.priority", {"min": 1}),
        ("baclofen-guidance-response", "GuidanceResponse.evaluationMessage", {"min": 1}),
        ("baclofen-guidance-response", "GuidanceResponse.module[x]", {"type": [{"code": "canonical"}]}),
    ],
)
def test_profiles_keep_the_contract(name: str, path: str, part: dict[str, object]) -> None:
    elements = load_profiles().artifacts["StructureDefinition", name]["differential"]["element"]
    found = next(each for each in elements if each["id"] == path)
    assert part.items() <= found.items()


def test_the_operation_keeps_the_contract() -> None:
    operation = load_profiles().artifacts["OperationDefinition", "assess-medication-safety"]
    told = [(each["name"], each["use"], each["min"], each["type"]) for each in operation["parameter"]]
    assert told == [
        ("content", "in", 0, "Bundle"),
        ("medicationRequest", "in", 0, "MedicationRequest"),
        ("subject", "in", 0, "string"),
        ("asOf", "in", 0, "dateTime"),
        ("mode", "in", 0, "code"),
        ("language", "in", 0, "code"),
        ("trace", "in", 0, "boolean"),
        ("return", "out", 1, "Bundle"),
    ]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("ValueSet-a.json", "{", "ValueSet-a.json: is not JSON"),
        ("ValueSet-a.json", "[]", "expected a JSON object, found list"),
        ("ValueSet-a.json", '{"resourceType": "ValueSet"}', "expected a resource with resourceType and id"),
        ("ValueSet-a.json", '{"resourceType": "ValueSet", "id": "b"}', "expected the name ValueSet-b.json"),
        ("readme.txt", "", "package.json: is missing"),
    ],
)
def test_faults_name_the_file(tmp_path: Path, name: str, content: str, words: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(ProfilesError, match=r"\.json") as caught:
        load_profiles(tmp_path)
    assert words in str(caught.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "ValueSet-a.json").mkdir()
    with pytest.raises(ProfilesError, match=r"ValueSet-a\.json: cannot be read"):
        load_profiles(tmp_path)


def test_an_installation_without_the_folder_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profiles, "_CHECKOUT", tmp_path / "none")
    with pytest.raises(ProfilesError, match="no fhir_profiles folder"):
        locate_profiles()
