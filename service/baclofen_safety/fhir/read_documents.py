"""Communications and documents: what was taught and what is on file."""

from __future__ import annotations

from ..core.chart import Act
from ..core.concepts import Concept
from ..core.moment import Moment
from .bundle import Json
from .page import Page, Words, shown
from .read_events import words_of
from .read_supplies import is_future
from .teaching import taught

_BY_WORDS: frozenset[Concept] = frozenset(
    {
        "fact-starter-education",
        "fact-pump-education",
        "fact-discharge-teaching",
        "fact-medical-alert-id",
        "fact-benefit-review",
        "fact-perioperative-baclofen-plan",
        "fact-oral-weaning-plan",
        "fact-rescue-supply",
    }
)
"""What the words of a letter or a talk may stand for; anything else in them may be mere talk."""
_ALARM: Concept = "fact-pump-alarm"
_ALARMS: frozenset[Concept] = frozenset(
    {
        _ALARM,
        "fact-alarm-empty",
        "fact-alarm-end-of-service",
        "fact-alarm-low-reservoir",
        "fact-alarm-memory",
        "fact-alarm-motor-stall",
        "fact-alarm-replacement-due",
        "fact-alarm-test",
        "fact-alarm-unspecified",
    }
)
_THEIR_OWN = ("Patient/", "RelatedPerson/")


def read_communication(page: Page) -> None:
    """Add a talk that took place."""
    if page.string("status").strip().lower() != "completed":
        return
    parts = [page.concept("topic"), page.concept("category"), words_of(page, "reasonCode"), words_of(page, "reason")]
    said = "; ".join(filter(None, (_content(page, each) for each in page.elements("payload"))))
    _keep(page, parts, said, "sent", page.moment("sent") or page.moment("received"))


def _content(page: Page, payload: Json) -> str:
    """The words of a payload: R4's string, R5's concept."""
    if "contentCodeableConcept" in payload:
        return shown(page.words(payload["contentCodeableConcept"], "payload.contentCodeableConcept"))
    return page.string("contentString", payload, "payload.")


def _alarm(page: Page, parts: list[Words], said: str) -> frozenset[Concept]:
    """A pump alarm that a talk is about by its topic, or that the patient or a relative tells; else nothing.

    A document is about none. What others say of alarms may be teaching. The kind of alarm is looked for in all words.
    """
    if page.kind != "Communication":
        return frozenset()
    terms = page.intake.terms
    topic = "; ".join(filter(None, (shown(part) for part in parts)))
    words = "; ".join(filter(None, (topic, said)))
    own = (page.reference("sender") or "").startswith(_THEIR_OWN)
    about = terms.text_concepts("fact", words if own else topic) & _ALARMS
    if not about:
        if terms.text_concepts("fact", words) & _ALARMS:
            page.tell("not-used", "words about a pump alarm, not told by the patient or a relative: not taken for one")
        return frozenset()
    return frozenset({_ALARM}) | (terms.text_concepts("fact", words) & _ALARMS)


def read_device_alert(page: Page) -> None:
    """Add an alarm a device told by itself (R6), in its codes or words; one that is off again says so."""
    if page.string("status").strip().lower() == "entered-in-error":
        return
    terms = page.intake.terms
    codings, text = page.concept("code")
    text = text or shown((codings, ""))
    found = terms.concepts("fact", codings) | terms.text_concepts("fact", text)
    if not found & _ALARMS:
        return
    at = page.moment("occurrenceDateTime") or page.period("occurrencePeriod")[0]
    if at is not None and is_future(page, at):
        return
    text = f"{text}; cleared" if page.flag("presence") is False else text
    page.intake.acts.append(Act(page.ref, page.kind, found & _ALARMS, "done", at, None, text))


def read_document(page: Page) -> None:
    """Add a document that is in force."""
    if page.string("status").strip().lower() not in ("", "current") or page.string("docStatus") == "entered-in-error":
        return
    parts = [page.concept("type"), page.concept("category")]
    _keep(page, parts, page.string("description"), "date", page.moment("date") or _made(page))


def _made(page: Page) -> Moment | None:
    """When what the document holds was made."""
    files = (page.element("attachment", each) for each in page.elements("content"))
    return next((at for each in files if (at := page.moment("creation", each, "content.attachment."))), None)


def _keep(page: Page, parts: list[Words], more: str, date: str, at: Moment | None) -> None:
    terms = page.intake.terms
    text = "; ".join(filter(None, [*(shown(part) for part in parts), more]))
    found = terms.concepts("fact", [coding for part in parts for coding in part[0]])
    if not found and text:
        found = (terms.text_concepts("fact", text) & _BY_WORDS) or taught(text) or _alarm(page, parts, more)
    if not found or (at is not None and is_future(page, at)):
        return
    if at is None:
        page.stumble(date, "a date; when this was done is not known")
    page.intake.acts.append(Act(page.ref, page.kind, found, "done", at, None, text))
