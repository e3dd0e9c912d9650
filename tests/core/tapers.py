"""Worked taper schedules, and facts of a patient as far as a taper asks for them."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from baclofen_safety.core.fact import Known
from baclofen_safety.core.taper import Rung

EXAMPLES = tomllib.loads(Path(__file__).with_name("taper.toml").read_text("utf-8"), parse_float=Decimal)


def read_rung(row: list[Any]) -> Rung:
    day, on, daily, split, stay = row
    parts = tuple(Decimal(part) for part in split.split("-") if part)
    return Rung(day, on, Decimal(daily), parts, None if stay in ("stop", "keep") else int(stay))


def make_facts(**oral: Any) -> Any:
    """A well man of 45 on oral baclofen; ``oral`` lays facts over his."""
    no = Known(False)
    person = SimpleNamespace(
        pregnant=no,
        seizure_disorder=no,
        end_of_life_care=False,
        adult_or_unknown=True,
        below=lambda years: years > 45,
        active=lambda concepts: (),
    )
    return SimpleNamespace(
        person=person,
        signs=SimpleNamespace(overdose_event=no, toxicity_suspected=no),
        kidney=SimpleNamespace(aki=Known(None)),
        it=SimpleNamespace(started_at=None, implant_planned=None),
        oral=SimpleNamespace(**{"plan": None, "prn_only": False, **oral}),
        chart=SimpleNamespace(orders=()),
    )
