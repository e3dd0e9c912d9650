"""What was done or is planned: procedures, requests, diets, care plans, and tasks on orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from ..core.chart import Act
from ..core.concepts import Concept
from ..core.medicines import Medicine, SaidOver, may_name_order
from ..core.moment import Moment
from ..terminology.lookup import Coding
from .bundle import Json
from .page import NO_WORDS, Page, Words, shown
from .read_answers import note_oxygen_target
from .read_medicines import read_medicine
from .read_supplies import is_future
from .teaching import taught

State = Literal["done", "planned", "active", "not-done", "unsure"]

_DONE: dict[str, State] = {
    "completed": "done",
    "in-progress": "done",
    "preparation": "planned",
    "not-done": "not-done",
    "aborted": "unsure",
    "suspended": "unsure",
}
_ASKED = frozenset({"active", "draft", "on-hold"})
_KINDS = dict.fromkeys(("ProcedureRequest", "ReferralRequest"), "ServiceRequest")  # one thing to the rules
_REFERRAL_STATUS = {"requested": "active", "accepted": "active", "cancelled": "revoked", "rejected": "revoked"}
_REFILL: Concept = "proc-pump-refill"
_AT_THE_END = frozenset({_REFILL, "proc-pump-removal", "proc-intrathecal-catheter-removal"})
_TASKS = frozenset({"abort", "suspend", "resume"})
_WHOLE = frozenset(  # what our tables leave out of these is nothing the rules speak of
    {
        "http://www.cms.gov/Medicare/Coding/ICD10",
        "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
        "http://hl7.org/fhir/sid/icd-9-cm",
        "https://baclofen-safety.example/fhir/CodeSystem/baclofen-fact",
    }
)
_DEAD_TASK = frozenset({"rejected", "failed", "cancelled", "entered-in-error", "draft"})


def concepts_of(page: Page, parts: Sequence[Words], more: str = "") -> tuple[frozenset[Concept], str]:
    """Procedure and fact concepts of several elements (by text where no code is known) and their words."""
    terms = page.intake.terms
    codings: list[Coding] = [coding for part in parts for coding in part[0]]
    found = terms.concepts("proc", codings) | terms.concepts("fact", codings) if codings else frozenset()
    text = "; ".join(filter(None, [*(shown(part) for part in parts), more]))
    if not found and text:
        found = terms.text_concepts("proc", text) | terms.text_concepts("fact", text) | taught(text)
    return found, text


def _add(
    page: Page, found: tuple[frozenset[Concept], str], state: State, start: Moment | None, end: Moment | None
) -> None:
    act = Act(
        page.ref,
        _KINDS.get(page.kind, page.kind),
        found[0],
        state,
        start,
        end,
        found[1],
        based_on=page.references("basedOn"),
    )
    if "authoredOn" in page.resource:
        act = replace(act, authored=page.moment("authoredOn"))
    page.intake.acts.append(replace(act, medicine=_filled_with(page)) if _REFILL in found[0] else act)


def words_of(page: Page, key: str = "code") -> Words:
    """A CodeableConcept, or R5's CodeableReference."""
    value = page.resource.get(key)
    if type(value) is list:
        words = [_inner(page, each, key) for each in value]
        return [coding for part in words for coding in part[0]], "; ".join(filter(None, (part[1] for part in words)))
    return _inner(page, value, key)


def _inner(page: Page, value: object, at: str) -> Words:
    if type(value) is dict and "concept" in value:
        value = value["concept"]
    elif type(value) is dict and type(value.get("reference")) is dict:
        return [], page.string("display", value["reference"], f"{at}.")
    return page.words(value, at)


