"""Medicines that stand in words where no reader takes them from: told, as not judged."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

from ..core.classes import SEDATIVES
from ..core.concepts import BACLOFEN, INTRATHECAL_ROUTES
from ..core.dosing import differ
from ..core.medicines import Order
from .bundle import Json
from .page import Page, shown
from .rendered import TOLERANCE
from .sig import read_sig

Passage = tuple[str, str]
"""Where words stand, and the words."""

_ASKED = frozenset({BACLOFEN, *SEDATIVES})
"""Classes of medicines of which a high rule may speak."""
_TAG = re.compile(r"<[^>]*>")
_YES = frozenset({"yes", "y", "ja", "oui", "si", "true"})
_GONE = frozenset({"entered-in-error", "cancelled", "rejected", "retired", "superseded", "revoked"})
_PART = re.compile(r"[;,\n]+|\.(?=\s|$)")
_NUMBER = re.compile(r"\d.*", re.DOTALL)
_NOT_NOW = re.compile(
    r"\b(?:was|were|had|previous\w*|prior|former\w*|until|till|increas\w*|rais\w*|up to|max\w*|may|can|could|if"
    r"|consider\w*|plan\w*|target|goal|from(?= \d)|history|reduc\w*|decreas\w*|titrat\w*"
    r"|taper\w*|wean\w*|step\w*|next|then|change\w*|not?|avoid\w*|interact\w*|caution)\b",
    re.IGNORECASE,
)
"""Words beside a dose that is not, or may not be, the one taken now."""
_IS_TAKEN = re.compile(r"\b(?:tak\w+|uses?|using|on)\b|\d", re.IGNORECASE)
_IN_FORCE = frozenset({"active", "on-hold", "draft", "unknown", "intended"})
_MCG = Decimal(1000)
_DEEPEST = 8


def tell_words(page: Page, known: frozenset[str]) -> None:
    """Tell what the words of a resource name and no order does: ``known`` are the ingredients of all that were read."""
    if page.string("status").strip().lower() in _GONE:
        return
    for at, said in dict.fromkeys(_PASSAGES[page.kind](page)):
        new = _named_anew(page, said, known)
        if new:
            says = f"{', '.join(new)}: named in the words of this {page.kind}, which are not judged"
            page.tell("not-used", says, at, needed=True)
        elif page.intake.terms.medicine((), said).is_baclofen and says_other_dose(page, said, page.intake.orders):
            page.tell("conflict", "its words say another dose of baclofen than the orders", at, needed=True)


def tell_notes(page: Page, known: frozenset[str]) -> None:
    """Tell notes on an order that say another dose than it, or that another medicine is taken."""
    order = next((one for one in page.intake.orders if one.ref == page.ref and one.status in _IN_FORCE), None)
    if order is None or not order.medicine.is_baclofen:
        return
    for said in (page.string("text", each, "note.") for each in page.elements("note")):
        if says_other_dose(page, said, [order]):
            page.tell("conflict", "its note says another dose than its dosages", "note", needed=True)
        for part in _PART.split(said):
            new = _named_anew(page, part, known)
            if new and _IS_TAKEN.search(part) and not _NOT_NOW.search(part):
                page.tell("not-used", f"{', '.join(new)}: named in its note, which is not judged", "note", needed=True)


def _named_anew(page: Page, said: str, known: frozenset[str]) -> list[str]:
    """The medicines that words name, of which a high rule may speak and no order was read."""
    medicine = page.intake.terms.medicine((), said)
    return sorted(name for name, concepts in medicine.parts if concepts & _ASKED and name not in known)


def says_other_dose(page: Page, said: str, orders: list[Order]) -> bool:
    """Do words state a dose of a day of baclofen that no order has?"""
    taken = [one for one in orders if one.medicine.is_baclofen]
    daily = [step.daily for one in taken for step in one.steps if step.daily is not None]
    if not daily:
        return False
    by_pump = any(one.route in INTRATHECAL_ROUTES for one in taken)
    return any(
        all(
            differ(spoken, other, TOLERANCE)
            for spoken in ((dose, dose * _MCG) if by_pump else (dose,))
            for other in (*daily, sum(daily, Decimal()))
        )
        for dose in _doses(page, said, taken[0])
    )


def _doses(page: Page, said: str, order: Order) -> Iterator[Decimal]:
    """The doses of a day, in mg, that parts of the words state of baclofen, or of no medicine by name."""
    for part in _PART.split(said):
        named = page.intake.terms.medicine((), part)
        number = _NUMBER.search(part)
        if number is None or _NOT_NOW.search(part) or (named.ingredients and not named.is_baclofen):
            continue
        for words in (part, number[0]):
            sig = read_sig(words.strip(), order.medicine, page.intake.terms)
            if sig is not None and sig.daily is not None:
                yield sig.daily
                break


def _of_sections(page: Page) -> Iterator[Passage]:
    """The narrative of sections whose entries did not come, or that have none."""
    yield from _sections(page, page.elements("section"), 1)


def _sections(page: Page, sections: list[Json], depth: int) -> Iterator[Passage]:
    for section in sections:
        find = page.intake.record.find
        if not any(find(each, page.resource) for each in page.elements("entry", section, "section.")):
            said = page.string("div", page.element("text", section, "section."), "section.text.")
            yield "section.text", _TAG.sub(" ", said)
        if depth < _DEEPEST:
            yield from _sections(page, page.elements("section", section, "section."), depth + 1)


def _of_answers(page: Page) -> Iterator[Passage]:
    yield from _items(page, page.resource, 1)


def _items(page: Page, holder: Json, depth: int) -> Iterator[Passage]:
    for item in page.elements("item", holder):
        question = page.string("text", item, "item.")
        for answer in page.elements("answer", item, "item."):
            choice = page.element("valueCoding", answer, "item.answer.")
            said = answer.get("valueString") or choice.get("display") or choice.get("code")
            said = said if type(said) is str else ""
            if answer.get("valueBoolean") is True or said.strip().casefold() in _YES:
                said = question
            yield "item.answer", said
            if depth < _DEEPEST:
                yield from _items(page, answer, depth + 1)
        if depth < _DEEPEST:
            yield from _items(page, item, depth + 1)


def _of_request(page: Page) -> Iterator[Passage]:
    """What is asked for; of one that was read as a service the medicine is known by that."""
    if not any(act.ref == page.ref for act in page.intake.acts):
        code = page.element("code")
        words = page.words(code.get("concept", code), "code") if code else ([], "")
        yield "code", shown(words)


def _of_payload(page: Page) -> Iterator[Passage]:
    for each in page.elements("payload"):
        yield "payload", page.string("contentString", each, "payload.")


_PASSAGES: Mapping[str, Callable[[Page], Iterator[Passage]]] = {
    "Composition": _of_sections,
    "QuestionnaireResponse": _of_answers,
    "ServiceRequest": _of_request,
    "ProcedureRequest": _of_request,
    "Communication": _of_payload,
}
NOTED = frozenset({"MedicationRequest", "MedicationStatement"})
"""Types whose notes are looked through."""
WORDED = frozenset(_PASSAGES)
"""Types in whose words medicines are looked for."""
