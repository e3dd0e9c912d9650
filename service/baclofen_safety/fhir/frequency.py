"""How often a dose is taken: the words and codes of prescriptions in English, Latin, German and French."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from ..core.dosing import DAY_H, doses_per_day, interval_h, mean_per_day, smallest_gap_h
from .amounts import HOURS

ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Doses on a taking day: upper and lower end, and the hours between two of them.

    ``mean`` is the average a day when the rhythm is longer than a day and so differs from the taking day.
    """

    per_day: Decimal
    per_day_low: Decimal
    interval_h: Decimal | None
    once: bool = False
    mean: Decimal | None = None


ONCE = Rhythm(ONE, ONE, None, once=True)

_NUMBER_WORDS = {
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "eight": "8", "twelve": "12",
    "once": "1 times", "twice": "2 times", "thrice": "3 times",
    "ein": "1", "eine": "1", "zwei": "2", "drei": "3", "vier": "4", "halbe": "0.5",
    "einmal": "1 times", "zweimal": "2 times", "dreimal": "3 times", "viermal": "4 times",
    "un": "1", "une": "1", "deux": "2", "trois": "3", "quatre": "4", "half": "0.5",
}  # fmt: skip
_WORD = re.compile(r"\b(?:" + "|".join(_NUMBER_WORDS) + r")\b")
_HALVES = re.compile(r"(?<![\d/.,])(?:(\d+)(?:\s+|\s+and\s+(?:a\s+)?))?([1-3])\s?/\s?([2-4])(?![\d/.,]\d|\d)")
_AND_A_HALF = re.compile(r"(\d+)\s+and\s+(?:a\s+)?0\.5|(?<![\d.])0\.5\s+of\s+(?:a|1)\b|(?<![\d.])0\.5\s+an?\b")
_ECHO = re.compile(r"(\d+(?:\.\d+)?)\s*\(\s*(?:\1|one|two|three|four|five|six|eight)\s*\)")
_DOTS = re.compile(r"\b([a-z])\.\s?([a-z])\.(?:\s?([a-z])\b\.?)?")
_COMMA = re.compile(r"(\d),(\d{1,2})(?!\d)")
_SIGNS = str.maketrans({"½": " 1/2 ", "¼": " 1/4 ", "¾": " 3/4 ", "µ": "u", "μ": "u", "×": "x", "–": "-", "’": "'"})


def plain(text: str) -> str:
    """A sig in lower case: numbers as decimals ("one and a half", "2,5"), dotted abbreviations joined."""
    out = text.translate(_SIGNS).lower()
    out = _ECHO.sub(r"\1", out)
    out = _COMMA.sub(r"\1.\2", out)
    out = _DOTS.sub(lambda m: f"{m[1]}{m[2]}{m[3] or ''} ", out)
    out = _WORD.sub(lambda m: _NUMBER_WORDS[m[0]], out)
    out = _HALVES.sub(_decimal, out)
    return _AND_A_HALF.sub(lambda m: f"{m[1]}.5" if m[1] else "0.5", out)


def _decimal(match: re.Match[str]) -> str:
    top, bottom = int(match[2]), int(match[3])
    if top >= bottom or bottom == 3:
        return match[0]
    return f"{Decimal(match[1] or 0) + Decimal(top) / bottom:f}"


