"""The case tables: how they are written, read and held against an answer.

A table (``tests/rules/<drug>/<family>.toml``) is a list of ``[[case]]``. A case starts from a base
(``tests/bases.toml``), changes it and says what must come out. Every key but ``name`` may be left out.

    [[case]]
    name = "G3 woman 70, creatinine 1.4: eGFR 30-44"     # unique in the file
    about = "worked case 3"        # a remark
    base = "B0"                    # B0 (default), B1, or "" for nothing but a patient
    as_of = "2026-11-20T12:00:00+00:00"                  # default
    patient = {sex = "female", age = 70, weight = 62}    # laid over the base's patient
    drop = ["creatinine"]          # ids of base entries to leave out
    complete = true                # the Bundle is tagged as a complete record (B0, B1: true)
    answered = ["MedicationRequest"]        # types answered by an empty search
    expect = ["BAC-RENAL-04 high"] # "<rule> <severity>[ preliminary]": all must be there, with that severity
    only = true                    # and nothing else (default false)
    not = ["BAC-RENAL-05"]         # rules that must give no issue
    gaps = ["BAC-DATA-03"]         # rules, or "<rule>:<reason>", that must give a gap
    no_gaps = ["BAC-RENAL-08"]     # rules that must give none; ["*"] = no gap at all
    status = "success"             # success, data-requested, data-required
    cap = {BAC-RENAL-04 = 15}      # mg/day proposed; 0 = no cap at all
    says = {BAC-RENAL-04 = ["CrCl 36.6"]}   # words that must be in the summary or detail of the issue
    unsaid = {BAC-RENAL-04 = ["{"]}         # words that must not
    [[case.lab]]                   # an entry; under the id of a base entry it is laid over that, key by key
    id = "creatinine"
    value = 1.4

TOML wants the plain keys before the first ``[[case.…]]`` entry. The patient has sex, age (years, "20d", -1 = not
sent) or birth, weight and height (0 = none), weighed and measured (their times, "-10d"), deceased, language,
none = true (no Patient).

Times: "-10d", "+2d", "-36h", "-30min", "-2w", "-1y" count from as_of and give an instant (1y = 365 d); "day-10",
"day+0" give the calendar day; anything else is written as it is ("2026-11"). Codes: a name of
``tests/codes.toml``, or "<system>:<code>" with a system named there; other words become plain text. Quantities:
"10 mg", "2 mL", "10-20 mg" (a range), "10 mg / 2 mL" (both written), "1 tablet", "10" (no unit).

Entries. Each has ``id`` (default ``<kind><n>``, references name it), ``text``, ``updated`` (meta.lastUpdated):

    order        product | name, dose, times (per day) | every ("8h") | once = true, route ("" = none),
                 start, end, days, status ("active"), intent ("order"), authored (= start), needed = true,
                 max ("60 mg"), rate ("300 mcg/day"), requester ("dr-a"), replaces, based_on, group, encounter,
                 steps = [{dose, times, days, start, end, sequence}], refills, supply_days, valid_from,
                 valid_until, setting (inpatient, community, discharge), reason (text), reason_code,
                 status_reason (text), category (a fact), identifier, note, reported, prohibited,
                 sig (dosage text; alone when there is no dose),
                 strength ("5 mg / 1 mL" of a contained Medication)
    statement    as order; status ("active"), start, end, asserted           -> MedicationStatement
    supply       product, at, days, quantity, order, status, dose, times     -> MedicationDispense
    given        product, at, dose, order, status, route                     -> MedicationAdministration
    lab          what, value | low = 60 (">60") | high = 60 ("<60") | string | code | flag | when, at, issued,
                 unit (default the usual one, "" = none), status ("final"), device,
                 parts = [{what, value, unit}]
    condition    what, onset, abated, recorded, status ("active", "" = none), sure ("confirmed", "" = none)
    procedure    what, at, end, status ("completed"), device
    service      what, at, status ("active"), intent ("order"), note         -> ServiceRequest
    appointment  what, at, end, status ("booked")
    encounter    class ("IMP", "AMB", "EMER"), start, end, status, reason, type, by ("dr-a")
    nutrition    what ("fact:npo"), start, end, at, status                   -> NutritionOrder
    careplan     what, at, status
    communication what, at, status
    flag         what, start, end, status
    device       what, model, status ("active")
    allergy      what, type, criticality, reaction ("rash; nausea"), status ("active"), sure ("confirmed"), onset,
                 recorded
    list         kind ("discharge" or "home"), at, items = ["order id"], removed = ["order id"]
    issue        rule, at, implicated = ["order id"], by ("dr-a"), mitigation ("12", "" = nobody acted)
                 -> our own DetectedIssue coming back, with a human action
    task         what ("suspend", "resume", "abort"), order, at
    document     what, at, status ("current")                                -> DocumentReference
    person       relationship ("MTH"), phone, birth ("" = none)                     -> RelatedPerson
    raw          json = '''any resource'''; "@-10d" in it becomes that time, {patient} the patient's reference
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
AS_OF = "2026-11-20T12:00:00+00:00"
KINDS = (
    *("order", "statement", "supply", "given", "lab", "condition", "procedure", "service", "appointment"),
    *("encounter", "nutrition", "careplan", "communication", "document", "flag", "device", "allergy", "list", "issue"),
    *("task", "person", "raw"),
)
KEYS = frozenset(
    {
        *(
            "name",
            "about",
            "base",
            "as_of",
            "patient",
            "drop",
            "complete",
            "answered",
            "expect",
            "only",
            "not",
        ),
        *("gaps", "no_gaps", "status", "cap", "says", "unsaid"),
        *KINDS,
    }
)
BASES: Mapping[str, Mapping[str, Any]] = tomllib.loads((HERE / "bases.toml").read_text())["base"]


class CaseError(Exception):
    """A case table that does not follow the format."""


@dataclass(frozen=True, slots=True)
class Case:
    """One case, its base laid under it. ``entries`` keep the order of ``KINDS``."""

    name: str
    as_of: datetime
    patient: Mapping[str, Any]
    entries: tuple[tuple[str, Mapping[str, Any]], ...]
    complete: bool
    answered: tuple[str, ...]
    expect: tuple[str, ...]
    only: bool
    silent: tuple[str, ...]
    gaps: tuple[str, ...]
    no_gaps: tuple[str, ...]
    status: str | None
    cap: Mapping[str, Any]
    says: Mapping[str, list[str]]
    unsaid: Mapping[str, list[str]]


def _lay(kind: str, base: list[Mapping[str, Any]], own: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Base entries with the case's entries of the same id laid over, then the case's others."""
    rows = {entry["id"]: dict(entry) for entry in base}
    for n, entry in enumerate(own, 1):
        name = entry.get("id", f"{kind}{n}")
        rows[name] = rows.get(name, {}) | dict(entry) | {"id": name}
    return list(rows.values())