def read_procedure(page: Page) -> None:
    """Add a procedure done, prepared or not done."""
    status = page.string("status").strip().lower()
    if status == "entered-in-error":
        page.tell("not-used", "entered in error")
        return
    words = words_of(page)
    found = concepts_of(page, [words])
    if not found[0]:
        _tell_nameless(page, words)
        return
    state: State = "not-done" if page.resource.get("notDone") is True else _DONE.get(status, "unsure")
    if state == "unsure" and status not in ("unknown", "stopped", "on-hold", "aborted", "suspended"):
        page.stumble("status", "a status of FHIR")
    if outcome := shown(page.words(page.resource.get("outcome"), "outcome")):
        found = (found[0], "; ".join(filter(None, (found[1], outcome))))
    start, end = _performed(page)
    at = (_finished(page) if found[0] & _AT_THE_END else None) or start
    if state == "done" and is_future(page, at):
        return
    _add(page, found, state, at, end)


def _filled_with(page: Page) -> Medicine | None:
    """The product a pump was filled with, among the things the procedure used."""
    for key, each in [(name, one) for name in ("usedReference", "used") for one in page.elements(name)]:
        target = each.get("reference") if type(each.get("reference")) is dict else each
        found = page.intake.record.find(target, page.resource)
        if found is not None and found[1].get("resourceType") == "Medication":
            product = {"medicationReference": target, "contained": page.resource.get("contained")}
            return read_medicine(Page(page.intake, product, page.ref, page.kind, f"{key}."))
    return None


def _tell_nameless(page: Page, words: Words, path: str = "code") -> None:
    """Known by nothing, or by a code alone of a system whose codes are not all in our tables: it may be dialysis,
    surgery, fasting."""
    systems = {page.intake.terms.system(system) for system, _, _ in words[0]}
    if not shown(words) and not systems & _WHOLE:
        says = "known by a code alone that is not in our tables, or by nothing; not assessed"
        page.tell("unrecognised-procedure", says, path, needed=True)


def _performed(page: Page) -> tuple[Moment | None, Moment | None]:
    for stem in ("performed", "occurrence"):
        if f"{stem}DateTime" in page.resource:
            return page.moment(f"{stem}DateTime"), None
        if f"{stem}Period" in page.resource:
            return page.period(f"{stem}Period")
    return None, None


def _finished(page: Page) -> Moment | None:
    return next((page.finished(key) for key in ("performedPeriod", "occurrencePeriod") if key in page.resource), None)


def read_service_request(page: Page) -> None:
    """Add a service asked for: planned while ahead or undated, active once begun."""
    status, asked = page.string("status").strip().lower(), words_of(page)
    if page.kind == "ReferralRequest":
        status, asked = _REFERRAL_STATUS.get(status, status), page.concept("serviceRequested")
    if page.resource.get("doNotPerform") is True or status in ("entered-in-error", "revoked"):
        return
    notes = "; ".join(filter(None, (page.string("text", each, "note.") for each in page.elements("note"))))
    more = "; ".join(filter(None, (notes, *_instructions(page))))
    found = concepts_of(page, [asked, page.concept("category")], more)
    if status == "active":
        note_oxygen_target(page, found[1], page.moment("authoredOn"))
    if not found[0]:
        if status in _ASKED and not found[1]:
            _tell_nameless(page, asked, "serviceRequested" if page.kind == "ReferralRequest" else "code")
        return
    start, end = _occurrence(page)
    if not status:
        page.stumble("status", "a status of FHIR")
    if status in _ASKED or not status:  # asked for, as far as anybody knows
        begun = start is not None and start.first <= page.intake.as_of
        _add(page, found, ("active" if status == "active" else "planned") if begun else "planned", start, end)
        return
    _add(page, found, "done" if status == "completed" and start is not None else "unsure", start, end)


def _instructions(page: Page) -> list[str]:
    """What the patient is told: a string up to R4B, R5's list."""
    said = page.resource.get("patientInstruction")
    if type(said) is str:
        return [said]
    return [
        page.string("instructionMarkdown", each, "patientInstruction.") for each in page.elements("patientInstruction")
    ]


