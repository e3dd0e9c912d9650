"""Orders beside the content are judged as if they stood in it."""

from __future__ import annotations

from typing import Any

import pytest

from baclofen_safety.assessor import Answer, Assessor
from baclofen_safety.fhir.operations import Ask
from baclofen_safety.fhir.session_orders import ref_of, with_orders
from builders import make_bundle
from cases import Case, every_case

Json = dict[str, Any]
ORDER = "MedicationRequest"


def first_cases() -> dict[str, Case]:
    """The first case with an order for each rule that fires."""
    found: dict[str, Case] = {}
    for _, case in every_case():
        if any(kind == "order" for kind, _ in case.entries):
            for expected in case.expect:
                found.setdefault(expected.split()[0].split(":")[0], case)
    return found


CASES = first_cases()


def said(answer: Answer) -> tuple[object, ...]:
    issues = [(one.sheet.id, one.severity, one.preliminary) for one in answer.verdict.issues]
    return (answer.verdict.status, issues, answer.verdict.questions)


def is_order(entry: Json) -> bool:
    return bool(entry["resource"]["resourceType"] == ORDER)


@pytest.mark.parametrize("rule", CASES)
def test_an_order_beside_the_content_is_judged_as_one_in_it(assessor: Assessor, rule: str) -> None:
    case = CASES[rule]
    bundle = make_bundle(case)
    orders = tuple(entry["resource"] for entry in bundle["entry"] if is_order(entry))
    rest = {**bundle, "entry": [entry for entry in bundle["entry"] if not is_order(entry)]}
    assert orders
    inside, beside = assessor.answer(Ask(bundle), case.as_of), assessor.answer(Ask(rest, orders=orders), case.as_of)
    assert said(inside) == said(beside)
    again = assessor.answer(Ask(bundle, orders=orders), case.as_of)
    assert said(inside) == said(again)


def copy(status: str, updated: str = "", version: str = "") -> Json:
    meta = {key: value for key, value in (("versionId", version), ("lastUpdated", updated)) if value}
    return {"resourceType": ORDER, "id": "a", "status": status} | ({"meta": meta} if meta else {})


@pytest.mark.parametrize(
    ("held", "order", "since"),
    [
        ([copy("active")], copy("stopped"), "2026-11-20T12:00:00+00:00"),
        ([copy("active", "2026-01-01T00:00:00Z")], copy("stopped", "2026-11-01T00:00:00Z"), "2026-11-01T00:00:00Z"),
        (
            [copy("active", "2026-11-02T00:00:00Z")],
            copy("stopped", "2026-11-01T00:00:00Z"),
            "2026-11-20T12:00:00+00:00",
        ),
        ([copy("active", "2026-01-01T00:00:00Z", "7")], {**copy("active"), "note": []}, "2026-01-01T00:00:00Z"),
        (
            [copy("active", version="2"), copy("draft", version="1")],
            copy("stopped", version="1"),
            "2026-11-20T12:00:00+00:00",
        ),
    ],
)
@pytest.mark.parametrize("nested", [False, True])
def test_the_order_is_the_newest_version(
    assessor: Assessor, held: list[Json], order: Json, since: str, nested: bool
) -> None:
    bundle: Json = {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": one} for one in held]}
    if nested:
        bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": bundle}]}
    laid = with_orders(bundle, [order], case_time())
    *_, last = laid["entry"]
    assert last["resource"]["status"] == order["status"]
    assert last["resource"]["meta"]["lastUpdated"] == since
    assert last["resource"]["meta"]["versionId"] == str(len(held) + 1)
    older = laid["entry"][0]["resource"]["entry"] if nested else laid["entry"][:-1]
    numbers = {one["resource"]["status"]: one["resource"]["meta"]["versionId"] for one in older}
    assert numbers.get("draft", "1") == "1"
    assert numbers["active"] == str(len(held))


def case_time() -> Any:
    return next(iter(CASES.values())).as_of


def test_what_is_held_already_is_left_alone() -> None:
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": copy("active", version="3")}]}
    assert with_orders(bundle, [copy("active")], case_time()) == bundle
    assert with_orders({**bundle, "entry": "Secret"}, [copy("active")], case_time())["entry"] == [
        {"resource": copy("active")}
    ]


def test_an_order_without_an_id_is_called_by_its_content() -> None:
    nameless = {"resourceType": ORDER, "status": "active"}
    assert ref_of(nameless) == ref_of(dict(nameless)) != ref_of({**nameless, "status": "draft"})
    (entry,) = with_orders({"resourceType": "Bundle"}, [nameless, nameless], case_time())["entry"]
    assert entry["fullUrl"] == ref_of(nameless)


def test_an_order_whose_dates_are_past_is_told_as_one_that_ended(assessor: Assessor) -> None:
    case = CASES["BAC-DOSE-01"]
    (order,) = (entry["resource"] for entry in make_bundle(case)["entry"] if is_order(entry))
    order["status"] = "active"
    repeat = order["dosageInstruction"][0]["timing"]["repeat"]
    for end, said in (("2025-12-20", ("warning", True)), ("2036-12-20", ("information", False))):
        repeat["boundsPeriod"] = {"start": "2025-11-20", "end": end}
        outcome = outcome_of(assessor.answer(Ask({"resourceType": "Bundle"}, orders=(order,)), case.as_of))
        (line,) = (one for one in outcome["issue"] if one["details"]["text"].startswith("Asked about."))
        assert (line["severity"], "dates are past" in line["details"]["text"]) == said


def outcome_of(answer: Answer) -> Json:
    resources = (entry["resource"] for entry in answer.bundle["entry"])
    return next(one for one in resources if one["resourceType"] == "OperationOutcome")
