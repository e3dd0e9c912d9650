"""The cases that show what a rule does: the same tables the tests run, read for people."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_CHECKOUT = Path(__file__).parents[2] / "tests" / "rules" / "baclofen"
_WHEEL = Path(__file__).parent / "cases"


@dataclass(frozen=True, slots=True)
class CaseNote:
    """One case of a table, as far as it speaks of a rule: ``says`` is "high", "moderate", "quiet" or "cannot judge"."""

    table: str
    name: str
    says: str


@cache
def casebook() -> Mapping[str, tuple[CaseNote, ...]]:
    """By rule every case that expects it, expects it quiet, or expects it not to be able to judge."""
    notes: dict[str, list[CaseNote]] = {}
    folder = _CHECKOUT if _CHECKOUT.is_dir() else _WHEEL
    for path in sorted(folder.glob("*.toml")):
        for case in tomllib.loads(path.read_text("utf-8")).get("case", ()):
            for rule, says in _spoken_of(case).items():
                notes.setdefault(rule, []).append(CaseNote(path.stem, case["name"], says))
    return {rule: tuple(found) for rule, found in notes.items()}


def _spoken_of(case: Mapping[str, list[str]]) -> dict[str, str]:
    quiet = dict.fromkeys(case.get("not", ()), "quiet")
    gaps = {gap.partition(":")[0]: "cannot judge" for gap in case.get("gaps", ())}
    fired = dict(expected.split(" ", 1) for expected in case.get("expect", ()))
    return {**quiet, **gaps, **fired}
