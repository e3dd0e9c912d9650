"""Signs that baclofen is doing harm now: too little of it, or too much."""

from __future__ import annotations

from collections.abc import Mapping

from ...core.rule import Judge
from .symptoms_toxicity import overdose, slow_breathing, toxicity
from .symptoms_withdrawal import oral_withdrawal, pump_withdrawal
from .symptoms_wound import pump_wound

RULES: Mapping[str, Judge] = {
    "BAC-SX-01": oral_withdrawal,
    "BAC-SX-02": pump_withdrawal,
    "BAC-SX-03": toxicity,
    "BAC-SX-04": overdose,
    "BAC-SX-05": slow_breathing,
    "BAC-SX-06": pump_wound,
}
