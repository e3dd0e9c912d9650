"""Facts about hospital stays, fasting and surgery, as far as baclofen hangs on them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from functools import cached_property

from .chart import Act, Chart, Stay
from .fact import Fact
from .knowledge import Limits
from .moment import Moment
from .oral import OralFacts
from .timeline import Npo


class HospitalFacts:
    """Stays, fasting and surgery at ``as_of``."""

    def __init__(self, chart: Chart, as_of: datetime, limits: Limits, oral: OralFacts) -> None:
        self.chart = chart
        self.as_of = as_of
        self.limits = limits
        self.oral = oral

    @cached_property
    def stay(self) -> Stay | None:
        """The current inpatient stay."""
        raise NotImplementedError

    @cached_property
    def admitted_at(self) -> Moment | None:
        """Start of the current stay, else of the newest inpatient stay that ended."""
        raise NotImplementedError

    @cached_property
    def discharged_at(self) -> Moment | None:
        """End of the newest inpatient stay, when no stay is current."""
        raise NotImplementedError

    @cached_property
    def inpatient_baclofen(self) -> Fact[bool]:
        """An order of the stay in force, or a dose given, since admission."""
        raise NotImplementedError

    @cached_property
    def home_baclofen(self) -> Fact[bool]:
        """Established oral baclofen in the 30 days before admission."""
        raise NotImplementedError

    @cached_property
    def home_dose(self) -> Fact[Decimal]:
        """Daily oral dose just before admission, mg/day."""
        raise NotImplementedError

    @cached_property
    def discharge_list(self) -> Fact[tuple[str, ...]]:
        """References on the discharge list of the newest stay."""
        raise NotImplementedError

    @cached_property
    def on_discharge_list(self) -> Fact[bool]:
        raise NotImplementedError

    @cached_property
    def documented_stop(self) -> bool:
        raise NotImplementedError

    @cached_property
    def npo(self) -> Npo | None:
        raise NotImplementedError

    @cached_property
    def surgery(self) -> Act | None:
        """Earliest planned surgery or anaesthesia at most 7 days ahead (or without a date)."""
        raise NotImplementedError

    @cached_property
    def surgery_in_h(self) -> Decimal | None:
        raise NotImplementedError

    @cached_property
    def perioperative_plan(self) -> bool:
        raise NotImplementedError
