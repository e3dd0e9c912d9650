"""A pump that runs dry, stalls or is programmed wrongly stops intrathecal baclofen without a word."""

from __future__ import annotations

from collections.abc import Mapping

from ...core.rule import Judge
from .pump_battery import battery, scan_ahead, sounding
from .pump_effect import climbing
from .pump_numbers import disagreeing
from .pump_refill import low_reservoir, old_filling, refill_due

RULES: Mapping[str, Judge] = {
    "BAC-PUMP-01": refill_due,
    "BAC-PUMP-02": low_reservoir,
    "BAC-PUMP-03": sounding,
    "BAC-PUMP-04": battery,
    "BAC-PUMP-05": disagreeing,
    "BAC-PUMP-06": scan_ahead,
    "BAC-PUMP-07": climbing,
    "BAC-PUMP-08": old_filling,
}
