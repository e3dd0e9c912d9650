"""Where people write what no reader takes: by type the words in which a medicine may stand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta

from .bundle import Json
from .page import Page, shown
from .read_observations import taken_at

Passage = tuple[str, str]
"""Where words stand, and the words."""

_TAG = re.compile(r"<[^>]*>")
_YES = frozenset({"yes", "y", "ja", "oui", "si", "true"})
_ALLERGIES = re.compile(r"\s*(?:(?:known|drug|medication|medicine)\s+)*allerg(?:y|ies)\s*[:?]?\s*", re.IGNORECASE)
_SAYS = ("title", "description", "textEquivalent")
_DATES = ("authored", "date", "sent", "received", "authoredOn", "created")
_STILL_COUNTS = timedelta(days=365)
_DEEPEST = 8


def is_old(page: Page) -> bool:
    """Was it written more than a year ago?"""
    if page.kind == "Observation":
        at = taken_at(page)
    else:
        at = next((page.moment(key) for key in _DATES if key in page.resource), None)
    return at is not None and not at.within(_STILL_COUNTS, page.intake.as_of) and at.first <= page.intake.as_of


def _of_sections(page: Page) -> Iterator[Passage]:
    """The narrative of sections of which no entry came, or that have none."""
    for section in sections_of(page):
        find = page.intake.record.find
        if not any(find(each, page.resource) for each in page.elements("entry", section, "section.")):
            said = page.string("div", page.element("text", section, "section."), "section.text.")
            yield "section.text", _TAG.sub(" ", said)


def sections_of(page: Page) -> Iterator[Json]:
    """The sections of a document, those in sections too."""
    inside = [(each, 1) for each in page.elements("section")]
    while inside:
        section, depth = inside.pop()
        yield section
        if depth < _DEEPEST:
            inside += [(each, depth + 1) for each in page.elements("section", section, "section.")]


def _of_answers(page: Page) -> Iterator[Passage]:
    inside = [(page.resource, 0)]
    while inside:
        holder, depth = inside.pop()
        for item in page.elements("item", holder):
            question = page.string("text", item, "item.")
            answers = page.elements("answer", item, "item.")
            yield from (("item.answer", _answered(page, answer, question)) for answer in answers)
            if depth < _DEEPEST:
                inside += [(each, depth + 1) for each in (item, *answers)]


def _answered(page: Page, answer: Json, question: str) -> str:
    """The words of an answer; of a plain yes those of its question."""
    choice = page.element("valueCoding", answer, "item.answer.")
    said = answer.get("valueString") or choice.get("display") or choice.get("code")
    said = said if type(said) is str else ""
    if _ALLERGIES.fullmatch(question) and said:
        return f"allergy: {said}"
    return question if answer.get("valueBoolean") is True or said.strip().casefold() in _YES else said


def _of_request(page: Page) -> Iterator[Passage]:
    """What is asked for; of one that was read as a service the medicine is known by that."""
    if any(act.ref == page.ref for act in page.intake.acts):
        return
    code = page.element("code")
    yield "code", shown(page.words(code.get("concept", code), "code") if code else ([], ""))
    yield from (("orderDetail", shown(page.words(each, "orderDetail"))) for each in page.elements("orderDetail"))
    yield from (("note", page.string("text", each, "note.")) for each in page.elements("note"))


def _of_task(page: Page) -> Iterator[Passage]:
    yield "description", page.string("description")
    yield "code", shown(page.concept("code"))


def _of_payload(page: Page) -> Iterator[Passage]:
    for each in page.elements("payload"):
        yield "payload", page.string("contentString", each, "payload.")


def _of_document(page: Page) -> Iterator[Passage]:
    yield "description", page.string("description")


def _of_flag(page: Page) -> Iterator[Passage]:
    """A warning that was read as nothing else."""
    over = page.string("status").strip().lower() == "inactive"
    if not over and not any(problem.ref == page.ref for problem in page.intake.problems):
        yield "code", shown(page.concept("code"))


def _of_result(page: Page) -> Iterator[Passage]:
    """Results in words: what somebody says that is taken."""
    if "valueString" in page.resource:
        yield "valueString", page.string("valueString")


def _of_activities(page: Page) -> Iterator[Passage]:
    yield from (("activity", said) for said in _planned(page.resource.get("activity")))


def _of_actions(page: Page) -> Iterator[Passage]:
    yield from (("action", said) for said in _planned(page.resource.get("action")))


def _planned(value: object) -> Iterator[str]:
    """What a plan says beside codes, at any depth."""
    if isinstance(value, list):
        for each in value:
            yield from _planned(each)
    elif isinstance(value, dict):
        for key, each in value.items():
            if key in _SAYS and isinstance(each, str):
                yield each
            else:
                yield from _planned(each)


PASSAGES: Mapping[str, Callable[[Page], Iterator[Passage]]] = {
    "Composition": _of_sections,
    "QuestionnaireResponse": _of_answers,
    "ServiceRequest": _of_request,
    "ProcedureRequest": _of_request,
    "Task": _of_task,
    "Communication": _of_payload,
    "DocumentReference": _of_document,
    "Flag": _of_flag,
    "Observation": _of_result,
    "CarePlan": _of_activities,
    "RequestGroup": _of_actions,
    "RequestOrchestration": _of_actions,
}
