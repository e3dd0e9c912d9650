"""Sigs that state several doses: parts of one day, and steps one after the other.

"10 mg in the morning, 20 mg at noon" is two dosages at once, "5 mg TID for 3 days, then 10 mg TID" two in a row. They
are read as the dosages they stand for when every part is understood; else the greatest part that can be read is what
is taken at least, now or later, and the dose stays not computable.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from ..core.medicines import Medicine
from ..terminology.lookup import Terminology
from .frequency import plain, time_of_day
from .sig import SigReading, read_sig

Raw = Mapping[str, object]

_MOST_PARTS = 12
_THEN = re.compile(
    r"\s*[,;.]?\s*(?:\band\s+)?"
    r"\b(?:then|thereafter|afterwards|after that|followed by|puis|ensuite|dann|danach)\b[,:]?\s*"
)
_AND = re.compile(r"\s*(?:[,;+&\n]|\band\b|\bplus\b|\bund\b|\bet\b)\s*")
_COMMA = re.compile(r"\s*[,;\n]\s*")
_TOWARDS = re.compile(
    r"^(?:increas|decreas|reduc|titrat|taper)\w*\s+(?:(?:the|your)\s+)?(?:dose\s+)?(?:to|up to|down to)\s+"
)
_LENGTH = re.compile(
    r"\s*\b(?:x|for|during|pendant|für)\s*(?P<n>\d{1,3})\s*(?P<unit>/7|/52|d|days?|jours?|tage?|w|wks?|weeks?|semaines?|wochen?)"
    r"(?![\w/])"
)
_NOTHING = re.compile(r"(?:stop|off|discontinue)\.?")
_DAYS = {"/7": 1, "d": 1, "j": 1, "t": 1, "/52": 7, "w": 7, "s": 7}
_STRUCTURED = frozenset(
    {
        *("doseAndRate", "doseQuantity", "doseSimpleQuantity", "doseRange", "dose", "quantity", "timing"),
        *("rateQuantity", "rateRatio", "rateRange", "rateSimpleQuantity", "asNeeded", "asNeededFor"),
        *("asNeededBoolean", "asNeededCodeableConcept", "maxDosePerPeriod", "maxDosePerLifetime"),
    }
)


def spelt_out(dosages: Sequence[object], medicine: Medicine, terms: Terminology) -> Sequence[object]:
    """A single dosage in words as the dosages its parts stand for; as sent, when it is anything else."""
    raw = dosages[0] if len(dosages) == 1 else None
    text = raw.get("text") if isinstance(raw, dict) else None
    if not isinstance(raw, dict) or not isinstance(text, str) or raw.keys() & _STRUCTURED:
        return dosages
    if read_sig(text, medicine, terms) is not None:
        return dosages
    said = plain(text.strip())
    parts = _of_one_day(said, medicine, terms)
    if parts:
        return [{**raw, "text": part} for part in parts]
    return _in_a_row(raw, said, medicine, terms) or dosages


def greatest_part(text: str, medicine: Medicine, terms: Terminology) -> Decimal | None:
    """The greatest daily dose (mg) among the parts of a sig that can be read by themselves; None for one part only."""
    steps = [piece for step in _THEN.split(plain(text)) for piece in _COMMA.split(step)]
    if not 1 < len(steps) <= _MOST_PARTS:
        return None
    read = [read_sig(_bare(piece)[0], medicine, terms) for piece in steps]
    known = [sig.daily for sig in read if sig is not None and sig.daily is not None and sig.written_value is not None]
    return max(known, default=None)


def _of_one_day(said: str, medicine: Medicine, terms: Terminology) -> list[str] | None:
    """The parts of a day, each with its own dose; at most one of them several times a day."""
    parts = _AND.split(said)
    if not 1 < len(parts) <= _MOST_PARTS or any(map(_LENGTH.search, parts[:-1])):
        return None
    read = [read_sig(part, medicine, terms) for part in parts]
    if not all(sig is not None and _is_whole(sig) for sig in read):
        return None
    times = [time for time in map(time_of_day, parts) if time is not None]
    twice = len(set(times)) < len(times)  # it may be one dose written twice
    return None if twice or not times or len(parts) - len(times) > 1 else parts


def _in_a_row(raw: Raw, said: str, medicine: Medicine, terms: Terminology) -> list[object] | None:
    steps = _THEN.split(said)
    if len(steps) < 2:
        return None
    for split in (steps, [piece for step in steps for piece in _COMMA.split(step)]):
        laid = _with_lengths(raw, split, medicine, terms)
        if laid:
            return laid
    return None


def _with_lengths(raw: Raw, steps: Sequence[str], medicine: Medicine, terms: Terminology) -> list[object] | None:
    """One dosage, or its parts, for every step; all but the last must say how long they last."""
    ends = bool(_NOTHING.fullmatch(steps[-1].strip()))
    bare = [_bare(step) for step in (steps[:-1] if ends else steps)]
    if not 0 < len(bare) <= _MOST_PARTS or any(days is None for _, days in (bare if ends else bare[:-1])):
        return None
    laid: list[object] = []
    for number, (text, days) in enumerate(bare, 1):
        sig = read_sig(text, medicine, terms)
        parts = [text] if sig is not None and _is_whole(sig) else _of_one_day(text, medicine, terms)
        if not parts:
            return None
        bounds = {"value": days, "unit": "d", "system": "http://unitsofmeasure.org", "code": "d"}
        timing = {"timing": {"repeat": {"boundsDuration": bounds}}} if days else {}
        laid += [{**raw, "text": part, "sequence": number, **timing} for part in parts]
    return laid


def _bare(step: str) -> tuple[str, int | None]:
    """A step without its length and the words that lead to it, and its length in days."""
    text = _TOWARDS.sub("", step.strip())
    found = _LENGTH.search(text)
    if found is None:
        return text, None
    unit = found["unit"]
    days = int(found["n"]) * _DAYS[unit if unit.startswith("/") else unit[0]]
    return text[: found.start()] + text[found.end() :], days or None


def _is_whole(sig: SigReading) -> bool:
    """Does it say a dose and how often, and nothing that depends?"""
    return (
        sig.daily is not None
        and sig.written_value is not None
        and sig.rhythm is not None
        and not (sig.rhythm.once or sig.as_needed or sig.continuous or sig.stated_daily or sig.max_daily)
    )
