"""Who the patient is: age, sex, body size and the conditions that change how baclofen harms."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from .chart import Acknowledgement, Chart, Problem
from .concepts import Concept
from .fact import Fact, Reason, Unknown
from .knowledge import Limits

PENDING = Unknown(Reason.NOT_SENT)


@dataclass(frozen=True, slots=True)
class Age:
    """Age range in years; both ends are equal when the birth date is exact."""

    low: Decimal
    high: Decimal


class PersonFacts:
    """Facts about the person at ``as_of``."""

    def __init__(self, chart: Chart, as_of: datetime, limits: Limits) -> None:
        self.chart = chart
        self.as_of = as_of
        self.limits = limits

    @cached_property
    def age(self) -> Fact[Age]:
        return PENDING

    @cached_property
    def age_years(self) -> int | None:
        return None

    def at_least(self, years: int | Decimal) -> bool | None:
        return None

    def below(self, years: int | Decimal) -> bool | None:
        return None

    @cached_property
    def adult_or_unknown(self) -> bool:
        return True

    @cached_property
    def sex(self) -> Fact[str]:
        return PENDING

    @cached_property
    def deceased(self) -> bool:
        return self.chart.patient.deceased

    def weight(self, days: int) -> Fact[Decimal]:
        return PENDING

    def height(self, days: int) -> Fact[Decimal]:
        return PENDING

    def bmi(self, days: int) -> Fact[Decimal]:
        return PENDING

    @cached_property
    def communication_difficulty(self) -> Fact[bool]:
        return PENDING

    @cached_property
    def seizure_disorder(self) -> Fact[bool]:
        return PENDING

    @cached_property
    def previous_withdrawal(self) -> Fact[bool]:
        return PENDING

    @cached_property
    def sci_at_or_above_t6(self) -> Fact[bool]:
        return PENDING

    @cached_property
    def cerebrovascular(self) -> Fact[bool]:
        return PENDING

    @cached_property
    def pregnant(self) -> Fact[bool]:
        return PENDING

    @cached_property
    def cannot_walk(self) -> Fact[bool]:
        return PENDING

    @cached_property
    def spasticity_origin(self) -> Fact[str]:
        return PENDING

    @cached_property
    def low_muscle(self) -> Fact[str | None]:
        return PENDING

    @cached_property
    def end_of_life_care(self) -> bool:
        return False

    @cached_property
    def toxicity_suspected(self) -> Fact[bool]:
        return PENDING

    @cached_property
    def overdose(self) -> Fact[bool]:
        return PENDING

    def acknowledged(self, rule: str, days: int) -> Acknowledgement | None:
        return None

    def override(self) -> Acknowledgement | None:
        return None

    def active(self, concepts: Concept | Iterable[Concept]) -> tuple[Problem, ...]:
        """Active problems of any of the concepts."""
        return ()
