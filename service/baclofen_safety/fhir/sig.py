"""Free-text sigs: what one sentence says about dose and frequency, when it says only one thing.

The text is taken apart piece by piece; every word left over must be one that cannot change a dose, else
nothing is read at all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from ..core.concepts import INTRATHECAL_ROUTES, ORAL_ROUTES, Concept
from ..core.dosing import DAY_H, differ
from ..core.medicines import Medicine
from ..terminology.lookup import Terminology
from .amounts import COUNT, HOURS, MASS, VOLUME, Amount, Flaw, Unit, parse_unit, to_mg
from .frequency import TO, N, Rhythm, plain, take_rhythm, times_a_day
from .sig_words import CHANGES, HARMLESS

_LONGEST_SIG = 500
_SAME = Decimal("0.001")


@dataclass(frozen=True, slots=True)
class SigReading:
    """What a sig says. Amounts in mg, whatever the route; upper ends, with the lower end of a range.

    A part the text does not say is None: a reading may hold only a dose or only a frequency.
    """

    single: Decimal | None = None
    single_low: Decimal | None = None
    daily: Decimal | None = None  # stated ("350 mcg/day") or computed
    daily_low: Decimal | None = None
    rhythm: Rhythm | None = None
    stated_daily: bool = False  # the text itself gives an amount a day or an hour
    max_daily: Decimal | None = None
    as_needed: bool = False
    continuous: bool = False
    volume_ml: Decimal | None = None
    written_unit: str | None = None
    written_value: Decimal | None = None


@dataclass(frozen=True, slots=True)
class _Pieces:
    """A sig taken apart, before any product is known."""

    doses: tuple[tuple[Decimal, Amount], ...] = ()  # lower value, amount
    equal: bool = False  # "=" or "total": the mass given is the dose, however many units it takes
    rates: tuple[Amount, ...] = ()
    scheme: tuple[Decimal, ...] = ()  # 1-1-1-0
    most: Amount | None = None  # a maximum a day
    most_times: Decimal | None = None
    rhythm: Rhythm | None = None
    divided: bool = False
    as_needed: bool = False
    continuous: bool = False


_UNITS = "|".join(sorted((re.escape(word) for word in (*MASS, *VOLUME, *COUNT)), key=len, reverse=True))
_UNIT = rf"({_UNITS})(?!\w)"
_PER = r"\s*(?:/|per|a|every|pro|par|in)\s*"
_CONCENTRATION = re.compile(rf"{N}\s*{_UNIT}\s*(?:/|per)\s*(?:\d+(?:\.\d+)?\s*)?(?:ml|milliliter|millilitre)\b")
_RATE = re.compile(
    rf"{N}\s*{_UNIT}{_PER}(?:(?:1|24)\s*)?(?<!\d)(24\s*h(?:ou)?rs?|24\s*h|day|d|tag|jour|j|hour|hr|h)\b"
    r"(?!\s*in\s+\d+\s+divided)"
)
_DAY_RATE_DIVIDED = re.compile(
    rf"{N}\s*{_UNIT}\s*(?:/|per|a)?\s*(?:day|d|daily)\s+in\s+(\d+)\s+(?:equally\s+)?divided\s+doses?\b"
)
_MOST = re.compile(
    r"\b(?:max(?:imum)?(?: daily dose)?\.?(?: of)?|up to(?: a max(?:imum)? of)?"
    r"|(?:do )?not (?:to )?exceed(?:ing)?"
    r"|no more than|not more than|nmt|höchstens)\s*:?\s*"
    rf"{N}\s*(?:{_UNIT}|(doses?|times|x))?{_PER}(?:(?:1|24)\s*)?(24\s*h(?:ou)?rs?|24\s*h|hours?|h|day|d|tag|jour|j)\b"
    r"(?:\s*period)?"
)
_DOSE = re.compile(rf"(?<![\d.]){N}(?:\s*(?:{_UNIT})?{TO}{N})?\s*-?\s*{_UNIT}")
_SCHEME = re.compile(rf"(?<![\d.-]){N}\s*-\s*{N}\s*-\s*{N}(?:\s*-\s*{N})?(?![\d.-])")
_PRN = re.compile(
    r"\b(?:prn|(?:as|if|when|when ever|whenever) (?:needed|required|necessary)"
    r"|si besoin|bei bedarf|b\. ?bed\.?)(?!\w)"
)
_DATE = re.compile(
    r"\b(?:start(?:ing|s)?|beginning|from|until|through|ending)(?: on)?:?\s+"
    r"(?:(?:mon|tue|wed|thu|fri|sat|sun)\w*,?\s+)?"
    r"(?:\d{1,4}[/.-]\d{1,2}[/.-]\d{2,4})(?: at \d{1,2}:\d{2}(?: ?[ap]m)?)?"
)
_LENGTH = re.compile(r"\bfor (?:up to )?\d+ (?:days?|weeks?|months?|doses?)\b(?!\s*,?\s*(?:on|off|then))")
_ASIDE = re.compile(
    r"\b(?:disp(?:ense)?[ :-]*\d+\s*\w+|r(?:efills?)?-\d+|refills?:? \d+|\d+ refills?(?:\(s\))?|qty:? ?\d+"
    r"|with or (?:just )?after (?:food|meals?|milk))(?!\w)"
)
"""How much is handed over, and how it goes with meals: neither is a dose."""
_EQUAL = re.compile(r"=|\btotal(?: dose)?\b")
_CONTINUOUS = re.compile(r"\b(?:continuous(?:ly)?|simple|infusion|flex)\b")
_TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_IT = re.compile(r"\b(?:intrathecal(?:ly)?|intra-thecal|it|itb|pump|reservoir|spinal|refill)\b")


def read_sig(text: str, medicine: Medicine, terms: Terminology) -> SigReading | None:
    """The one dose and frequency a sig states; None when ambiguous, changing over time or not understood.

    English with Latin abbreviations, German (1-0-1-0 too) and simple French. A number without a unit ("1
    tds") is no dose; in a 1-0-1-0 scheme it counts tablets. Never raises.
    """
    pieces = _take_apart(text) if len(text) <= _LONGEST_SIG else None
    if pieces is None:
        return None
    reading = SigReading(
        rhythm=pieces.rhythm, as_needed=pieces.as_needed, continuous=pieces.continuous or bool(pieces.rates)
    )
    if pieces.scheme:
        return _scheme(pieces, medicine, reading)
    if pieces.rates:
        return _rate(pieces, medicine, reading)
    return _doses(pieces, medicine, reading)


def route_from_sig(text: str, terms: Terminology) -> Concept | None:
    """The route that words of a sig say ("by mouth", "via IT pump"); None for none or contradictory ones."""
    routes = terms.text_concepts("route", text)
    if len(routes) == 1:
        return next(iter(routes))
    if routes and routes <= ORAL_ROUTES:
        return "route-oral"
    return "route-intrathecal" if routes and routes <= INTRATHECAL_ROUTES else None


@lru_cache(maxsize=1024)
def _take_apart(sent: str) -> _Pieces | None:
    text = _DATE.sub(" ", plain(sent))
    if CHANGES.search(text):
        return None
    for pattern in (_ASIDE, _CONCENTRATION):
        text = pattern.sub(" ", text)
    pieces = _Pieces(as_needed=bool(_PRN.search(text)), continuous=bool(_CONTINUOUS.search(text)))
    text = _PRN.sub(" ", text)
    pieces, text = _take_maximum(pieces, text)
    pieces, text = _take_amounts(pieces, text)
    text = _LENGTH.sub(" ", text)
    rhythm, text, clear = take_rhythm(text)
    left = _TOKEN.findall(text)
    if not clear or (rhythm is not None and pieces.rhythm is not None):
        return None
    if any(word not in HARMLESS for word in left):
        return None
    return replace(pieces, rhythm=rhythm or pieces.rhythm)


def _take_maximum(pieces: _Pieces, text: str) -> tuple[_Pieces, str]:
    found = [match for match in _MOST.finditer(text) if match[3] not in ("times", "x")]
    if len(found) != 1:
        return pieces, text
    match = found[0]
    hours = DAY_H if match[4][0] in "2dtj" or "24" in match[0] else HOURS.get(match[4])
    unit = parse_unit(match[2]) if match[2] else None
    if hours != DAY_H or (unit is None and match[3] is None):
        return pieces, text
    value = Decimal(match[1])
    text = text[: match.start()] + " " + text[match.end() :]
    if unit is None:
        return replace(pieces, most_times=value), text
    return replace(pieces, most=Amount(value, unit, match[2])), text


def _take_amounts(pieces: _Pieces, text: str) -> tuple[_Pieces, str]:
    scheme = _SCHEME.search(text)
    if scheme:
        text = text[: scheme.start()] + " " + text[scheme.end() :]
        text = re.sub(rf"^(\s*){_UNIT}", " ", text) if not text.strip() else text
        pieces = replace(pieces, scheme=tuple(Decimal(part) for part in scheme.groups() if part))
    divided = _DAY_RATE_DIVIDED.search(text)
    if divided and 0 < int(divided[3]) <= 24:
        rate = Amount(Decimal(divided[1]), _per(divided[2], DAY_H), divided[2])
        pieces = replace(pieces, rates=(rate,), divided=True, rhythm=times_a_day(int(divided[3])))
        text = _DAY_RATE_DIVIDED.sub(" ", text)
    rates = [
        Amount(Decimal(m[1]), _per(m[2], HOURS["h"] if m[3] in ("h", "hr", "hour") else DAY_H), f"{m[2]}/{m[3]}")
        for m in _RATE.finditer(text)
    ]
    text = _RATE.sub(" ", text)
    doses = []
    for match in _DOSE.finditer(text):
        if match[2] and match[2] != match[4]:
            return replace(pieces, doses=()), text
        unit = parse_unit(match[4]) or Unit("bare")
        low, high = Decimal(match[1]), Decimal(match[3] or match[1])
        doses.append((min(low, high), Amount(max(low, high), unit, match[4])))
    text = _DOSE.sub(" ", text)
    equal = bool(_EQUAL.search(text))
    text = _EQUAL.sub(" ", text)
    return replace(pieces, rates=(*pieces.rates, *rates), doses=tuple(doses), equal=equal), text


def _per(word: str, hours: Decimal) -> Unit:
    unit = parse_unit(word) or Unit("bare")
    return replace(unit, per_h=hours)


def _scheme(pieces: _Pieces, medicine: Medicine, reading: SigReading) -> SigReading | None:
    """1-1-1-0: a number of the product's units at each time of day; a mass beside it is not expected."""
    taken = [count for count in pieces.scheme if count > 0]
    if not taken or max(taken) > 10 or pieces.rhythm is not None or pieces.rates or pieces.doses:
        return None
    strength = medicine.strength
    reading = replace(reading, rhythm=times_a_day(len(taken)))
    if strength is None or strength.per != "unit":
        return reading
    return replace(
        reading,
        single=max(taken) * strength.mg,
        single_low=max(taken) * strength.mg,
        daily=sum(taken, Decimal()) * strength.mg,
        daily_low=sum(taken, Decimal()) * strength.mg,
        stated_daily=True,
        written_unit="",
        written_value=max(taken),
        continuous=False,
    )


def _rate(pieces: _Pieces, medicine: Medicine, reading: SigReading) -> SigReading | None:
    """An amount a day or an hour. A volume beside it belongs to a filling, another dose is ambiguous."""
    amounts = [_mg_a_day(rate, medicine) for rate in pieces.rates]
    first = amounts[0]
    if first is None or any(amount is None or differ(amount, first, _SAME) for amount in amounts):
        return None
    if any(dose.unit.base != "mL" for _, dose in pieces.doses) or len(pieces.doses) > 1:
        return None
    if pieces.rhythm is not None and not pieces.divided:
        return None
    rate = pieces.rates[0]
    single = first / pieces.rhythm.per_day if pieces.rhythm else None
    return replace(
        reading,
        daily=first,
        daily_low=first,
        single=single,
        single_low=single,
        stated_daily=True,
        volume_ml=pieces.doses[0][1].value if pieces.doses else None,
        written_unit=rate.written,
        written_value=rate.value,
    )


def _mg_a_day(rate: Amount, medicine: Medicine) -> Decimal | None:
    mg = to_mg(rate, medicine, None)
    if isinstance(mg, Flaw) or rate.unit.per_h is None or mg <= 0:
        return None
    return mg * DAY_H / rate.unit.per_h


def _doses(pieces: _Pieces, medicine: Medicine, reading: SigReading) -> SigReading | None:
    """One dose, written once or in several ways that agree ("2 tablets (20 mg total)")."""
    reading = replace(reading, max_daily=_maximum(pieces, medicine))
    if not pieces.doses:
        return reading
    masses = [dose for dose in pieces.doses if dose[1].unit.base == "mg"]
    others = [dose for dose in pieces.doses if dose[1].unit.base != "mg"]
    resolved = [(low, amount, to_mg(amount, medicine, None)) for low, amount in (*masses, *others)]
    known = [(low, amount, mg) for low, amount, mg in resolved if not isinstance(mg, Flaw)]
    if not known:
        return reading
    if len(known) < len(resolved) and not pieces.equal and any(amount.value != 1 for _, amount in others):
        return None
    low, amount, mg = known[0]
    if mg <= 0 or low <= 0 or any(differ(other, mg, _SAME) for _, _, other in known):
        return None
    single_low = mg * low / amount.value
    per = pieces.rhythm
    daily = mg * per.per_day if per else None
    volumes = [dose.value for _, dose in others if dose.unit.base == "mL"]
    return replace(
        reading,
        single=mg,
        single_low=single_low,
        daily=daily,
        daily_low=single_low * per.per_day_low if per else None,
        max_daily=reading.max_daily or (mg * pieces.most_times if pieces.most_times else None),
        volume_ml=volumes[0] if len(volumes) == 1 else None,
        written_unit=amount.written,
        written_value=amount.value,
    )


def _maximum(pieces: _Pieces, medicine: Medicine) -> Decimal | None:
    if pieces.most is None:
        return None
    mg = to_mg(pieces.most, medicine, None)
    return None if isinstance(mg, Flaw) else mg
