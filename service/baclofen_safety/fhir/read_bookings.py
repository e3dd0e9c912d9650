"""What is booked and what was scanned: appointments and imaging studies."""

from __future__ import annotations

from ..core.chart import Act
from ..core.dialysis import DIALYSIS
from .booked_words import dialysis_elsewhere, speaks_of_dialysis
from .page import Page
from .read_events import concepts_of, words_of

_ASKED = frozenset({"proposed", "pending", "waitlist"})
_FIXED = frozenset({"booked", "arrived", "checked-in"})
_MRI = "proc-mri"


def read_appointment(page: Page) -> None:
    """Add a booking; one in the past is unsure, a cancelled one is none. What it is for may be in its request."""
    status = page.string("status").strip().lower()
    if status not in _ASKED | _FIXED and status != "fulfilled":
        return
    notes = "; ".join(filter(None, (page.string("text", each, "note.") for each in page.elements("note"))))
    said = page.string("description") or page.string("comment") or notes
    asked = sorted(page.references("basedOn") | page.references("incomingReferral"))
    parts = [words_of(page, key) for key in ("serviceType", "reasonCode", "reason")]
    found = concepts_of(page, parts, said)
    if not found[0]:
        requests = (page.intake.record.resources.get(each) for each in asked)
        kinds = [Page(page.intake, each, page.ref, "ServiceRequest") for each in requests if each is not None]
        parts += [words_of(kind, "code") for kind in kinds]
        found = concepts_of(page, parts, said)
    loosely = bool(found[0] & DIALYSIS) and speaks_of_dialysis(page, parts, said)
    if not found[0] & DIALYSIS:
        found = (found[0] | dialysis_elsewhere(page, found[1]), found[1])
    start, end = page.moment("start"), page.moment("end", is_end=True)
    ahead = start is None or start.first > page.intake.as_of
    if found[0] or "baclofen" in found[1].casefold():
        page.intake.acts.append(
            Act(
                page.ref,
                page.kind,
                found[0],
                "planned" if ahead and status != "fulfilled" else "unsure",
                start,
                end,
                found[1],
                booked=status in _FIXED,
                based_on=frozenset(asked),
                loosely=loosely,
            )
        )


def read_imaging(page: Page) -> None:
    """Add a magnetic resonance scan that was made."""
    if page.string("status").strip().lower() in ("entered-in-error", "cancelled"):
        return
    modality, procedure = (
        page.concept("modality"),
        words_of(page, "procedureCode" if "procedureCode" in page.resource else "procedure"),
    )
    series = [page.words(each.get("modality"), "series.modality") for each in page.elements("series")]
    found = concepts_of(page, [modality, procedure, *series], page.string("description"))
    started = page.moment("started")
    if _MRI not in found[0] or (started is not None and started.first > page.intake.latest):
        return
    page.intake.acts.append(
        Act(
            page.ref, page.kind, frozenset({_MRI}), "done", started, None, found[1], based_on=page.references("basedOn")
        )
    )
