"""Every open question says what data would close it, and closes when a caller fetches just that and asks again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from fhir.resources import get_fhir_model_class as model_of_r5
from fhir.resources.R4B import get_fhir_model_class as model_of_r4b
from flask.testing import FlaskClient

from baclofen_safety.assessor import Assessor
from baclofen_safety.fhir.answering_r5 import in_version
from baclofen_safety.fhir.operations import Ask
from baclofen_safety.fhir.requirements import MOST_ALIKE, MOST_CODES, fewest, requirements
from baclofen_safety.fhir.versions import FhirVersion
from baclofen_safety.profiles import locate_profiles
from builders import make_bundle
from cases import Case, every_case
from doors import of_kind
from fetching import empty_search, fetched, merged, resources, with_answers
from golden import FOLDER
from web.fhir_calls import post

Resource = dict[str, Any]
QUESTION = re.compile(r"\? (?P<rule>BAC-\S+) (?P<reason>[a-z-]+)(?: high)?: ")
EACH = 2
"""Cases of a kind that are tried."""
WORST = ("success", "data-requested", "data-required")
OPEN = {
    "a task to abort the order without any date": "no use is after what has no date",
    "an active order of DSTU2 with a reason for its end": "no use is after what has no date",
    "kidney failure in words beside a normal result": "no search by code finds what has words alone",
    "chronic kidney disease, dialysis declined": "no search by code finds what has words alone",
    "stage 5 written down after a normal result": "written down today: only a test of tomorrow is newer",
    "kidney failure written down after a normal result": "written down today: only a test of tomorrow is newer",
    "magnesium sulfate ordered without a route": "only the order itself can say how it is given",
    "an order of a stay that is over for weeks is still active": "only its end, or an order for home, closes it",
}
"""Cases whose question no data of today closes, and why."""
MORE = {
    "150 mcg into the spine, nothing says how: no infusion is known": "what is fetched is of a pump that runs",
    "MRI and an insulin pump": "what is fetched is of a pump that runs",
}
"""Cases in which what is fetched raises questions of its own, and why."""


MUST_BE_THERE = {
    ("BAC-DATA-03", "never"): "kidneys are judged by a test",
    ("BAC-WD-05", "too-early"): "only a plan, or the day itself, closes it",
    ("BAC-DATA-01", "no-order"): "a condition says that baclofen is or was taken",
    ("BAC-DATA-03", "unusable"): "kidneys are judged by a test",
    ("BAC-RENAL-10", "kidney-unknown"): "kidneys are judged by a test",
    ("BAC-COND-13", "no-pressure"): "blood pressure has to be measured",
    ("BAC-IT-03", "weight"): "a child's dose is judged by weight",
    ("BAC-WD-03", "supply-unknown"): "there is an order, so that something was handed over",
    ("BAC-WD-03", "no-order"): "something was handed over, so that there is an order",
    ("BAC-WD-01", "cancelled-late"): "only a person knows whether it was taken",
    ("BAC-WD-01", "stay-over"): "only a person knows whether it is taken",
    ("BAC-WD-01", "entered-in-error"): "only a person knows whether it was taken",
    ("BAC-SX-01", "doses-unknown"): "only a person knows whether doses were missed",
    ("BAC-NEO-01", "mother"): "the newborn withdraws from something",
    ("BAC-IT-06", "screening"): "the dose of the test is what the first dose is judged by",
    ("BAC-IT-02", "dose"): "a pump that runs has a programme",
    ("BAC-DATA-04", "pump"): "a pump that runs has a programme",
    ("BAC-DATA-04", "content-unknown"): "a pump that is there holds something",
    ("BAC-PUMP-01", "no-date"): "a pump that runs has a programme",
    ("BAC-PUMP-02", "volume"): "a pump that runs has a programme",
    ("BAC-PUMP-05", "numbers"): "a pump that runs has a programme",
    ("BAC-PUMP-07", "history"): "a pump that runs has a programme",
    ("BAC-PUMP-04", "no-implant-date"): "a pump that is there was implanted",
}
"""Questions that an empty search does not close, as only a value does, and why."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A question as rules ask it: under one name, for the same data."""

    rule: str
    reason: str
    needs: tuple[str, ...]


