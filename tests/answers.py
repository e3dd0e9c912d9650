"""``python tests/answers.py FOLDER [all]``: every example patient and every case, answered, one Bundle a file.

``every/r4`` holds all answers; ``chosen/<version>`` those of the examples, and those that say something of a rule in a
type of resource that no answer before them said. With ``all``, ``every`` holds all answers in every version. What
else the FHIR door says is in both, and published artifacts as it shows them in R4B and R5: one of each type, or all.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from baclofen_safety.assessor import Assessor, load_assessor
from baclofen_safety.config import Settings
from baclofen_safety.fhir.answering_r5 import NOT_IN_R5, in_version
from baclofen_safety.fhir.operations import Ask
from baclofen_safety.fhir.versions import WRITTEN
from baclofen_safety.profiles import locate_profiles
from builders import make_bundle
from cases import every_case
from door_answers import door_answers

Resource = dict[str, Any]


VERSIONS = {version.name.lower(): version for version in WRITTEN}
"""The versions answered in by the name of their folder."""
RULE = re.compile(rb'"(BAC-[A-Z0-9]+-[0-9]+)"')


def main(folder: Path, *, everything: bool = False) -> int:
    """Write the answers; returns how many."""
    assessor = load_assessor(Settings(strict=True))
    questions = [
        (path.stem, json.loads(path.read_text()), datetime.fromisoformat(json.loads(path.read_text())["timestamp"]))
        for path in sorted((locate_profiles() / "examples").glob("*.json"))
    ]
    examples = len(questions)
    questions += [(f"{family}-{case.name}", make_bundle(case), case.as_of) for family, case in every_case()]
    seen: set[tuple[str, bytes]] = set()
    for number, (name, bundle, as_of) in enumerate(questions):
        answer = assessor.answer(Ask(bundle, as_of=as_of, trace=number % 10 == 0), as_of).bundle
        file = f"{number:04d}-{re.sub(r'[^A-Za-z0-9]+', '-', name)[:80]}.json"
        said = set(_said(answer))
        chosen = number < examples or not said <= seen
        seen |= said
        for folder_name, version in VERSIONS.items():
            if chosen or everything or folder_name == "r4":
                _keep(folder, folder_name, file, in_version(answer, version), chosen=chosen, everything=everything)
    for folder_name, version in VERSIONS.items():
        for name, told in door_answers(assessor, version):
            _keep(folder, folder_name, f"door-{name}.json", told, chosen=True, everything=everything)
    for kind, name in _shown(assessor, everything=everything):
        for folder_name in ("r4b",) if kind in NOT_IN_R5 else ("r4b", "r5"):
            told = in_version(assessor.artifacts[kind, name], VERSIONS[folder_name])
            _keep(folder, folder_name, f"{kind}-{name}.json", told, chosen=True, everything=everything)
    return len(questions)


def _shown(assessor: Assessor, *, everything: bool) -> Iterator[tuple[str, str]]:
    """What is published in R4 and shown in other versions, or the first of each type."""
    before = ""
    for kind, name in sorted(assessor.artifacts):
        if everything or kind != before:
            yield kind, name
            before = kind


def _said(answer: Resource) -> Iterator[tuple[str, bytes]]:
    """Which rules an answer speaks of, in which types of resource."""
    for entry in answer["entry"]:
        resource = entry["resource"]
        kind = resource["resourceType"]
        yield kind, b""
        if kind != "Parameters":  # a trace speaks of all rules
            yield from ((kind, rule) for rule in RULE.findall(orjson.dumps(resource)))


def _keep(folder: Path, version: str, file: str, resource: Resource, *, chosen: bool, everything: bool) -> None:
    for group, wanted in (("every", everything or version == "r4"), ("chosen", chosen)):
        if wanted:
            path = folder / group / version / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(orjson.dumps(resource, option=orjson.OPT_INDENT_2))


if __name__ == "__main__":
    count = main(Path(sys.argv[1]), everything="all" in sys.argv[2:])
    sys.stdout.write(f"{count} answers\n")
