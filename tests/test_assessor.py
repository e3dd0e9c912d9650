"""The service refuses to start when knowledge, look-up and profiles disagree."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from baclofen_safety import assessor
from baclofen_safety.assessor import load_assessor, load_knowledge
from baclofen_safety.config import Settings
from baclofen_safety.core.knowledge import KnowledgeError
from baclofen_safety.profiles import locate_profiles

Fault = Callable[[Path], None]


def edit(name: str, act: Callable[[Any], Any]) -> Fault:
    def make(folder: Path) -> None:
        path = folder / name
        content = json.loads(path.read_text())
        act(content)
        path.write_text(json.dumps(content))

    return make


def unlink(name: str) -> Fault:
    return lambda folder: (folder / name).unlink()


CODES = "CodeSystem-baclofen-issue.json"


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (unlink("ValueSet-med-opioid.json"), "ValueSet-*.json: disagree on ['med-opioid']"),
        (unlink("ValueSet-med-baclofen.json"), "ValueSet-*.json: disagree on ['med-baclofen']"),
        (unlink(CODES), f"{CODES}: disagrees on ['BAC-"),
        (edit(CODES, lambda it: it.update(url="https://elsewhere.example")), f"{CODES}: disagrees on []"),
        (
            edit(CODES, lambda it: it["concept"].append({"code": "BAC-NEW-01"})),
            f"{CODES}: disagrees on ['BAC-NEW-01']",
        ),
        (
            edit(CODES, lambda it: it.update(concept=[one for one in it["concept"] if one["code"] != "BAC-DOSE-01"])),
            f"{CODES}: disagrees on ['BAC-DOSE-01']",
        ),
    ],
)
def test_disagreement_is_refused(tmp_path: Path, fault: Fault, message: str) -> None:
    folder = tmp_path / "profiles"
    shutil.copytree(locate_profiles(), folder)
    fault(folder)
    with pytest.raises(KnowledgeError) as caught:
        load_assessor(Settings(profiles=folder))
    assert str(caught.value).startswith(message)


def test_the_version_is_a_hash_over_knowledge_and_profiles() -> None:
    assert load_knowledge("a").version == load_knowledge("a").version != load_knowledge("b").version


def test_a_table_that_is_not_toml_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sources.toml").write_text("[source")
    monkeypatch.setattr(assessor, "files", lambda _package: tmp_path)
    with pytest.raises(KnowledgeError, match=r"sources\.toml: Expected"):
        load_knowledge("")


def test_proposals_code_baclofen_as_the_ingredient_not_as_a_product() -> None:
    (coding,) = load_assessor(Settings()).letterhead.baclofen["coding"]
    assert (coding["code"], coding["display"]) == ("1292", "baclofen")
