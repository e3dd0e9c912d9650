"""Plain values of the operation's inputs, from Parameters or from the URL, as what they mean."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, get_args

from ..errors import BadParameter
from .inputs import Input

Mode = Literal["prospective", "retrospective", "test"]
"""``prospective``: as things stand. ``retrospective``: an old case, of which nobody is to be told now. ``test``: data
that was made up, of which nobody is ever to be told."""
MODES: tuple[Mode, ...] = get_args(Mode)
TEST_TAG = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ActReason",
    "code": "HTEST",
    "display": "test health data",
}
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?", re.ASCII)
_NO_DAY = re.compile(r"\d{4}(-\d\d)?", re.ASCII)
_PLUS_LOST = re.compile(r"(?<=[0-9]) (?=\d\d:\d\d$)", re.ASCII)


def read_text(row: Input, parameter: Mapping[str, Any], where: str, *, strict: bool) -> str:
    """The one value of a parameter, as text. Raises BadParameter."""
    keys = [key for key in parameter if key.startswith("value")]
    if len(keys) != 1:
        raise BadParameter(f"Parameter {row.name} must hold one value.", [where])
    if strict and keys[0] not in row.elements:
        raise BadParameter(f"Parameter {row.name} must be {' or '.join(row.elements)}.", [where])
    value = parameter[keys[0]]
    if isinstance(value, dict) and "valueReference" in row.elements and isinstance(value.get("reference"), str):
        return str(value["reference"])
    if isinstance(value, bool) and row.type == "boolean":
        return str(value).lower()
    if not isinstance(value, str):
        raise BadParameter(f"Parameter {row.name} must be text.", [where])
    return value


def read_as_of(text: str, where: str) -> datetime:
    """The instant of a FHIR dateTime with a day; a date means the end of that day in UTC.

    A blank before the offset is read as the plus that URL decoding made of it. Raises BadParameter, at ``where``.
    """
    text = _PLUS_LOST.sub("+", text)
    if _NO_DAY.fullmatch(text):
        raise BadParameter(
            "asOf: a year or a month is no moment to judge at; a day or an instant was expected.", [where]
        )
    try:
        if not _DATE_TIME.fullmatch(text):
            raise ValueError
        is_day = len(text) == len("2026-01-01")
        read = datetime.fromisoformat(f"{text}T23:59:59+00:00" if is_day else text)
    except ValueError:
        raise BadParameter("asOf: a FHIR dateTime such as 2026-11-20T12:00:00Z was expected.", [where]) from None
    if read.tzinfo is None:
        raise BadParameter("asOf: the offset is missing (for example Z or +01:00).", [where])
    if not 1900 <= read.year <= 9990:
        raise BadParameter("asOf: a year between 1900 and 9990 was expected.", [where])
    return read


def read_language(text: str | None, where: str) -> str | None:
    """A language tag, or None. Raises BadParameter."""
    if text is None or text == "":
        return None
    if not _LANGUAGE.fullmatch(text):
        raise BadParameter("language: a language tag such as en or es-MX was expected.", [where])
    return text


def yes_or_no(name: str, text: str | None, where: str) -> bool:
    """A boolean; absent is no. Raises BadParameter."""
    if text not in (None, "", "true", "false"):
        raise BadParameter(f"{name}: true or false was expected.", [where])
    return text == "true"


def read_mode(text: str | None, content: Mapping[str, Any], as_of: datetime | None, where: str) -> Mode:
    """The mode asked for; content that is marked as a test is one. Raises BadParameter."""
    mode = next((one for one in MODES if one == text), None)
    if text and mode is None:
        raise BadParameter(f"mode: one of {', '.join(MODES)} was expected.", [where])
    if mode == "retrospective" and as_of is None:
        raise BadParameter("mode: retrospective needs asOf, the instant to judge at.", [where])
    return "test" if _is_test(content) else mode or "prospective"


def _is_test(content: Mapping[str, Any]) -> bool:
    meta = content.get("meta")
    tags = meta.get("tag") if isinstance(meta, dict) else None
    return any(
        isinstance(tag, dict) and (tag.get("system"), tag.get("code")) == (TEST_TAG["system"], TEST_TAG["code"])
        for tag in (tags if isinstance(tags, list) else ())
    )