N = r"(\d+(?:\.\d+)?)"
TO = r"\s*(?:-|to|or|à|bis|oder|ou)\s*"
UP_TO = r"(?:\b(?:up to|max(?:imum)?\.?(?: of)?|no more than|not more than|bis zu|jusqu'à)\s*)?"
_PERIOD = (
    r"(?:(?:in|a|per|each|every|/|par|pro|am|le)\s*)?(?:(?:a|the|1)\s+)?"
    r"(daily|day|d|die|24\s*h(?:ou)?rs?|24\s*h|jour|j|tag|täglich|tgl|weekly|week|wk|semaine|woche)\b\.?"
)
_TIMES = re.compile(rf"{UP_TO}{N}(?:{TO}{N})?\s*(?:times|time|x|mal|fois)\s*{_PERIOD}")
_TIMES_AFTER = re.compile(rf"\bx\s*{N}(?:{TO}{N})?\s*(?:/|per|par|pro|a)\s*(day|d|jour|j|tag)\b")
_SLASH = re.compile(rf"(?<![\d.])\b{N}(?:{TO}{N})?\s*/\s*(day|d|jour|j|tag)\b")
_EVERY = re.compile(
    rf"\b(?:every|each|alle|toutes les|tous les|q)\s*(?:{N}(?:{TO}{N})?)?\s*-?"
    r"(h|hrs?|hours?|std|stunden?|heures?|d|days?|tage?|jours?|weeks?|wk)\b\.?"
)
_HOURLY = re.compile(rf"\b{N}\s*-?\s*(?:hourly|stündlich)\b")
_OTHER_DAY = re.compile(
    r"\b(?:every (?:other|second|2nd) day|(?:on )?alternate days?|qod|eod|jeden 2\. tag|jeden zweiten tag)\b"
)
_LATIN = {
    word: Decimal(n)
    for n, words in {1: "qd od", 2: "bd bid bds", 3: "tds tid", 4: "qds qid"}.items()
    for word in words.split()
}
_ABBREVIATION = re.compile(r"\b(" + "|".join(_LATIN) + r")\b")
_SLOTS = {
    "morning": r"(?:every |each |in the |le |au |the |am )?(?:mornings?|matin|morgens?|morgen|früh|mane)"
    r"|qam|every am|in the am",
    "noon": r"(?:at |le |à |every )?(?:noon|midday|lunch ?time|lunch|midi|mittags?)",
    "afternoon": r"(?:every |in the )?afternoons?|nachmittags?",
    "evening": r"(?:every |each |in the |le |am )?(?:evenings?|soir|abends?|supper ?time|supper|dinner)"
    r"|qpm|every pm|in the pm",
    "night": r"(?:every |each |at |before |au |le )?(?:nightly|nights?|bed ?time|bed|coucher|nocte|hs|qhs)"
    r"|zur nacht|nachts",
}
_SLOT = re.compile(r"\b(?:" + "|".join(f"(?P<{name}>{words})" for name, words in _SLOTS.items()) + r")\b")
_CLOCK = re.compile(
    r"\b(?:at\s+)?(?:(?:[01]?\d|2[0-3]):[0-5]\d(?:\s?[ap]m)?|(?:1[0-2]|0?[1-9])\s?[ap]m)\b"
    r"(?!\s*(?:-|to\b|till|until))"
)
_DAILY = re.compile(r"\b(?:daily|a day|per day|täglich|tgl|par jour|every day)\b\.?")
_ONE_TIME = re.compile(r"\b1 times?\b(?: only)?|\b(?:stat|single dose|one-time|1-time)\b|\bx\s?1\b")
_CLOCKS = re.compile(r"(?:[01]\d|2[0-4]):?[0-5]\d(?:\s*[,;/&]\s*(?:[01]\d|2[0-4]):?[0-5]\d)*")
_HARMLESS = re.compile(r"\b(?:as needed|prn|with meals|with food|scheduled|oral|po|and|und|et)\b")
_CODES = {
    "QD": 1, "BID": 2, "TID": 3, "QID": 4, "AM": 1, "PM": 1, "BED": 1, "HS": 1, "QHS": 1, "QAM": 1, "QPM": 1,
    "BD": 2, "TDS": 3, "QDS": 4, "DAILY": 1,
}  # fmt: skip


def from_times(low: Decimal, high: Decimal, period_h: Decimal, longest_h: Decimal | None = None) -> Rhythm:
    """The rhythm of ``low`` to ``high`` doses in ``period_h`` (to ``longest_h``) hours; all above zero."""
    per_day = doses_per_day(high, period_h)
    least = doses_per_day(low, longest_h or period_h)
    mean = mean_per_day(high, period_h)
    apart = interval_h(per_day) if period_h <= DAY_H else interval_h(mean)
    return Rhythm(per_day, least, apart, mean=None if mean == per_day else mean)


_DAILY_RHYTHMS = {n: from_times(Decimal(n), Decimal(n), DAY_H) for n in range(1, 25)}


def times_a_day(n: int) -> Rhythm:
    """``n`` doses every day, evenly spread for all we know."""
    return _DAILY_RHYTHMS.get(n) or from_times(Decimal(n), Decimal(n), DAY_H)


