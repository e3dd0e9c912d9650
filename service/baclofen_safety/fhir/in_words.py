"""Medicines that stand in words where no reader takes them from: told, as not judged."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from ..core.classes import SEDATIVES
from ..core.concepts import BACLOFEN, INTRATHECAL_ROUTES
from ..core.dosing import differ
from ..core.medicines import Order
from ..terminology.lookup import Coding
from .page import Page, shown
from .passages import PASSAGES, is_old
from .rendered import TOLERANCE
from .sig import read_sig

_ASKED = frozenset({BACLOFEN, *SEDATIVES})
"""Classes of medicines of which a high rule may speak."""
_GONE = frozenset({"entered-in-error", "cancelled", "rejected", "retired", "superseded", "revoked"})
_PLANS = frozenset({"CarePlan", "RequestGroup", "RequestOrchestration", "ServiceRequest", "ProcedureRequest"})
"""Types that say what is to be done."""
_OVER = frozenset({"completed", "stopped"})
"""When that is to be done no more."""
_PART = re.compile(r"[;,\n]+|\.(?=\s|$)")
_NUMBER = re.compile(r"\d.*", re.DOTALL)
_NOT_NOW = re.compile(
    r"\b(?:was|were|had|previous\w*|prior|former\w*|until|till|increas\w*|rais\w*|up to|max\w*|may|can|could|if"
    r"|consider\w*|plan\w*|target|goal|from(?= \d)|history|reduc\w*|decreas\w*|titrat\w*"
    r"|taper\w*|wean\w*|step\w*|next|then|change\w*|not?|avoid\w*|interact\w*|caution)\b",
    re.IGNORECASE,
)
"""Words beside a dose that is not, or may not be, the one taken now."""
_DENIED = re.compile(
    r"\b(?:no|not|never|den(?:y|ies|ied)|allerg\w*|stopped|discontinued|avoid\w*|without"
    r"|negative for(?!.*\b(?:positive|takes?|taking|on)\b))\b",
    re.IGNORECASE,
)
_DENIED_ALL = re.compile(
    r"\bden(?:y|ies|ied)\b.*\b(?:opioids?|opiates?|drugs?|medic\w*|sedat\w*|us(?:e|es|ing)|taking)\b", re.IGNORECASE
)
_ITEM = re.compile(r"\s*(?:(?:and|or|nor)\s+)?[\w-]+\)?\s*", re.IGNORECASE)
"""What goes on with a list that is denied: one word."""
_SCREEN = re.compile(r"\bscreen(?:ing)?\b", re.IGNORECASE)
_BESIDE_SCREEN = re.compile(
    r"\b(?:tak\w+|us(?:es|ing)|continu\w*|start\w*|prescri\w*|positive|on|mg|mcg|dose|clinic|patient)\b", re.IGNORECASE
)
"""Words by which a screen for a medicine says that it is taken."""
_REQUESTS = frozenset({"ServiceRequest", "ProcedureRequest"})
_SENTENCE = re.compile(r"[;\n]+|\.(?=\s|$)")
_TIME_OF_DAY = re.compile(
    r"\b(?:morning|noon|midday|afternoon|evening|night|bedtime|breakfast|lunch|dinner|supper|am|pm)\b", re.IGNORECASE
)
_MILLIGRAMS = re.compile(r"\b(\d+(?:[.,]\d+)?)\s*mg\b", re.IGNORECASE)
_IS_TAKEN = re.compile(r"\b(?:tak\w+|uses?|using|on)\b|\d", re.IGNORECASE)
_IN_FORCE = frozenset({"active", "on-hold", "draft", "unknown", "intended"})
_DOSAGES = ("dosageInstruction", "dosage")
_MCG = Decimal(1000)


def tell_words(page: Page, known: frozenset[str]) -> None:
    """Tell what the words of a resource name and no order does: ``known`` are the ingredients of all that were read."""
    status = page.string("status").strip().lower()
    if status in _GONE or (page.kind in _PLANS and status in _OVER) or is_old(page):
        return
    for at, said in dict.fromkeys(PASSAGES[page.kind](page)):
        screen = page.kind in _REQUESTS and _SCREEN.search(said) and not _BESIDE_SCREEN.search(said)
        parts = _affirmed(said) if not screen else [f"no {part}" for part in _PART.split(said)]
        new = sorted({name for part in parts for name in named_anew(page, part, known)})
        if new:
            says = f"{', '.join(new)}: named in the words of this {page.kind}, which are not judged"
            page.tell("not-used", says, at, needed=True)
        elif page.intake.terms.medicine((), said).is_baclofen and says_other_dose(page, said, page.intake.orders):
            page.tell("conflict", "its words say another dose of baclofen than the orders", at, needed=True)


def _affirmed(said: str) -> Iterator[str]:
    """The parts of the words; those that only go on with a list of what is denied are marked as denied."""
    for sentence in _SENTENCE.split(said):
        denied = False
        for part in _PART.split(sentence):
            denied = bool(_DENIED_ALL.search(part) or (denied and _ITEM.fullmatch(part)))
            yield f"no {part}" if denied else part


def tell_notes(page: Page, order: Order, known: frozenset[str]) -> None:
    """Tell words beside an order of baclofen that say another dose than it, or that another medicine is taken; beside
    one of a medicine nobody knows, those that name one."""
    if order.status not in _IN_FORCE:
        return
    if not order.medicine.is_baclofen:
        _tell_meant(page, known)
        return
    for said in (page.string("text", each, "note.") for each in page.elements("note")):
        if says_other_dose(page, said, [order]):
            page.tell("conflict", "its note says another dose than its dosages", "note", needed=True)
        for part in _PART.split(said):
            new = named_anew(page, part, known)
            if new and _IS_TAKEN.search(part) and not _NOT_NOW.search(part):
                page.tell("not-used", f"{', '.join(new)}: named in its note, which is not judged", "note", needed=True)
    for at in _DOSAGES:
        for dosage in page.elements(at):
            added = (shown(page.words(each, at)) for each in page.elements("additionalInstruction", dosage, f"{at}."))
            if any(_names_other_amount(said, order) for said in added):
                says = "its additional instruction names another amount than its dosages"
                page.tell("conflict", says, f"{at}.additionalInstruction", needed=True)


def _tell_meant(page: Page, known: frozenset[str]) -> None:
    """Tell the medicine that the words of an order name whose own medicine was not recognised."""
    for at in (*_DOSAGES, "note"):
        for each in page.elements(at):
            said = " ; ".join(page.string(key, each, f"{at}.") for key in ("text", "patientInstruction"))
            if new := named_anew(page, said, known):
                page.tell("not-used", f"{', '.join(new)}: named in the words of this order", at, needed=True)


def _names_other_amount(said: str, order: Order) -> bool:
    """Do words name an amount in mg that is neither a dose of the order nor its strength?"""
    strength = order.medicine.strength
    known = {amount for step in order.steps for amount in (step.single, step.daily, step.written_value)}
    known |= {strength.mg} if strength else set()
    return any(Decimal(one.replace(",", ".")) not in known for one in _MILLIGRAMS.findall(said))


def named_anew(page: Page, said: str, known: frozenset[str], codings: Sequence[Coding] = ()) -> list[str]:
    """The medicines that words or codes name, of which a high rule may speak and no order was read. Those denied are
    left out, but for baclofen."""
    denied = _DENIED.search(said) is not None
    return sorted(
        name
        for name, concepts in page.intake.terms.medicine(codings, said).parts
        if concepts & _ASKED and name not in known and not (denied and BACLOFEN not in concepts)
    )


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
    for sentence in _SENTENCE.split(said):
        parts = _PART.split(sentence)
        doses = [list(_dose(page, part, order)) for part in parts]
        if len(parts) > 1 and all(doses) and all(map(_TIME_OF_DAY.search, parts)):
            yield sum((dose for found in doses for dose in found), Decimal())
        else:
            yield from (dose for found in doses for dose in found)


def _dose(page: Page, part: str, order: Order) -> Iterator[Decimal]:
    """The one dose of a day a part states, if it does."""
    named = page.intake.terms.medicine((), part)
    number = _NUMBER.search(part)
    if number is None or _NOT_NOW.search(part) or (named.ingredients and not named.is_baclofen):
        return
    for words in (part, number[0]):
        sig = read_sig(words.strip(), order.medicine, page.intake.terms)
        if sig is not None and sig.daily is not None:
            yield sig.daily
            return


ORDERED = frozenset({"MedicationRequest", "MedicationStatement"})
"""Types that are read as orders."""