@cache
def kinds() -> dict[Kind, list[Case]]:
    """Every kind of question in what the cases say, and the cases that raise it."""
    cases = {(family, case.name): case for family, case in every_case()}
    found: dict[Kind, list[Case]] = {}
    for path in sorted(FOLDER.glob("*.txt")):
        for part in path.read_text("utf-8").removeprefix("== ").split("\n== "):
            name, _, said = part.partition("\n")
            for kind in dict.fromkeys(_questions(said)):
                found.setdefault(kind, []).append(cases[path.stem, name])
    return found


def _questions(said: str) -> Iterator[Kind]:
    for block in re.split(r"\n(?=\S)", said):
        if asked := QUESTION.match(block):
            lines = (line.split() for line in block.splitlines()[1:])
            needs = {" ".join(words[1:]).partition(" since ")[0] for words in lines if words[0] == "needs"}
            yield Kind(asked["rule"], asked["reason"], tuple(sorted(needs)))


TRIED = [
    pytest.param(kind, case, id=f"{kind.rule}:{kind.reason}: {case.name}")
    for kind, cases in sorted(kinds().items(), key=lambda pair: (pair[0].rule, pair[0].reason, pair[0].needs))
    for case in cases[:EACH]
]


def ask(client: FlaskClient, bundle: Resource, as_of: datetime) -> Resource:
    """The GuidanceResponse of an answer."""
    answer = post(client, bundle, query_string={"asOf": as_of.isoformat()})
    assert answer.status_code == 200, answer.text
    (guidance,) = of_kind(answer.json, "GuidanceResponse")
    return guidance


def wanted(assessor: Assessor, kind: Kind, bundle: Resource, as_of: datetime) -> list[Resource] | None:
    """What the questions of a kind want, in all; None when none is asked."""
    asked = assessor.answer(Ask(bundle, as_of=as_of), as_of).verdict.questions
    gaps = [one.gap for one in asked if (one.sheet.id, one.gap.reason) == (kind.rule, kind.reason)]
    return requirements((need for gap in gaps for need in gap.needs), assessor.letterhead.codes) if gaps else None


def test_every_question_of_the_knowledge_is_raised_by_a_case(assessor: Assessor) -> None:
    declared = {(sheet.id, reason) for sheet in assessor.book.sheets.values() for reason in sheet.gaps}
    assert declared - {(kind.rule, kind.reason) for kind in kinds()} == set()
    assert len(declared) > len(assessor.book.sheets)


def test_every_question_says_what_would_close_it() -> None:
    assert [kind for kind in kinds() if not kind.needs] == []


@pytest.mark.parametrize(("kind", "case"), TRIED)
def test_what_was_asked_for_closes_the_question(
    client: FlaskClient, assessor: Assessor, kind: Kind, case: Case
) -> None:
    bundle = make_bundle(case)
    asked = wanted(assessor, kind, bundle, case.as_of)
    assert asked
    before = ask(client, bundle, case.as_of)
    found = merged(one for requirement in in_few(asked, before) for one in fetched(requirement, bundle, case.as_of))
    again = with_answers(bundle, found)
    after = ask(client, again, case.as_of)
    still = wanted(assessor, kind, again, case.as_of) is not None
    assert still == (case.name in OPEN)
    assert (WORST.index(after["status"]) > WORST.index(before["status"])) == (case.name in MORE)


def in_few(asked: list[Resource], guidance: Resource) -> list[Resource]:
    """The requirements of the answer that bring what was asked for: the same, or one for all of the type."""
    said = guidance["dataRequirement"]
    found = [one if one in said else {"type": one["type"]} for one in asked]
    assert [one for one in found if one not in said] == []
    assert not any(one.keys() & {"mustSupport", "dateFilter"} for one in asked if one not in said)
    return [one for at, one in enumerate(found) if one not in found[:at]]


