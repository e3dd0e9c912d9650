"""What a caller of ``$assess-medication-safety`` asks: a Bundle, or Parameters that hold one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ..errors import BadParameter, NotFhir, TooLarge
from .resource_types import KNOWN_TYPES

_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_KNOWN = frozenset({"content", "subject", "asOf", "language", "trace"})
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?", re.ASCII)
_PLUS_LOST = re.compile(r"(?<=[0-9]) (?=\d\d:\d\d$)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Ask:
    """One question. ``as_of`` is aware; None = now."""

    content: Mapping[str, Any]
    subject: str | None = None
    as_of: datetime | None = None
    language: str | None = None
    trace: bool = False


def unpack(document: object, query: Mapping[str, str], *, max_entries: int) -> Ask:
    """The question in a decoded body and the query parameters.

    Raises NotFhir (neither Bundle nor Parameters with ``content``), BadParameter and TooLarge.
    """
    if not isinstance(document, dict):
        raise NotFhir("A FHIR Bundle or Parameters resource was expected, not a list or a plain value.", ["$this"])
    kind = document.get("resourceType")
    given = dict(query)
    if kind == "Parameters":
        document, inner = _from_parameters(document)
        given = {**given, **inner}
        kind = document.get("resourceType")
    if kind != "Bundle":
        met = f"not {kind}" if isinstance(kind, str) and kind in KNOWN_TYPES else "resourceType names none"
        raise NotFhir(f"A Bundle was expected, {met}.", ["resourceType"])
    entries = document.get("entry")
    if isinstance(entries, list) and len(entries) > max_entries:
        raise TooLarge(f"The Bundle has {len(entries)} entries; at most {max_entries} are read.", ["Bundle.entry"])
    return Ask(
        content=document,
        subject=given.get("subject") or None,
        as_of=read_as_of(given["asOf"]) if given.get("asOf") else None,
        language=_language(given.get("language")),
        trace=_yes_or_no("trace", given.get("trace")),
    )


def _from_parameters(document: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    parameters = document.get("parameter")
    if not isinstance(parameters, list):
        raise NotFhir("Parameters without a list of parameters.", ["Parameters.parameter"])
    content: dict[str, Any] | None = None
    simple: dict[str, str] = {}
    for at, parameter in enumerate(parameters):
        where = f"Parameters.parameter[{at}]"
        name = parameter.get("name") if isinstance(parameter, dict) else None
        if not isinstance(name, str) or name not in _KNOWN:
            raise BadParameter(f"Parameter expected to be one of {', '.join(sorted(_KNOWN))}.", [where])
        if name in simple or (name == "content" and content is not None):
            raise BadParameter(f"Parameter {name} stands twice.", [where])
        if name == "content":
            content = parameter.get("resource")
            if not isinstance(content, dict):
                raise NotFhir("Parameter content must hold a resource.", [f"{where}.resource"])
            continue
        values = [value for key, value in parameter.items() if key.startswith("value")]
        if len(values) != 1:
            raise BadParameter(f"Parameter {name} must hold one value.", [where])
        simple[name] = _simple(values[0], name, where)
    if content is None:
        raise NotFhir("Parameters without content (the Bundle to judge).", ["Parameters.parameter"])
    return content, simple


def _simple(value: object, name: str, where: str) -> str:
    if isinstance(value, dict) and name == "subject" and isinstance(value.get("reference"), str):
        return str(value["reference"])
    if isinstance(value, bool) and name == "trace":
        return str(value).lower()
    if not isinstance(value, str):
        raise BadParameter(f"Parameter {name} must be text.", [where])
    return value


def read_as_of(text: str) -> datetime:
    """The instant of a FHIR dateTime with a day; a date means the end of that day in UTC.

    A blank before the offset is read as the plus that URL decoding made of it. Raises BadParameter.
    """
    text = _PLUS_LOST.sub("+", text)
    try:
        if not _DATE_TIME.fullmatch(text):
            raise ValueError
        if len(text) == len("2026-01-01"):
            start = datetime.fromisoformat(f"{text}T00:00:00+00:00")
            return start + timedelta(days=1) - timedelta(seconds=1)
        read = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise BadParameter("asOf: a FHIR dateTime such as 2026-11-20T12:00:00Z was expected.", ["asOf"]) from None
    if read.tzinfo is None:
        raise BadParameter("asOf: the offset is missing (for example Z or +01:00).", ["asOf"])
    if not 1900 <= read.year <= 9990:
        raise BadParameter("asOf: a year between 1900 and 9990 was expected.", ["asOf"])
    return read


def _language(text: str | None) -> str | None:
    if text is None or text == "":
        return None
    if not _LANGUAGE.fullmatch(text):
        raise BadParameter("language: a language tag such as en or es-MX was expected.", ["language"])
    return text


def _yes_or_no(name: str, text: str | None) -> bool:
    if text not in (None, "", "true", "false"):
        raise BadParameter(f"{name}: true or false was expected.", [name])
    return text == "true"
