"""The command line at an EHR: a record read there, findings written there."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import BaclofenSafetyError
from .fhir.ehr import Ehr, reach
from .fhir.write_back import Report

BUDGET = 60.0
"""Seconds for one record: nobody waits for a command as for an answer."""

_ENTRY = re.compile(r"Bundle\.entry\[(\d+)\]")


class BadUse(BaclofenSafetyError):
    """Options that do not go together, or a file that cannot be read."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One patient at one EHR, and the token the operator holds for it."""

    patient: str
    ehr: Ehr
    token: str | None

    def record(self) -> Mapping[str, Any]:
        return self.ehr.record(self.patient, self.token)

    def write_back(self, answer: Mapping[str, Any]) -> Report:
        return self.ehr.write_back(answer, self.token)


def visit(patient: str | None, base: str | None, networks: tuple[str, ...], token_file: Path | None) -> Visit | None:
    """The patient and the EHR the options name; None when they name neither. Raises BadUse and BadBase."""
    if patient is None and base is None:
        return None
    if patient is None or base is None:
        raise BadUse("--patient and --ehr go together")
    try:
        token = token_file.read_text("utf-8").strip() if token_file else None
    except (OSError, UnicodeDecodeError):
        raise BadUse("--token-file: a readable file expected") from None
    return Visit(patient, reach((base, *networks), BUDGET), token)


def as_asked(record: Mapping[str, Any], place: str) -> str:
    """The question to the EHR that brought what stands at a place of its record; the place itself of anything else.

    Whoever has the record read never sees the Bundle, and knows no entry of it by number.
    """
    named = _ENTRY.match(place)
    held = record["entry"][int(named[1])]["resource"] if named else {}
    links = held.get("link") if held.get("type") == "searchset" else None
    return str(links[0]["url"]) if links else place


def told(report: Report) -> Iterator[str]:
    """What became of the findings, a line each."""
    for words, counted in (
        ("written", report.written),
        ("there already", report.unchanged),
        ("left as somebody changed it there", report.left),
    ):
        if counted:
            yield f"{words}: {_numbers(counted)}"
    yield from (f"not written: {_numbers(Counter({problem: times}))}" for problem, times in _problems(report))


def _problems(report: Report) -> list[tuple[str, int]]:
    return sorted(Counter(report.problems).items())


def _numbers(counted: Counter[str]) -> str:
    return ", ".join(f"{number} {kind}" for kind, number in counted.items())
