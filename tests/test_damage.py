"""Damaged input: what fired never turns into "judged, nothing found" without a word.

Every leaf and every branch of every resource of cases that fire is dropped, and retyped or given a value nobody knows
(one of four ways in turn), and every resource is dropped or replaced, one at a time. An order that is not there at all
asks no question, so baclofen itself is never dropped whole; a patient or a record that says less may say so with any
gap. Every case of every table is damaged in a few places too: nothing breaks, and order does not matter.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle
from typing import Any

import pytest

from baclofen_safety.assessor import Assessor
from baclofen_safety.config import Settings
from baclofen_safety.errors import BadInput
from baclofen_safety.fhir.operations import Ask
from builders import make_bundle
from cases import every_case, make_case

FIRING: dict[str, dict[str, Any]] = {
    "eGFR 30-44 from creatinine": {
        "patient": {"sex": "female", "age": 70},
        "lab": [{"id": "creatinine", "value": 1.4}],
    },
    "clearance worse than the eGFR": {
        "patient": {"sex": "female", "age": 80, "weight": 50, "height": 0},
        "order": [{"id": "order", "dose": "15 mg", "times": 1}],
        "lab": [{"id": "creatinine", "value": 0.8}],
    },
    "creatinine up within two days": {
        "drop": ["creatinine"],
        "lab": [
            {"id": "before", "what": "creatinine", "value": 0.8, "at": "-47h"},
            {"id": "after", "what": "creatinine", "value": 1.1, "at": "-1h"},
        ],
    },
    "90 mg a day": {"order": [{"id": "order", "dose": "30 mg"}]},
    "stopped": {"order": [{"id": "order", "status": "stopped", "updated": "-1d"}]},
    "micrograms by mouth": {"order": [{"id": "order", "dose": "10 mcg"}]},
    "refill gap": {
        "drop": ["supply-1", "supply-2", "supply-3"],
        "supply": [{"id": "supply", "at": "-36d", "days": 30}],
    },
}
DAMAGES: dict[str, Any] = {
    "dropped": None,
    "a number": 7,
    "a word": "qqq",
    "a list": ["qqq"],
    "an object": {"qqq": "qqq"},
}


def places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value below a node."""
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in children:
        yield (*path, key)
        yield from places(value, (*path, key))


def damage(bundle: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    """A copy with one value replaced, or dropped (None)."""
    broken = copy.deepcopy(bundle)
    at: Any = broken
    for key in path[:-1]:
        at = at[key]
    if value is None:
        del at[path[-1]]
    else:
        at[path[-1]] = copy.deepcopy(value)
    return broken


def is_the_order(bundle: dict[str, Any], path: tuple[Any, ...]) -> bool:
    """Does the path take a whole baclofen record, or what names the resource, out of the input?"""
    resource = bundle["entry"][path[1]]["resource"] if len(path) > 1 else {}
    return len(path) < 2 or (str(resource.get("resourceType", "")).startswith("Medication") and len(path) <= 3)


def is_another_answer(bundle: dict[str, Any], path: tuple[Any, ...], value: Any) -> bool:
    """A number for a number is no damage: 7 mg is a dose like another."""
    at: Any = bundle
    for key in path:
        at = at[key]
    return isinstance(at, int | float) and isinstance(value, int)


@pytest.mark.parametrize("name", FIRING)
def test_damage_is_never_silent(name: str, assessor: Assessor) -> None:
    case = make_case({"name": name, "complete": False, **FIRING[name]})
    bundle = make_bundle(case)
    quick = replace(assessor, settings=Settings())
    assert quick.answer(Ask(bundle, as_of=case.as_of), case.as_of).verdict.issues
    silent = []
    others = cycle([said for said in DAMAGES if said != "dropped"])
    for path in places(bundle):
        for said in ("dropped", next(others)):
            value = DAMAGES[said]
            if (value is None and is_the_order(bundle, path)) or is_another_answer(bundle, path, value):
                continue
            try:
                verdict = quick.answer(Ask(damage(bundle, path, value), as_of=case.as_of), case.as_of).verdict
            except BadInput:
                continue
            if not verdict.issues and verdict.status == "success":
                silent.append((said, ".".join(map(str, path))))
    assert silent == []


def test_damage_breaks_no_rule(assessor: Assessor) -> None:
    quick = replace(assessor, settings=Settings())
    chance = random.Random(20261120)
    for _, case in every_case():
        bundle = make_bundle(case)
        for path in chance.sample(list(places(bundle["entry"])), 2):
            broken = damage(bundle, ("entry", *path), DAMAGES[chance.choice(list(DAMAGES))])
            try:
                verdict = quick.answer(Ask(broken, as_of=case.as_of), case.as_of).verdict
            except BadInput:
                continue
            assert not [question.sheet.id for question in verdict.questions if question.broken], (case.name, path)


def is_poor_answer(resource: dict[str, Any]) -> bool:
    """An answer that failed or came in part."""
    if resource["resourceType"] != "Bundle":
        return False
    pages = [link["relation"] for link in resource.get("link", ())]
    kinds = [each["resource"]["resourceType"] for each in resource.get("entry", ())]
    return "next" in pages or "OperationOutcome" in kinds


def test_the_order_of_entries_matters_in_no_case(assessor: Assessor) -> None:
    """But for the place of an answer that failed or came in part: it has no other name."""
    quick = replace(assessor, settings=Settings())
    for _, case in every_case():
        bundle = make_bundle(case)
        if any(is_poor_answer(entry["resource"]) for entry in bundle["entry"]):
            continue
        turned = {**bundle, "entry": bundle["entry"][::-1]}
        one, other = (quick.answer(Ask(each, as_of=case.as_of), case.as_of).bundle for each in (bundle, turned))
        assert one == other, case.name