def take_rhythm(text: str) -> tuple[Rhythm | None, str, bool]:
    """The rhythm in a ``plain`` sig, the text without it, and False when two in it do not agree."""
    found: set[tuple[Decimal, Decimal, Decimal]] = set()  # low, high, period in hours
    if _OTHER_DAY.search(text):
        found.add((ONE, ONE, Decimal(48)))
        text = _OTHER_DAY.sub(" ", text)
    for match in _EVERY.finditer(text):
        first, last = Decimal(match[1] or 1), Decimal(match[2] or match[1] or 1)
        if first > 0 and last > 0:
            found.add((min(first / last, ONE), ONE, first * HOURS.get(match[3], ONE)))
    text = _EVERY.sub(" ", text)
    for pattern in (_TIMES, _TIMES_AFTER, _SLASH):
        for match in pattern.finditer(text):
            found.add((Decimal(match[1]), Decimal(match[2] or match[1]), _period_h(match[3])))
        text = pattern.sub(" ", text)
    found.update((ONE, ONE, Decimal(match[1])) for match in _HOURLY.finditer(text))
    text = _HOURLY.sub(" ", text)
    found.update((_LATIN[match[1]], _LATIN[match[1]], DAY_H) for match in _ABBREVIATION.finditer(text))
    text = _ABBREVIATION.sub(" ", text)
    slots: set[str | None] = {match[0].removeprefix("at").strip() for match in _CLOCK.finditer(text)}
    text = _CLOCK.sub(" ", text)
    slots |= {match.lastgroup for match in _SLOT.finditer(text)}
    text, daily = _DAILY.subn(" ", _SLOT.sub(" ", text))
    text, once = _ONE_TIME.subn(" ", text)
    if any(low <= 0 or high < low or period <= 0 for low, high, period in found):
        return None, text, False
    rhythm, clear = _combine(found, len(slots), daily > 0, once > 0)
    return rhythm, text, clear


def time_of_day(text: str) -> str | None:
    """The time of day of a ``plain`` sig that says one and no other frequency; None for any other."""
    slots = {match.lastgroup for match in _SLOT.finditer(text)}
    slots |= {match[0].removeprefix("at").strip() for match in _CLOCK.finditer(text)}
    rhythm, _, clear = take_rhythm(text)
    one = clear and rhythm is not None and rhythm.per_day == 1 and rhythm.mean is None
    return slots.pop() if one and len(slots) == 1 else None


def _period_h(word: str) -> Decimal:
    return Decimal(168) if word in ("weekly", "week", "wk", "semaine", "woche") else DAY_H


def _combine(
    found: set[tuple[Decimal, Decimal, Decimal]], slots: int, daily: bool, once: bool
) -> tuple[Rhythm | None, bool]:
    """One rhythm of the frequencies and times of day found; (None, False) when they contradict."""
    if len(found) > 1 or (found and once):
        return None, False
    if found:
        rhythm = from_times(*found.pop())
        fits = not slots or rhythm.per_day == slots
        return (rhythm, True) if fits else (None, False)
    if slots:
        return times_a_day(slots), True
    if daily:
        return times_a_day(1), True
    return (ONCE, True) if once else (None, True)


@lru_cache(maxsize=512)
def read_frequency(text: str) -> Rhythm | None:
    """The rhythm a code or short text alone says ("TID", "Q8H", "3 times daily", "0800, 2000"); else None."""
    word = text.strip()
    code = _CODES.get(word.upper())
    if code is not None:
        return times_a_day(code)
    if _CLOCKS.fullmatch(word):
        return from_clocks(tuple(re.findall(r"\d\d:?\d\d", word)))
    rhythm, rest, clear = take_rhythm(plain(word))
    return rhythm if clear and not re.search(r"\w", _HARMLESS.sub(" ", rest)) else None


def from_clocks(clocks: tuple[str, ...]) -> Rhythm | None:
    """The rhythm of clock times ("0800", "14:00:00"); None when there is none."""
    minutes = {int(clock[:2]) * 60 + int(clock.replace(":", "")[2:4]) for clock in clocks}
    if not minutes:
        return None
    return Rhythm(Decimal(len(minutes)), Decimal(len(minutes)), smallest_gap_h(minutes))
