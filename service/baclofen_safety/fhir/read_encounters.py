"""Encounters as stays: is the hospital giving the medicines, and is the stay current?"""

from __future__ import annotations

from ..core.chart import Stay
from ..core.moment import Moment
from .page import Page, shown
from .read_reasons import read_reasons, reasons_of
from .who_ordered import key_of

_INPATIENT = frozenset({"imp", "acute", "nonac", "ss", "obsenc", "emer", "inpatient", "emergency"})
_OUTPATIENT = frozenset({"amb", "fld", "hh", "vr", "prenc", "ambulatory", "outpatient", "virtual", "home", "field"})
_V2_CLASS = "v2-0004"  # the one-letter classes of HL7 v2
_V2 = {"i": "imp", "e": "emer", "b": "imp", "o": "amb", "r": "amb", "p": "prenc"}
_HERE = frozenset({"arrived", "in-progress", "onleave", "triaged", "on-hold"})
_NEVER = frozenset({"planned", "cancelled", "entered-in-error"})


def read_encounter(page: Page) -> None:
    """Add a stay; planned and cancelled encounters are none."""
    status = page.string("status").strip().lower()
    if status == "entered-in-error":
        page.tell("not-used", "entered in error")
    if status in _NEVER:
        return
    start, end = period_of(page)
    current = _is_current(page, status, start, end)
    if current and not _classes(page) & (_INPATIENT | _OUTPATIENT) and not _is_inpatient(page):
        page.stumble("class", "a class of FHIR; whether it is a hospital stay is unknown", needed=True)
    read_reasons(page, start)
    reason = "; ".join(filter(None, map(shown, reasons_of(page))))
    page.intake.stays.append(
        Stay(
            page.ref,
            _is_inpatient(page),
            current,
            start,
            end,
            reason,
            _attender(page),
            _people(page),
            _service(page),
        )
    )


def is_current_inpatient(page: Page) -> bool:
    """Is this encounter an inpatient stay that holds ``as_of``? For resources that refer to it."""
    status = page.string("status").strip().lower()
    if status in _NEVER or not _is_inpatient(page):
        return False
    return _is_current(page, status, *period_of(page))


def period_of(page: Page) -> tuple[Moment | None, Moment | None]:
    """Start and end of a stay, in R4's or R5's place."""
    return page.period("actualPeriod") if "actualPeriod" in page.resource else page.period("period")


def _is_inpatient(page: Page) -> bool:
    """R4's Coding, R5's list of concepts, STU3's words."""
    words = _classes(page)
    return bool(words & _INPATIENT) or any("inpatient" in word for word in words)


def _classes(page: Page) -> set[str]:
    """Every code and word of the class in lower case."""
    codings, text = page.concept("class")
    words = {part.lower() for _, code, display in codings for part in (code, display)}
    words |= {_V2[code.lower()] for system, code, _ in codings if _V2_CLASS in system and code.lower() in _V2}
    return words | {text.lower()}


def _is_current(page: Page, status: str, start: Moment | None, end: Moment | None) -> bool:
    now = page.intake.as_of
    if start is not None and start.first > now:
        return False
    if end is not None:
        return start is not None and now < end.first
    return status in _HERE


def _attender(page: Page) -> str | None:
    for each in page.elements("participant"):
        kinds = [code for kind in page.elements("type", each) for _, code, _ in page.words(kind, "participant.type")[0]]
        if "ATND" in kinds:
            return page.reference("individual", each, "participant.") or page.reference("actor", each, "participant.")
    return None


def _people(page: Page) -> frozenset[str]:
    """Everybody who took part, in the words in which orders name who wrote them."""
    parts = page.elements("participant")
    keys = (key_of(page.element(key, each, "participant."), page) for each in parts for key in ("individual", "actor"))
    return frozenset(key for key in keys if key)


def _service(page: Page) -> str:
    """The kind of visit and the service, R5's lists included, and the name of the clinic."""
    said = [shown(page.concept(key)) for key in ("type", "serviceType")]
    said += [shown(page.words(each.get("concept"), "serviceType")) for each in page.elements("serviceType")]
    return "; ".join(filter(None, [*said, page.string("display", page.element("serviceProvider"))]))
