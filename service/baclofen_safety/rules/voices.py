"""The languages patients and caregivers are spoken to in: English, and translations that say the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from ..core.knowledge import KnowledgeError, PatientText, Voice
from .tables import Table, same_names, word

APPLICABILITY = frozenset({"applicable", "not-applicable"})
"""Codes of the CodeSystem of issues that are no rule."""
_PLACEHOLDER = re.compile(r"\{\w*\}")


def read_voices(
    phrases: Table, texts: Mapping[str, PatientText], rules: Iterable[str], translations: Iterable[Table]
) -> dict[str, Voice]:
    """English and its translations: the same texts, phrases and placeholders in each, and a name for every issue."""
    issues = {*rules, *APPLICABILITY}
    own = Voice("en", "English", texts, {key: word(phrases, key, "phrases.toml") for key in phrases})
    voices = {own.language: own}
    for table in translations:
        language = word(table, "language", "locale")
        where = f"locale/{language}.toml"
        said = table.get("text", {})
        same_names(where, set(said), set(texts))
        same_names(where, set(table.get("patient", {})), set(own.phrases))
        same_names(where, set(table.get("issue", {})), issues)
        voices[language] = Voice(
            language=language,
            name=word(table, "name", where),
            texts={
                name: PatientText(
                    name,
                    _same_gaps(where, word(said[name], "title", where), text.title),
                    _same_gaps(where, word(said[name], "text", where), text.text),
                    text.emergency,
                )
                for name, text in texts.items()
            },
            phrases={
                key: _same_gaps(where, word(table["patient"], key, where), own.phrases[key]) for key in own.phrases
            },
            issues={code: word(table["issue"], code, where) for code in sorted(issues)},
            review=word(table, "review", where),
        )
    return voices


def _same_gaps(where: str, said: str, original: str) -> str:
    """The translation, when it has the placeholders of the original."""
    if sorted(_PLACEHOLDER.findall(said)) != sorted(_PLACEHOLDER.findall(original)):
        raise KnowledgeError(where, f"placeholders differ from the English of: {said}")
    return said
