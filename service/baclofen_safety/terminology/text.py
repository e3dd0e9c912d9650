"""Text matching: accents folded, whole words, the longest phrase first."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeVar

_WORD = re.compile(r"(?:[^\W\d_]\.){2,}|[^\W\d_]\.[^\W\d_]\b|[^\W\d_]+|\d+(?:[.,]\d+)*|%")
_LIGATURES = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l"})
_NEGATING = frozenset(
    [
        "no",
        "not",
        "non",
        "without",
        "pre",
        "never",
        "denies",
        "denied",
        "declines",
        "declined",
        "refuses",
        "refused",
        "nil",
        "negative",
        "kein",
        "keine",
        "nicht",
        "ohne",
        "sans",
        "pas",
    ]
)
_NEGATING_REACH = 3
_MAX_TEXT = 1000

T = TypeVar("T")


def fold(text: str) -> str:
    """Lower case without accents; at most 1000 characters are read."""
    text = text[:_MAX_TEXT].lower()
    if text.isascii():
        return text
    parts = unicodedata.normalize("NFKD", text.translate(_LIGATURES))
    return "".join(char for char in parts if not unicodedata.combining(char))


@lru_cache(maxsize=8192)
def words(text: str) -> tuple[str, ...]:
    """The words of a text: letters and numbers apart ("10mg" is two), dotted abbreviations ("p.o.") kept."""
    return tuple(
        word if "." not in word or word[0].isdigit() else word.rstrip(".") + "." for word in _WORD.findall(fold(text))
    )


@dataclass(frozen=True, slots=True)
class Phrases(Generic[T]):
    """Phrases of words, each with what it stands for."""

    entries: Mapping[tuple[str, ...], T]
    longest: Mapping[str, int]  # by first word: words in the longest phrase

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, T]]) -> Phrases[T]:
        """Build from (text, meaning); the first of equal phrases stays."""
        entries: dict[tuple[str, ...], T] = {}
        longest: dict[str, int] = {}
        for text, meaning in pairs:
            key = words(text)
            if key and key not in entries:
                entries[key] = meaning
                longest[key[0]] = max(longest.get(key[0], 0), len(key))
        return cls(entries, longest)

    def find(self, text: str) -> Iterator[tuple[T, tuple[str, ...], int]]:
        """(meaning, phrase, place) from left to right, the longest phrase at each place; phrases never
        overlap."""
        read = words(text)
        at = 0
        while at < len(read):
            found = self._at(read, at)
            if found is None:
                at += 1
                continue
            yield self.entries[found], found, at
            at += len(found)

    def _at(self, read: tuple[str, ...], at: int) -> tuple[str, ...] | None:
        for length in range(self.longest.get(read[at], 0), 0, -1):
            phrase = read[at : at + length]
            if phrase in self.entries:
                return phrase
        return None

    def affirmed(self, text: str) -> Iterator[T]:
        """Meanings that no "no", "not", "without", "pre-" … stands up to three words before."""
        read = words(text)
        for meaning, _, at in self.find(text):
            if _NEGATING.isdisjoint(read[max(0, at - _NEGATING_REACH) : at]):
                yield meaning
