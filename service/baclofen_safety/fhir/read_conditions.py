"""Conditions and Flags as problems: which, since when, and whether they still hold."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Literal

from ..core.chart import Measurement, Problem
from ..core.concepts import Concept
from ..core.fact import How
from ..core.moment import Moment
from ..terminology.lookup import Coding
from .kidney_words import is_aside, stage_of
from .numbers import read_number
from .page import Page, Words, shown
from .past_words import year_said

State = Literal["active", "history", "possible"]

_DROPPED = frozenset({"refuted", "entered-in-error"})
_POSSIBLE = frozenset({"unconfirmed", "differential"})
_REAL = frozenset({"", "confirmed", "provisional"})
_ACTIVE = frozenset({"active", "recurrence", "relapse"})
_PAST = frozenset({"inactive", "remission", "resolved"})
_WHOLE = frozenset({"http://hl7.org/fhir/sid/icd-10-cm", "http://hl7.org/fhir/sid/icd-10"})
_FAMILY = "family history"
_WITH_WEEKS: frozenset[Concept] = frozenset({"cond-gestational-age", "cond-pregnancy"})
_MEASURED: Concept = "lab-gestational-age"
_WEEKS = re.compile(
    r"(?<!less than )\b(?P<weeks>\d{1,2})\s+(?:completed\s+)?weeks?\b(?!\s*(?:post|after|ago))", re.IGNORECASE
)
_LATE = re.compile(r"\b(?:third|3rd) trimester\b", re.IGNORECASE)
_ON_IT = re.compile(r"\b(?:long[- ]term|therapy|treatment|pump|taking|on|uses?)\b", re.IGNORECASE)
_NOT_ON_IT = re.compile(
    r"\b(?:allerg\w*|intoleran\w*|adverse|remov\w*|explant\w*|without|not?|never|former\w*|previous\w*|past|history"
    r"|stopped|discontinued|refused|declined|failed|candidate|considered|family|mother|maternal)\b",
    re.IGNORECASE,
)
"""Words beside baclofen that say it is taken, and words that say something else."""
_LATE_FROM = Decimal(28)  # weeks, as ICD-10-CM counts trimesters


def read_condition(page: Page) -> None:
    """Add a problem of any concept we know; refuted ones and family history are told and dropped."""
    words = page.words(page.resource.get("code"), "code")
    concepts, how, code = recognise(page, words)
    if not concepts and not _says_on_baclofen(page, shown(words)):
        if not shown(words) and _is_beyond(page, words[0]):
            says = "a condition known by a code alone that is not in our tables, or by nothing; not assessed"
            page.tell("unrecognised-condition", says, "code", needed=True)
        return
    verified = status_word(page, "verificationStatus")
    if verified in _DROPPED:
        page.tell("not-used", f"condition {verified}")
        return
    if _FAMILY in shown(words).casefold():
        page.tell("not-used", "family history, not the patient's")
        return
    abated = _abated(page)
    state = _state(page, verified, abated is not None or _has_abatement(page))
    onset = _onset(page, shown(words))
    if onset is not None and onset.first > page.intake.latest:
        says = f"begins after the time of the check ({onset}); not used: {shown(words)}"
        page.tell("future", says, needed=state == "active")
        return
    stage = "; ".join(
        filter(None, (shown(page.words(each.get("summary"), "stage")) for each in page.elements("stage")))
    )
    if concepts & _WITH_WEEKS:
        _keep_weeks(page, words, onset)
    page.intake.problems.append(
        Problem(
            ref=page.ref,
            concepts=concepts | stage_of(page, concepts),
            state=state,
            onset=onset,
            recorded=page.moment("recordedDate") or page.moment("assertedDate"),
            abated=abated,
            text=" ".join(filter(None, (shown(words), stage))),
            how=how,
            code=code,
            seen=_seen(page),
            loosely=how == "text" and is_aside(shown(words)),
        )
    )


def _says_on_baclofen(page: Page, said: str) -> bool:
    """Do its words say that baclofen is taken, or that a pump for it is in place?"""
    if not _ON_IT.search(said) or _NOT_ON_IT.search(said):
        return False
    return page.intake.terms.medicine([], said).is_baclofen


def _seen(page: Page) -> Moment | None:
    """When the encounter of the condition began."""
    resource = page.resource
    stay = page.intake.record.find(resource.get("encounter") or resource.get("context"), resource)
    if stay is None:
        return None
    return Page(page.intake, stay[1], stay[0], "Encounter").period(
        "actualPeriod" if "actualPeriod" in stay[1] else "period"
    )[0]


def _keep_weeks(page: Page, words: Words, at: Moment | None) -> None:
    """Weeks of pregnancy stand in the code or in its words: a measurement like any gestational age."""
    weeks = page.intake.terms.weeks(words[0])
    said = _WEEKS.search(shown(words))
    number = Decimal(weeks) if weeks is not None else Decimal(said["weeks"]) if said else None
    if number is None and _LATE.search(shown(words)):
        number = _LATE_FROM
    if number is not None:
        measured = Measurement(page.ref, _MEASURED, at, number, number, unit="wk", shown=f"{number} weeks")
        page.intake.measurements.setdefault(_MEASURED, []).append(measured)


def _is_beyond(page: Page, codings: list[Coding]) -> bool:
    """Is it no known past, and no code of ICD-10? Its tables are whole; of SNOMED CT a part may be shipped."""
    if status_word(page, "verificationStatus") in _DROPPED or status_word(page, "clinicalStatus") in _PAST:
        return False
    return not any(page.intake.terms.system(system) in _WHOLE for system, _, _ in codings)


def read_flag(page: Page) -> None:
    """Add a Flag whose code is a fact or a condition we know."""
    words = page.words(page.resource.get("code"), "code")
    concepts, how, code = recognise(page, words)
    status = page.string("status").strip().lower()
    if status == "entered-in-error":
        return
    if not concepts:
        if not shown(words) and status != "inactive":
            page.tell("unrecognised-condition", "a flag known by a code alone, or by nothing; not assessed", "code")
        return
    start, end = page.period("period")
    start = _past_year(page, shown(words)) or start
    over = status == "inactive" or (end is not None and end.first <= page.intake.as_of)
    page.intake.problems.append(
        Problem(
            *(page.ref, concepts, "history" if over else "active", start, None, end, shown(words), how, code),
            loosely=how == "text" and is_aside(shown(words)),
        )
    )


def recognise(page: Page, words: Words) -> tuple[frozenset[Concept], How, str]:
    """The condition and fact concepts of a code, how they were found, and the dotless code that gave them."""
    terms = page.intake.terms
    codings, text = words
    if codings:
        found = terms.concepts("cond", codings) | terms.concepts("fact", codings)
        if found:
            return found, "coded", _source(page, codings)
    said = text or shown(words)
    if not said:
        return frozenset(), "text", ""
    return terms.text_concepts("cond", said) | terms.text_concepts("fact", said), "text", ""


def _source(page: Page, codings: list[Coding]) -> str:
    if len(codings) > 1:
        terms = page.intake.terms
        codings = [each for each in codings if terms.concepts("cond", [each])] or codings
    return codings[0][1].replace(".", "")


def status_word(page: Page, key: str) -> str:
    """A status as a code: R4's CodeableConcept or STU3's plain code."""
    value = page.resource.get(key)
    if type(value) is str:
        return value.strip().lower()
    codings, text = page.words(value, key)
    return next((code for _, code, _ in codings if code), text).strip().lower()


def _state(page: Page, verified: str, ended: bool) -> State:
    if verified in _POSSIBLE:
        return "possible"
    if verified not in _REAL:
        page.stumble("verificationStatus", "a verification status of FHIR")
        return "possible"
    clinical = status_word(page, "clinicalStatus")
    if clinical in _ACTIVE:
        return "active"
    if clinical in _PAST or (clinical in ("", "unknown") and ended):
        return "history"
    if clinical and clinical != "unknown":
        page.stumble("clinicalStatus", "a clinical status of FHIR; taken as active")
    return "active"


def _abated(page: Page) -> Moment | None:
    if "abatementDateTime" in page.resource:
        return page.moment("abatementDateTime")
    if "abatementPeriod" in page.resource:
        return page.period("abatementPeriod")[1]
    return None


def _has_abatement(page: Page) -> bool:
    return any(
        key[:9] == "abatement" and value not in (False, None) and key not in ("abatementDateTime", "abatementPeriod")
        for key, value in page.resource.items()
    )


def _onset(page: Page, said: str) -> Moment | None:
    """onsetDateTime, onsetPeriod, birth date and onsetAge, a past year in its words, recordedDate, start of the
    encounter."""
    resource = page.resource
    if "onsetDateTime" in resource:
        found = page.moment("onsetDateTime")
    elif "onsetPeriod" in resource:
        found = page.period("onsetPeriod")[0]
    else:
        found = _at_age(page)
    found = found or _past_year(page, said)
    return found or page.moment("recordedDate") or page.moment("assertedDate") or _seen(page)


def _past_year(page: Page, said: str) -> Moment | None:
    """The year the words give, if all of it lies behind us."""
    year = year_said(said, page.intake.zone)
    return year if year is not None and year.last < page.intake.as_of else None


def _at_age(page: Page) -> Moment | None:
    age = page.element("onsetAge")
    years, birth = read_number(age.get("value")), page.intake.birth
    if years is None or birth is None or not 0 <= years < 130 or age.get("code") not in (None, "a"):
        return None
    if age.get("code") is None and age.get("unit") not in ("years", "year", "yr", "a"):
        return None
    first = _shifted(birth, int(years))
    return Moment(first.first, _shifted(birth, int(years) + 1).first, "year")


def _shifted(moment: Moment, years: int) -> Moment:
    day = moment.first
    at = day.replace(year=day.year + years, day=min(day.day, 28))
    return Moment(at, at, "time")
