"""Patients are spoken to in their language, and a translation says what the English says."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import Any

import pytest

from baclofen_safety.assessor import Assessor, load_assessor, load_knowledge
from baclofen_safety.config import BadSetting, Settings
from baclofen_safety.core.knowledge import KnowledgeError, PatientText, Voice
from baclofen_safety.fhir.operations import Ask
from baclofen_safety.rules.voices import read_voices
from builders import make_bundle
from cases import make_case
from doors import of_kind

BOOK = load_knowledge("")
FIGURES = re.compile(r"\d+(?:\.\d+)?")
TEXT = PatientText("PT-X", "Title", "Call {number} within 2 days.", emergency=True)
SPANISH = {
    "language": "es",
    "name": "español",
    "review": "nobody yet",
    "patient": {"closing": "Adiós {name}"},
    "issue": {"BAC-X-01": "Asunto", "applicable": "Aplicable", "not-applicable": "No aplicable"},
    "text": {"PT-X": {"title": "Título", "text": "Llame al {number} en 2 días."}},
}


def translations() -> list[Voice]:
    return [voice for language, voice in BOOK.voices.items() if language != "en"]


@pytest.mark.parametrize("voice", translations(), ids=lambda voice: voice.language)
def test_every_text_is_there_with_the_same_figures(voice: Voice) -> None:
    assert voice.texts.keys() == BOOK.texts.keys()
    assert voice.review  # who has yet to read it
    for name, text in BOOK.texts.items():
        translated = voice.texts[name]
        assert sorted(FIGURES.findall(translated.text)) == sorted(FIGURES.findall(text.text)), name
        assert translated.text != text.text
        assert translated.emergency is text.emergency


@pytest.mark.parametrize("voice", translations(), ids=lambda voice: voice.language)
def test_every_issue_has_a_name_with_the_same_figures(voice: Voice) -> None:
    for rule, sheet in BOOK.sheets.items():
        assert FIGURES.findall(voice.issues[rule]) == FIGURES.findall(sheet.title), rule


def changed(*path: str, to: Any) -> dict[str, Any]:
    table: Any = deepcopy(SPANISH)
    holder = table
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = to
    return table


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (changed("text", to={}), "PT-X"),
        (changed("text", "PT-Y", to={"title": "a", "text": "b"}), "PT-Y"),
        (changed("text", "PT-X", "text", to="Llame en 2 días."), "placeholders"),
        (changed("text", "PT-X", "title", to=""), "title"),
        (changed("patient", "closing", to="Adiós {otro}"), "placeholders"),
        (changed("patient", to={}), "closing"),
        (changed("issue", to={}), "BAC-X-01"),
        (changed("issue", "BAC-X-02", to="Asunto"), "BAC-X-02"),
        (changed("issue", "BAC-X-01", to=" "), "BAC-X-01"),
        (changed("review", to=""), "review"),
    ],
)
def test_a_translation_that_lags_is_refused(table: dict[str, Any], says: str) -> None:
    with pytest.raises(KnowledgeError, match=says):
        read_voices({"closing": "Bye {name}"}, {"PT-X": TEXT}, ["BAC-X-01"], [table])


def test_a_translation_that_fits_is_taken() -> None:
    voices = read_voices({"closing": "Bye {name}"}, {"PT-X": TEXT}, ["BAC-X-01"], [SPANISH])
    assert voices["es"].texts["PT-X"] == PatientText("PT-X", "Título", "Llame al {number} en 2 días.", emergency=True)


@pytest.mark.parametrize(
    ("spoken", "asked", "site", "language", "told"),
    [
        (None, None, "", "en", False),
        ("es", None, "", "es", False),
        ("es-MX", "en", "", "es", False),
        (None, "es", "", "es", False),
        (None, None, "es", "es", False),
        ("en", "es", "es", "en", False),
        ("de", "es", "", "es", True),
        ("de", None, "", "en", True),
    ],
)
def test_the_language_of_a_patient(
    assessor: Assessor, spoken: str | None, asked: str | None, site: str, language: str, told: bool
) -> None:
    case = make_case({"name": "stopped", "patient": {"language": spoken} if spoken else {}, "order": [STOPPED]})
    service = load_assessor(Settings(language=site)) if site else assessor
    answer = service.answer(Ask(make_bundle(case), as_of=case.as_of, language=asked), case.as_of).bundle
    texts = {
        one["language"]: one["payload"][0]["contentString"]
        for one in of_kind(answer, "CommunicationRequest")
        if one["category"][0]["coding"][0]["code"] == "instruction"
    }
    assert list(texts) == [language]
    assert BOOK.voices[language].texts["PT-STOP"].text in texts[language]
    outcome = of_kind(answer, "OperationOutcome")[0]["issue"]
    assert any("No patient text in" in issue["details"]["text"] for issue in outcome) is told
    clinicians = [
        one["language"]
        for one in of_kind(answer, "CommunicationRequest")
        if one["category"][0]["coding"][0]["code"] == "alert"
    ]
    assert set(clinicians) == {"en"}


STOPPED = {"id": "order", "status": "stopped", "end": "-1d"}


def test_a_site_language_without_texts_is_refused() -> None:
    with pytest.raises(BadSetting, match="LANGUAGE"):
        load_assessor(Settings(language="de"))