def make_case(table: Mapping[str, Any]) -> Case:
    """A case from its table. Raises ``CaseError`` for a key that is not in the format."""
    name = table.get("name", "a case without a name")
    if strange := set(table) - KEYS:
        raise CaseError(f"{name}: unknown key {sorted(strange)}")
    base = BASES[table.get("base", "B0")] if table.get("base", "B0") else {}
    drop = set(table.get("drop", ()))
    if lost := drop - {entry["id"] for kind in KINDS for entry in base.get(kind, ())}:
        raise CaseError(f"{name}: nothing to drop under {sorted(lost)}")
    kept = {kind: [e for e in base.get(kind, ()) if e["id"] not in drop] for kind in KINDS}
    return Case(
        name=name,
        as_of=datetime.fromisoformat(table.get("as_of", AS_OF)),
        patient={**base.get("patient", {}), **table.get("patient", {})},
        entries=tuple((kind, e) for kind in KINDS for e in _lay(kind, kept[kind], table.get(kind, []))),
        complete=table.get("complete", base.get("complete", False)),
        answered=tuple(table.get("answered", ())),
        expect=tuple(table.get("expect", ())),
        only=table.get("only", False),
        silent=tuple(table.get("not", ())),
        gaps=tuple(table.get("gaps", ())),
        no_gaps=tuple(table.get("no_gaps", ())),
        status=table.get("status"),
        cap=table.get("cap", {}),
        says=table.get("says", {}),
        unsaid=table.get("unsaid", {}),
    )