def of_nothing(kind: Kind, case: Case) -> bool:
    """Is it asked for the mere reason that nothing of these types was sent?"""
    held = {one["resourceType"] for one in resources(make_bundle(case))}
    plain = not any(" with " in f" {need} " for need in kind.needs)
    return plain and held.isdisjoint(need.split()[0] for need in kind.needs)


UNSENT = [
    pytest.param(kind, case, id=f"{kind.rule}:{kind.reason}: {case.name}")
    for kind, cases in kinds().items()
    for case in [one for one in cases if of_nothing(kind, one)][:1]
]


@pytest.mark.parametrize(("kind", "case"), UNSENT)
def test_nothing_found_is_an_answer(client: FlaskClient, assessor: Assessor, kind: Kind, case: Case) -> None:
    """A search for just what was asked, that found nothing, closes what was asked for want of any such resource."""
    bundle = make_bundle(case)
    asked = wanted(assessor, kind, bundle, case.as_of)
    assert asked
    before = ask(client, bundle, case.as_of)
    searched = [{"resource": empty_search(one)} for one in in_few(asked, before)]
    again = {**bundle, "entry": [*bundle["entry"], *searched]}
    after = ask(client, again, case.as_of)
    assert WORST.index(after["status"]) <= WORST.index(before["status"])
    still = wanted(assessor, kind, again, case.as_of) is not None
    assert still == ((kind.rule, kind.reason) in MUST_BE_THERE)


def _of_every_kind(assessor: Assessor) -> list[Resource]:
    asked: list[Resource] = []
    for kind, cases in kinds().items():
        for case in cases[:1]:
            asked += wanted(assessor, kind, make_bundle(case), case.as_of) or []
    return asked


@pytest.fixture(scope="module")
def every(assessor: Assessor) -> list[Resource]:
    """Requirements of every kind of question."""
    return _of_every_kind(assessor)


def paths(requirement: Resource) -> list[str]:
    filters = (*requirement.get("codeFilter", ()), *requirement.get("dateFilter", ()))
    return [*requirement.get("mustSupport", ()), *(one["path"] for one in filters)]


def leads_somewhere(model: Any, path: str) -> bool:
    """Is there an element, or a choice of that name, at the end of a path?"""
    first, _, rest = path.partition(".")
    named = {field.alias or name: field for name, field in model.model_fields.items()}
    found = [field for name, field in named.items() if re.fullmatch(rf"{first}([A-Z]\w*)?", name)]
    if not rest:
        return bool(found)
    return any(leads_somewhere(one, rest) for field in found for one in _models(field.annotation))


def _models(annotation: Any) -> Iterator[Any]:
    if hasattr(annotation, "get_model_klass"):
        yield annotation.get_model_klass()
    for one in getattr(annotation, "__args__", ()):
        yield from _models(one)
    for one in getattr(annotation, "__metadata__", ()):
        yield from _models(one)


def test_every_path_is_an_element_of_its_type(every: list[Resource]) -> None:
    wrong = {
        (one["type"], path)
        for one in every
        for path in paths(one)
        if not leads_somewhere(model_of_r4b(one["type"]), path)
    }
    assert wrong == set()
    assert not leads_somewhere(model_of_r4b("Encounter"), "actualPeriod")
    assert not leads_somewhere(model_of_r4b("MedicationRequest"), "dosageInstruction.doseAndRate.amount")


def test_every_path_is_an_element_of_its_type_in_r5(every: list[Resource]) -> None:
    guidance = {"resourceType": "GuidanceResponse", "dataRequirement": every}
    turned = in_version(guidance, FhirVersion.R5)["dataRequirement"]
    wrong = {
        (one["type"], path)
        for one in turned
        for path in paths(one)
        if not leads_somewhere(model_of_r5(one["type"]), path)
    }
    assert wrong == set()


