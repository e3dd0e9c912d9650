"""``python tests/answers.py FOLDER``: every example patient and every case, answered, one Bundle a file."""

from __future__ import annotations

import json
import re
import sys
from datetime import datetime
from pathlib import Path

import orjson

from baclofen_safety.assessor import load_assessor
from baclofen_safety.config import Settings
from baclofen_safety.fhir.operations import Ask
from baclofen_safety.profiles import locate_profiles
from builders import make_bundle
from cases import every_case


def main(folder: Path) -> int:
    """Write the answers; returns how many."""
    folder.mkdir(parents=True, exist_ok=True)
    assessor = load_assessor(Settings(strict=True))
    questions = [
        (path.stem, json.loads(path.read_text()), datetime.fromisoformat(json.loads(path.read_text())["timestamp"]))
        for path in sorted((locate_profiles() / "examples").glob("*.json"))
    ]
    questions += [(f"{family}-{case.name}", make_bundle(case), case.as_of) for family, case in every_case()]
    for number, (name, bundle, as_of) in enumerate(questions):
        answer = assessor.answer(Ask(bundle, as_of=as_of, trace=number % 10 == 0), as_of).bundle
        plain = re.sub(r"[^A-Za-z0-9]+", "-", name)[:80]
        (folder / f"{number:04d}-{plain}.json").write_bytes(orjson.dumps(answer, option=orjson.OPT_INDENT_2))
    return len(questions)


if __name__ == "__main__":
    sys.stdout.write(f"{main(Path(sys.argv[1]))} answers\n")
