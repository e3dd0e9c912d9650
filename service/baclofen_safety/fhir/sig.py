"""Free-text sigs: what one sentence of a prescription says about dose and frequency, when it says only one thing."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ..core.chart import Medicine
from ..core.concepts import Concept
from ..terminology.lookup import Terminology


@dataclass(frozen=True, slots=True)
class SigReading:
    """What a sig says. Amounts in mg, whatever the route; upper ends, with the lower end where a range was written.

    A part the text does not say is None: a reading may hold only a dose or only a frequency.
    """

    single: Decimal | None = None
    single_low: Decimal | None = None
    daily: Decimal | None = None
    daily_low: Decimal | None = None
    per_day: Decimal | None = None
    per_day_low: Decimal | None = None
    interval_h: Decimal | None = None
    as_needed: bool = False
    once: bool = False
    continuous: bool = False
    volume_ml: Decimal | None = None
    days: Decimal | None = None  # stated length of treatment
    written_unit: str | None = None
    written_value: Decimal | None = None


def read_sig(text: str, medicine: Medicine, terms: Terminology) -> SigReading | None:
    """The one dose and frequency a sig states; None when it is ambiguous, changes over time or is not understood.

    English with Latin abbreviations, German (1-0-1-0 too) and simple French. Never raises.
    """
    raise NotImplementedError


def route_from_sig(text: str, terms: Terminology) -> Concept | None:
    """The route that words of a sig say ("by mouth", "via IT pump"); None when none or contradictory ones do."""
    raise NotImplementedError