def _occurrence(page: Page) -> tuple[Moment | None, Moment | None]:
    if "occurrenceTiming" in page.resource:
        return _bounds(page, page.element("occurrenceTiming"), "occurrenceTiming.")
    return _performed(page)


def _bounds(page: Page, timing: Json, at: str) -> tuple[Moment | None, Moment | None]:
    """From when until when a Timing at a place lasts."""
    return page.period("boundsPeriod", page.element("repeat", timing, at), f"{at}repeat.")


def read_nutrition_order(page: Page) -> None:
    """Add a diet that is a fact we know (nothing by mouth)."""
    status = page.string("status").strip().lower()
    if status not in _ASKED:
        return
    diet = page.element("oralDiet")
    types = [page.words(each, "oralDiet.type") for each in page.elements("type", diet, "oralDiet.")]
    said = page.string("instruction", diet, "oralDiet.")
    found = concepts_of(page, types, said)
    if not found[0]:
        fed_otherwise = any(key in page.resource for key in ("supplement", "enteralFormula"))
        if not found[1] and (types or not (diet or fed_otherwise)):
            _tell_nameless(page, types[0] if types else NO_WORDS, "oralDiet.type")
        return
    start, end = _diet_times(page, diet)
    start = start or page.moment("dateTime")
    begun = start is None or start.first <= page.intake.as_of
    over = end is not None and end.first <= page.intake.as_of
    _add(page, found, "done" if over else "active" if begun and status == "active" else "planned", start, end)


def _diet_times(page: Page, diet: Json) -> tuple[Moment | None, Moment | None]:
    at = "oralDiet.schedule."
    for schedule in page.elements("schedule", diet, "oralDiet."):
        new = page.elements("timing", schedule, at)  # of R5
        spans = [_bounds(page, one, f"{at}timing.") for one in new] or [_bounds(page, schedule, at)]
        found = next((span for span in spans if span != (None, None)), None)
        if found is not None:
            return found
    return None, None


def read_care_plan(page: Page) -> None:
    """Add a plan that is a fact we know (perioperative plan, oral weaning plan)."""
    status = page.string("status").strip().lower()
    if status not in ("active", "completed"):
        return
    said = "; ".join(filter(None, (page.string("title"), page.string("description"))))
    found = concepts_of(page, [page.concept("category")], said)
    if found[0]:
        start, end = page.period("period")
        state: State = "active" if status == "active" else "done"
        _add(page, found, state, start or page.moment("created"), end)


def read_task(page: Page) -> None:
    """Note when an order was aborted or suspended, and when a hold is planned to end."""
    if page.string("status").strip().lower() in _DEAD_TASK:
        return
    order = page.reference("focus")
    act = next((code for _, code, _ in page.words(page.resource.get("code"), "code")[0] if code in _TASKS), None)
    if order is None or act is None:
        return
    if act == "resume":
        at = page.period("period", page.element("restriction"), "restriction.")[0]
        if at is not None:
            page.intake.resumes[order] = min(at, page.intake.resumes.get(order, at), key=lambda each: each.first)
        return
    at = page.period("executionPeriod")[0]
    said = at or page.moment("lastModified") or page.moment("authoredOn")
    page.intake.said_over[order] = SaidOver(page.ref, said)
    if at is not None:
        page.intake.changes.setdefault(order, []).append(at)


def read_provenance(page: Page) -> None:
    """Note recorded changes of orders. A record of a whole export, or of a creation, is no change."""
    targets = page.references("target")
    activity = {code.upper() for _, code, _ in page.words(page.resource.get("activity"), "activity")[0]}
    if "CREATE" in activity or not targets:
        return
    if not activity and not all(map(may_name_order, targets)):
        return
    at = page.moment("occurredDateTime") or page.finished("occurredPeriod") or page.moment("recorded")
    if at is not None:
        for target in targets:
            page.intake.changes.setdefault(target, []).append(at)
