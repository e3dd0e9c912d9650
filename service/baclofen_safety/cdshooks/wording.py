"""The fixed sentences of cards, read once from ``phrases.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

OVERRIDE_SYSTEM = "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"


def phrase(key: str, **values: object) -> str:
    """The sentence ``<table>.<name>`` with its placeholders filled. A sentence that is not there is a KeyError."""
    table, _, name = key.partition(".")
    sentence = _tables()[table][name]
    assert isinstance(sentence, str)
    return sentence.format(**values)


def phrase_or(key: str, otherwise: str) -> str:
    """The sentence of a key that comes from outside, else that of another key."""
    table, _, name = key.partition(".")
    return phrase(key if name in _tables()[table] else otherwise)


def override_reasons() -> list[dict[str, str]]:
    """Why a clinician may set a card aside, as Codings with their display."""
    return [{"system": OVERRIDE_SYSTEM, **row} for row in _tables()["override"]]


def override_display(system: str, code: str) -> str:
    """The words of one of these reasons, for clients that send its code alone; empty when it is none of them."""
    return next((one["display"] for one in override_reasons() if (one["system"], one["code"]) == (system, code)), "")


@cache
def _tables() -> Mapping[str, Any]:
    return tomllib.loads(files(__package__).joinpath("phrases.toml").read_text("utf-8"))