def test_every_value_set_is_published_and_alone_in_its_requirement(every: list[Resource]) -> None:
    """The filters of one requirement all have to match."""
    assert all(len(one.get("codeFilter", ())) <= 1 for one in every)
    named = {each["valueSet"].rsplit("/", 1)[1] for one in every for each in one.get("codeFilter", ())}
    assert {name for name in named if not (locate_profiles() / f"ValueSet-{name}.json").exists()} == set()


def test_what_was_not_dated_is_not_asked_for_since(every: list[Resource]) -> None:
    """A requirement for a date cannot be searched for by that date."""
    dated = [one for one in every if "effective" in one.get("mustSupport", ())]
    assert dated
    assert all("dateFilter" not in one for one in dated)


def test_short_value_sets_are_written_out(every: list[Resource]) -> None:
    filters = [each for one in every for each in one.get("codeFilter", ())]
    creatinine = next(each for each in filters if each["valueSet"].endswith("/lab-creatinine"))
    assert {one["code"] for one in creatinine["code"]} >= {"2160-0", "14682-9"}
    assert any("code" not in each for each in filters)


def of_value_set(name: str, kind: str = "Condition", **more: Any) -> Resource:
    return {"type": kind, "codeFilter": [{"path": "code", "valueSet": f"urn:{name}"}], **more}


SINCE = {"dateFilter": [{"path": "effective", "valuePeriod": {"start": "2026-01-01"}}]}
FILLED = {"type": "Condition", "mustSupport": ["onset"]}
SOME = [of_value_set(str(name)) for name in range(MOST_ALIKE)]


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ([{"type": "Encounter"}, *SOME, {"type": "Condition"}], [{"type": "Encounter"}, {"type": "Condition"}]),
        (SOME, SOME),
        ([*SOME, FILLED, of_value_set("one more")], [{"type": "Condition"}, FILLED]),
        ([of_value_set(name, "Observation") for name in "abcdefgh"],) * 2,
        ([of_value_set("a", "Observation", **SINCE), of_value_set("a", "Observation")],) * 2,
        ([{"type": "Observation"}, of_value_set("a", "Observation", **SINCE)],) * 2,
        ([{"type": "Condition"}, FILLED], [{"type": "Condition"}, FILLED]),
        ([], []),
    ],
)
def test_what_one_search_brings_is_asked_for_once(wanted: list[Resource], said: list[Resource]) -> None:
    assert fewest(wanted) == said


def test_one_order_alone_asks_for_few_searches(client: FlaskClient) -> None:
    (case,) = (case for family, case in every_case() if case.name == "spinal injury at 10 mg/day at 66")
    kept = [one for one in resources(make_bundle(case)) if one["resourceType"] in ("Patient", "MedicationRequest")]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in kept]}
    asked = ask(client, bundle, case.as_of)["dataRequirement"]
    assert [one for one in asked if one["type"] == "Condition"] == [{"type": "Condition"}]
    assert len(asked) < 20


def test_the_page_shows_what_is_asked(assessor: Assessor) -> None:
    """The example of the chapter is what its case gets, and its search the one of the requirement."""
    page = (Path(__file__).parents[2] / "docs" / "integration.md").read_text("utf-8")
    chapter = page.split("### What to send when the answer asks\n")[1].split("\n### ")[0]
    shown = json.loads(chapter.split("```json\n")[1].split("```")[0])
    case = next(case for _, case in every_case() if case.name == "spinal injury at 10 mg/day at 66")
    answer = assessor.answer(Ask(make_bundle(case), as_of=case.as_of), case.as_of).bundle
    (guidance,) = of_kind(answer, "GuidanceResponse")
    assert guidance["dataRequirement"] == [shown]
    assert f"(status `{guidance['status']}`)" in chapter
    (search,) = (link["url"] for link in empty_search(shown)["link"])
    asked = unquote(search.rsplit("/Observation", 1)[1]).replace("patient=p1", "patient=ID")
    assert f"`Observation{asked}`" in chapter
    assert f"Up to {MOST_CODES} codes" in chapter
