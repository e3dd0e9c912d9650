"""Kidney function as of now: the eGFR picked, the band, acute injury and dialysis."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Literal

from .chart import Chart, Measurement
from .fact import Evidence, Fact, Reason, Unknown
from .knowledge import Limits
from .moment import Moment
from .person import PersonFacts

PENDING = Unknown(Reason.NOT_SENT)


@dataclass(frozen=True, slots=True)
class Egfr:
    """One eGFR candidate, mL/min/1.73 m2. ``high`` is None for an open interval (">60")."""

    low: Decimal
    high: Decimal | None
    formula: str
    at: Moment
    computed: bool
    old: bool
    creatinine_based: bool
    evidence: tuple[Evidence, ...] = ()

    @property
    def value(self) -> Decimal | None:
        """The number; None for an interval."""
        return self.low if self.low == self.high else None

    @property
    def shown(self) -> str:
        """ "40.5", ">60" or "30-60"."""
        return str(self.low)


BandName = Literal["<15", "15-29", "30-44", "45-59", "60-89", ">=60", ">=90"]


@dataclass(frozen=True, slots=True)
class Band:
    """The worse of the eGFR band and, from age 65, the creatinine clearance band."""

    name: BandName
    value: Decimal | None
    by: Literal["eGFR", "CrCl"]
    egfr: Egfr | None
    crcl: Decimal | None
    old: bool
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Aki:
    """Why the kidneys are thought to be failing now; ``before`` and ``after`` as shown (creatinine mg/dL)."""

    why: str
    before: str
    after: str
    evidence: tuple[Evidence, ...] = ()


class KidneyFacts:
    """Facts about the kidneys at ``as_of``."""

    def __init__(self, chart: Chart, as_of: datetime, limits: Limits, person: PersonFacts) -> None:
        self.chart = chart
        self.as_of = as_of
        self.limits = limits
        self.person = person

    @cached_property
    def egfr(self) -> Fact[Egfr]:
        return PENDING

    @cached_property
    def crcl(self) -> Fact[Decimal]:
        return PENDING

    @cached_property
    def dialysis(self) -> Fact[bool]:
        return PENDING

    @cached_property
    def one_dialysis_session(self) -> bool:
        return False

    @cached_property
    def band(self) -> Fact[Band]:
        return PENDING

    @cached_property
    def aki(self) -> Fact[Aki | None]:
        return PENDING

    @cached_property
    def ckd_stage(self) -> Fact[str | None]:
        return PENDING

    @cached_property
    def last_test_at(self) -> Moment | None:
        return None

    @cached_property
    def cystatin_egfr_recent(self) -> bool:
        return False

    @cached_property
    def newest_unusable(self) -> Measurement | None:
        return None
