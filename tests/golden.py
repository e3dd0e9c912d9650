"""``python tests/golden.py``: what every case says in full, written down so that a change of it shows in review.

One text file per table under ``tests/rules/baclofen/golden/``. The tables say what must be; these say all that is.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from baclofen_safety.assessor import load_knowledge
from baclofen_safety.core.assess import assess
from baclofen_safety.core.knowledge import Rulebook
from baclofen_safety.core.verdict import Issue, Verdict
from baclofen_safety.core.words import question, say, steps, summary
from baclofen_safety.fhir.reading import read_chart
from baclofen_safety.terminology.lookup import Terminology
from builders import make_bundle
from cases import Case, every_case

FOLDER = Path(__file__).parent / "rules" / "baclofen" / "golden"


def write_down(verdict: Verdict, book: Rulebook) -> str:
    """The whole of a verdict in lines: status, issues, what gave way, questions."""
    return "".join(f"{line}\n" for line in _lines(verdict, book))


def _lines(verdict: Verdict, book: Rulebook) -> Iterator[str]:
    yield verdict.status
    for issue in verdict.issues:
        yield from _issue(issue, book)
    yield from (f"- {one.rule} by {one.by or 'state'} ({one.kind})" for one in verdict.put_aside)
    for one in verdict.questions:
        yield f"? {one.sheet.id} {one.gap.reason}{' high' if one.high else ''}: {question(one, book)}"
        yield from (f"    {evidence.reference}: {evidence.says}" for evidence in one.gap.evidence)
        yield from (
            " ".join(
                ["    needs", need.resource, *sorted(need.concepts)]
                + (["with", *need.parts] if need.parts else [])
                + ([f"since {need.since}"] if need.since else [])
            )
            for need in one.gap.needs
        )


def _issue(issue: Issue, book: Rulebook) -> Iterator[str]:
    finding = issue.finding
    preliminary = " preliminary" if issue.preliminary else ""
    yield f"! {issue.sheet.id} {issue.severity.value}{preliminary}: {summary(issue, book)}"
    yield from (f"    {evidence.reference}: {evidence.says}" for evidence in finding.evidence)
    told = {
        "about": finding.implicated,
        "notes": finding.notes,
        "values": [f"{name}={say(value)}" for name, value in sorted(finding.values.items())],
        "marks": sorted(finding.marks),
        "tells as": [finding.variant] if finding.variant else [],
        "episode": [finding.same_as] if finding.same_as else [],
        "merged": ["yes"] if issue.merged else [],
        "covers": issue.absorbed,
        "cap": [f"{finding.cap.mg_per_day} mg/day"] if finding.cap else [],
        "steps": steps(finding.taper, book) if finding.taper else [],
    }
    yield from (f"    {name}: {', '.join(values)}" for name, values in told.items() if values)


def judged(case: Case, book: Rulebook, terms: Terminology) -> str:
    """A case, judged and written down."""
    chart = read_chart(make_bundle(case), as_of=case.as_of, subject=None, terms=terms)
    return write_down(assess(chart, case.as_of, book), book)


def read_down(family: str) -> dict[str, str]:
    """What a table's golden file holds, by case."""
    parts = (FOLDER / f"{family}.txt").read_text("utf-8").split("\n== ")
    return {name: said for name, _, said in (part.removeprefix("== ").partition("\n") for part in parts)}


def main() -> int:
    book, terms = load_knowledge(""), Terminology.load()
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.txt"):
        old.unlink()
    tables: dict[str, list[str]] = {}
    for family, case in every_case():
        tables.setdefault(family, []).append(f"== {case.name}\n{judged(case, book, terms)}")
    for family, parts in tables.items():
        (FOLDER / f"{family}.txt").write_text("".join(parts), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
