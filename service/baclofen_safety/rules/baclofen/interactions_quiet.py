"""When a medicine beside baclofen is left unsaid: long settled and seen, a single dose, given for the very harm."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from ...core.fact import is_yes
from .said import treats_withdrawal

if TYPE_CHECKING:
    from ...core.facts import Facts
    from ...core.knowledge import Limits
    from ...core.partners import Partner
    from .interactions_worse import Weight

SEIZURES = frozenset({"cond-epilepsy-seizure"})
WITHDRAWALS = frozenset({"cond-drug-withdrawal-other", "cond-alcohol-withdrawal", "cond-baclofen-underdosing"})
ANTIDOTE = "med-cyproheptadine"


@dataclass(frozen=True, slots=True)
class Asked:
    """One partner under one rule, with what was weighed."""

    rule: str
    partner: Partner
    weights: tuple[Weight, ...]
    facts: Facts
    limits: Limits

    def is_quiet(self, clauses: Iterable[str]) -> bool:
        """Does any of the row's clauses hold?"""
        return any(_QUIET[clause](self) for clause in clauses)

    @property
    def acknowledged(self) -> bool:
        return self.facts.partners.acknowledged(self.rule, self.partner)

    @property
    def settled(self) -> bool:
        return self.acknowledged and self.facts.partners.stable(self.partner, self.limits["stable-days"])

    @property
    def unmodified(self) -> bool:
        return not any(weight.holds for weight in self.weights)

    @property
    def in_hospital(self) -> bool:
        """Given by the hospital of the current stay."""
        entries = self.partner.entries
        return self.facts.hospital.stay is not None and all(entry.inpatient for entry in entries)

    def given_for(self, reasons: frozenset[str]) -> bool:
        """By the reason on the order."""
        return any(order.concepts & reasons for order in self.partner.orders)

    @property
    def near_procedure(self) -> bool:
        at, reach = self.partner.started, timedelta(hours=float(self.limits["periprocedural-hours"]))
        return at is not None and self.facts.hospital.operated_near(at, reach)

    @property
    def for_withdrawal(self) -> bool:
        return self.given_for(WITHDRAWALS) or treats_withdrawal(self.facts)


_QUIET: Mapping[str, Callable[[Asked], bool]] = {
    "acknowledged": lambda asked: asked.acknowledged,
    "acknowledged-without-signs": lambda asked: asked.acknowledged and not asked.facts.signs.mental_state,
    "settled": lambda asked: asked.settled,
    "settled-unmodified": lambda asked: asked.unmodified and asked.settled,
    "epilepsy-settled": lambda asked: asked.settled and is_yes(asked.facts.person.seizure_disorder),
    "long": lambda asked: asked.partner.older_than(asked.limits["other-sedative-days"]),
    "single": lambda asked: asked.partner.single_dose,
    "periprocedural": lambda asked: asked.partner.single_dose and asked.near_procedure,
    "seizure-in-hospital": lambda asked: (
        asked.in_hospital and (asked.given_for(SEIZURES) or asked.for_withdrawal or bool(asked.facts.signs.seizure))
    ),
    "delirium-in-hospital": lambda asked: asked.in_hospital and asked.for_withdrawal,
    "withdrawal-antidote": lambda asked: ANTIDOTE in asked.partner.concepts and asked.for_withdrawal,
}
