"""What the card says about that which could not be checked: each open question, and each record not received."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from ..core.words import asked, say
from ..fhir.answers import PARTIAL
from .changes import Change, daily_dose
from .detail import SUMMARY_LENGTH
from .grouping import UNKNOWN_MEDICINE, UNREADABLE
from .leaving import NOT_AMONG
from .markdown import clean, cut, escape, plain, section
from .moments import moments
from .occasion import Occasion
from .questions import is_taken_or_not, wants_creatinine
from .session import role_of
from .shown import Shown
from .wording import phrase, phrase_or

_SAYS_ALL = frozenset({"deceased"})
"""Reasons why nothing was judged beside which nothing else matters."""
_PARTS = frozenset({PARTIAL, NOT_AMONG})
"""Why records are not known in full though some of them came."""

_LINE = 400
"""The longest line about one question: a record's words may be in it."""
_WORDS = 40
"""The longest words of a request in a summary."""


def not_checked_parts(shown: Shown, occasion: Occasion, *, creatinine: bool) -> tuple[str, str]:
    """Summary (not yet cut) and detail."""
    lines = [clean(line, _LINE) for line in dict.fromkeys(_lines(shown, occasion))]
    most = moments().most_questions
    if len(lines) > most:
        lines = [*lines[:most], phrase("not_checked.more", n=len(lines) - most)]
    advice = [_kidney_advice(shown)] if creatinine else []
    advice.append(phrase("not_checked.advice"))
    parts = (
        section(phrase("not_checked.found"), map(escape, lines)),
        section(phrase("not_checked.missing"), map(escape, _missing(shown))),
        section(phrase("not_checked.do"), map(escape, advice)),
    )
    return plain(_summary(shown, occasion)), "\n\n".join(part for part in parts if part)


def _summary(shown: Shown, occasion: Occasion) -> str:
    """The questions by name when they are few; else the records that would answer them."""
    if shown.changes:
        return _of_change("summary", shown.changes[0])
    if shown.pump:
        return phrase("change.summary_pump", words=cut(plain(shown.pump[0]), _WORDS))
    if shown.elsewhere:
        return phrase("not_checked.summary_elsewhere")
    if shown.unpaired and not (shown.questions or shown.missing):
        return phrase("not_checked.summary", titles=phrase("change.with", drug=", ".join(shown.unpaired)))
    if shown.beside and not (shown.questions or shown.missing):
        return phrase("not_checked.summary", titles=phrase("change.beside"))
    if shown.questions and not shown.missing and all(map(is_taken_or_not, shown.questions)):
        return phrase("not_checked.summary_taken_or_not")
    titles = dict.fromkeys(
        one.sheet.title_for(one.gap.reason) for one in shown.questions if not (shown.missing and is_taken_or_not(one))
    )
    table = moments()
    no_orders = _lacking(shown.missing) & table.must_have & table.names_baclofen
    if titles and not no_orders and (len(titles) <= table.most_titles or not shown.missing):
        return _naming("not_checked.summary", "titles", titles)
    if shown.missing:
        return _summary_of_missing(shown.missing)
    if shown.lost:
        return phrase(f"not_checked.summary_{_lost(occasion)}")
    if shown.troubles and shown.why not in _SAYS_ALL:
        plain_first = sorted(shown.troubles, key=lambda one: one.kind == UNREADABLE)  # these name elements of FHIR
        return _naming("not_checked.summary", "titles", dict.fromkeys(one.says for one in plain_first))
    return phrase("not_checked.summary_why", why=occasion.book.phrases[shown.why].rstrip("."))


def _naming(key: str, what: str, names: Iterable[str], between: str = "; ") -> str:
    """The sentence with as many names as fit whole, and how many more there are; the first is always named."""
    every = [*names]
    shorter = [
        phrase(key, **{what: between.join((*every[:kept], phrase("not_checked.and_more", n=len(every) - kept)))})
        for kept in range(len(every) - 1, 0, -1)
    ]
    said = [phrase(key, **{what: between.join(every)}), *shorter]
    return next((one for one in said if len(one) <= SUMMARY_LENGTH), said[-1])


def _of_change(key: str, change: Change) -> str:
    """The sentence about an unread change, with what ran until then."""
    return phrase(f"change.{key}", lead=_lead(change.dose), why=phrase(f"change.{change.why}"))


def _lead(dose: Decimal | None) -> str:
    return phrase("card.lead") if dose is None else phrase("card.lead_dose", dose=say(dose))


def _lost(occasion: Occasion) -> str:
    return "lost_entry" if role_of(occasion.call.service) in ("facts", "booking") else "lost"


def _summary_of_missing(missing: Mapping[str, str]) -> str:
    """The records by name; those of which a part came are named only when nothing else lacks."""
    lacking = _lacking(missing)
    first = sorted(lacking or missing, key=lambda key: (key not in moments().must_have, [*missing].index(key)))
    key = "not_checked.summary_missing" if lacking else "not_checked.summary_partial"
    return _naming(key, "records", map(_record, first), ", ")


def _lacking(missing: Mapping[str, str] | None) -> set[str]:
    """The records of which nothing came."""
    return {key for key, why in (missing or {}).items() if why not in _PARTS}


def _record(key: str) -> str:
    return phrase_or(f"records.{key}", "records.other")


def _lines(shown: Shown, occasion: Occasion) -> Iterator[str]:
    if shown.why:
        yield occasion.book.phrases[shown.why]
    for change in shown.changes:
        yield _of_change("found", change)
    for order in shown.beside:
        yield phrase("change.left", lead=_lead(daily_dose(order)))
    for words in shown.pump:
        yield phrase("change.pump", words=words)
    for drug in shown.unpaired:
        yield phrase("change.unpaired", drug=drug)
    if shown.elsewhere:
        yield phrase("not_checked.elsewhere")
    if shown.lost:
        yield phrase(f"not_checked.{_lost(occasion)}")
    for one in asked((*shown.questions, *shown.habitual), occasion.book):
        titled = len(one.sheets) == 1 and not one.text.startswith(one.title)
        yield phrase("not_checked.line", title=one.title, text=one.text) if titled else one.text
    for trouble in shown.troubles:
        unknown = trouble.kind == UNKNOWN_MEDICINE and not trouble.needed
        yield phrase("not_checked.medicine", says=trouble.says) if unknown else trouble.says


def _kidney_advice(shown: Shown) -> str:
    """Why a kidney test is offered: there is none, or one in doubt, or one with nothing to compare it with."""
    reasons, table = {one.gap.reason for one in shown.questions if wants_creatinine(one)}, moments()
    if reasons <= table.creatinine_repeat:
        return phrase("not_checked.advice_repeat")
    doubt = reasons <= table.creatinine_repeat | table.creatinine_doubt
    return phrase("not_checked.advice_doubt" if doubt else "not_checked.advice_creatinine")


def _missing(shown: Shown) -> Iterator[str]:
    """A line for each reason, and the records it stands for."""
    by_reason: dict[str, list[str]] = {}
    for key, reason in (shown.missing or {}).items():
        by_reason.setdefault(phrase_or(f"missing.{reason}", "missing.other"), []).append(_record(key))
    for why, what_all in by_reason.items():
        yield phrase("missing.line", reason=why, what=", ".join(what_all))