def load_cases(path: Path) -> tuple[Case, ...]:
    """Every case of one table, in order."""
    cases = tuple(make_case(table) for table in tomllib.loads(path.read_text()).get("case", ()))
    names = [case.name for case in cases]
    if len(set(names)) < len(names):
        raise CaseError(f"{path.name}: two cases share a name")
    return cases


def every_case() -> Iterator[tuple[str, Case]]:
    """(family, case) over all tables under ``tests/rules``."""
    for path in sorted((HERE / "rules").glob("*/*.toml")):
        for case in load_cases(path):
            yield path.stem, case


@dataclass(frozen=True, slots=True)
class Issue:
    """What a door answered, reduced to what cases ask: one DetectedIssue."""

    rule: str
    severity: str
    preliminary: bool = False
    text: str = ""  # summary and detail
    cap: Any = None  # mg/day, None when nothing is proposed


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer in the same terms; ``gaps`` hold "<rule>:<reason>", or the rule alone."""

    issues: tuple[Issue, ...]
    gaps: tuple[str, ...] = ()
    status: str | None = None


def _issue_faults(case: Case, answer: Answer) -> Iterator[str]:
    found = {(i.rule, i.severity, i.preliminary) for i in answer.issues}
    shown = sorted(f"{rule} {severity}{' preliminary' * early}" for rule, severity, early in found)
    for line in case.expect:
        rule, severity, *early = line.split()
        if (rule, severity, bool(early)) not in found:
            yield f"expected {line}, got {shown}"
    wanted = {line.split()[0] for line in case.expect}
    for issue in answer.issues:
        if issue.rule in case.silent or (case.only and issue.rule not in wanted):
            yield f"{issue.rule} {issue.severity} must stay silent"


def _word_faults(case: Case, answer: Answer) -> Iterator[str]:
    texts: dict[str, str] = {}
    for issue in answer.issues:
        texts[issue.rule] = texts.get(issue.rule, "") + " " + issue.text
    for rule, words in case.says.items():
        yield from (f"{rule} does not say {w!r}: {texts.get(rule)}" for w in words if w not in texts.get(rule, ""))
    for rule, words in case.unsaid.items():
        yield from (f"{rule} says {w!r}: {texts[rule]}" for w in words if w in texts.get(rule, ""))
    for rule, cap in case.cap.items():
        caps = {issue.cap for issue in answer.issues if issue.rule == rule}
        if caps != {None if cap == 0 else cap}:
            yield f"{rule}: cap {caps}, expected {cap}"


def _gap_faults(case: Case, answer: Answer) -> Iterator[str]:
    rules = {gap.split(":")[0] for gap in answer.gaps}
    for gap in case.gaps:
        if gap not in answer.gaps and gap not in rules:
            yield f"expected gap {gap}, got {sorted(answer.gaps)}"
    if case.no_gaps == ("*",):
        yield from (f"gap {gap} must not be there" for gap in answer.gaps)
    yield from (f"gap of {rule} must not be there" for rule in case.no_gaps if rule in rules)


def faults(case: Case, answer: Answer) -> list[str]:
    """Everything in the answer that is not as the case says; empty when all holds."""
    found = [*_issue_faults(case, answer), *_word_faults(case, answer), *_gap_faults(case, answer)]
    if case.status and answer.status is not None and answer.status != case.status:
        found.append(f"status {answer.status}, expected {case.status}; gaps {sorted(answer.gaps)}")
    return found
