"""Medicines taken beside baclofen: by class, since when, how stable, how much."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from .caching import cached_property
from .classes import CNS_ACTIVE, SEDATIVES
from .concepts import BACLOFEN, Concept
from .fact import is_yes
from .medicines import MEDICINE_TYPES, Given, Medicine, Order, Supply
from .moment import Moment
from .partner import Partner, PartnerRecord, Records
from .pump import PROGRAMME
from .spans import midnight

if TYPE_CHECKING:
    from .facts import Facts

__all__ = ["Partner", "PartnerFacts"]

LOCAL_ROUTES = frozenset({"route-topical", "route-ophthalmic", "route-vaginal"})
GUT_OPIOID = frozenset({"med-gut-opioid"})
_TAKEN = frozenset({"active", "unknown"})


class PartnerFacts:
    """Medicines concurrent with baclofen at ``as_of``; with ``facts.signed`` drafts of them too."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self._found: dict[str, Partner | None] = {}

    def if_signed(self, facts: Facts) -> PartnerFacts:
        """The same for the other picture; a medicine without drafts is the same in both."""
        signed = PartnerFacts(facts)
        signed._records, signed._by_concept = self._records, self._by_concept
        signed._found = {name: one for name, one in self._found.items() if not self._records[name].drafted}
        return signed

    def of(self, *concepts: Concept) -> tuple[Partner, ...]:
        """Concurrent medicines of any of the concepts, each ingredient once; never baclofen, never a local route."""
        index = self._by_concept
        names = {name for concept in concepts if concept in index for name in index[concept]}
        if not names:
            return ()
        found = (self._partner(name) for name in sorted(names))
        return tuple(partner for partner in found if partner is not None and self._meets(partner))

    @cached_property
    def sent(self) -> bool:
        """Was any medicine type looked into?"""
        return self.facts.chart.was_sent(*MEDICINE_TYPES)

    @cached_property
    def sedatives(self) -> tuple[Partner, ...]:
        return self.of(*SEDATIVES)

    @cached_property
    def cns_active(self) -> tuple[Partner, ...]:
        """What is counted for falls and delirium, baclofen itself left out."""
        return self.of(*CNS_ACTIVE)

    @cached_property
    def on_baclofen(self) -> bool:
        """An active or draft oral order, one about to begin too, or continuous intrathecal baclofen."""
        return self._runs or bool(self.facts.oral.about_to_begin)

    @property
    def _runs(self) -> bool:
        return self.facts.oral.on_oral or is_yes(self.facts.it.active)

    def _meets(self, partner: Partner) -> bool:
        """Is it taken beside baclofen: now, or, when none runs yet, still when the first order begins?"""
        ahead = self.facts.oral.about_to_begin
        if partner.until is None or self._runs or not ahead:
            return True
        return partner.until > min(entry.start for entry in ahead)

    @cached_property
    def screening(self) -> tuple[Order, ...]:
        """Screening boluses ordered and not over, drafts in the signed picture."""
        live = _TAKEN | {"draft"} if self.facts.signed else _TAKEN
        now = self.facts.as_of
        return tuple(
            order
            for order in self.facts.it.orders
            if self.facts.it.kind(order) == "bolus" and order.status in live and not _is_past(order, now)
        )

    @cached_property
    def baclofen(self) -> tuple[Order, ...]:
        """Baclofen orders in force by any route, drafts in the signed picture; without any, those about to begin."""
        found = (*self.facts.oral.in_force, *self.facts.it.in_force)
        return found or tuple(entry.order for entry in self.facts.oral.about_to_begin)

    def stable(self, partner: Partner, days: Decimal) -> bool:
        """Unbroken use and the same doses of it and of baclofen for ``days`` days. An unknown start is not stable."""
        if partner.changed is None:
            return False
        since = [partner.changed.first]
        if self.baclofen_changed is not None:
            since.append(self.baclofen_changed.first)
        return max(since) <= self.facts.as_of - timedelta(days=float(days))

    def acknowledged(self, rule: str, partner: Partner) -> bool:
        """A human action on the rule's issue in ``acknowledged-days``, and no start or change of dose since."""
        told = self.facts.person.acknowledged(rule, self.facts.limits["acknowledged-days"])
        if told is None or told.at is None:
            return False
        changes = (partner.changed, self.baclofen_changed)
        return all(change is None or change.first <= told.at.last for change in changes)

    @cached_property
    def baclofen_changed(self) -> Moment | None:
        """The last start or change of dose of baclofen by any route; None when none is dated."""
        oral, it, now = self.facts.oral, self.facts.it, self.facts.as_of
        latest = max([now, *(order.start.first for order in oral.drafts if order.start and self.facts.signed)])
        found = [change.at for change in oral.changes if change.at <= latest]
        run = oral.line.run_to(now, ordered=True)
        if oral.on_oral and run is not None and run.start_known:
            found.append(midnight(datetime.fromordinal(run.first).date(), oral.record.zone))
        elif oral.on_oral and run is None:
            found.append(now)
        found += [order.start.first for order in it.in_force[:1] if order.start is not None]
        found += self._reprogrammed
        last = max(found, default=None)
        return Moment.at(last) if last is not None else None

    @property
    def _reprogrammed(self) -> list[datetime]:
        """When the programmed dose was first what it is now; a dose programmed as ordered, and never otherwise, is
        no change."""
        programme = self.facts.it.programme
        if programme is None:
            return []
        series = [m for m in self.facts.chart.measurements[PROGRAMME] if m.value is not None and m.at is not None]
        others = [m.at.first for m in series if m.at and m.value != programme.value]
        if not others and self.facts.it.in_force:
            return []
        since = max(others, default=None)
        same = [m.at.first for m in series if m.at and m.value == programme.value]
        return [min(at for at in same if since is None or at >= since)]

    def _partner(self, name: str) -> Partner | None:
        if name not in self._found:
            facts, found = self.facts, self._records[name]
            live = any(order.status in _TAKEN or (order.status == "draft" and facts.signed) for order in found.orders)
            partner = None
            if live or found.supplies or found.given:
                record = PartnerRecord(facts.chart, facts.as_of, facts.limits, found, signed=facts.signed)
                partner = Partner(name, found, record)
            self._found[name] = partner if partner is not None and partner.concurrent else None
        return self._found[name]

    @cached_property
    def _by_concept(self) -> dict[Concept, list[str]]:
        found: dict[Concept, list[str]] = {}
        for name, records in self._records.items():
            for concept in records.concepts:
                found.setdefault(concept, []).append(name)
        return found

    @cached_property
    def _records(self) -> dict[str, Records]:
        """Ingredient to its records; a medicine known by its class alone goes by its name."""
        chart, found = self.facts.chart, dict[str, Records]()
        for order in chart.orders:
            for records in _shelves(found, order):
                records.orders.append(order)
        for supply in chart.supplies:
            for records in _shelves(found, supply):
                records.supplies.append(supply)
        for dose in chart.given:
            for records in _shelves(found, dose):
                records.given.append(dose)
        return found


def _shelves(found: dict[str, Records], item: Order | Supply | Given) -> Iterable[Records]:
    """Where a record belongs: one place per ingredient of a class; none for baclofen and local routes."""
    medicine = item.medicine
    if not medicine.concepts or BACLOFEN in medicine.concepts or _is_local(item):
        return
    for name, concepts in medicine.parts or ((_only_name(medicine), medicine.concepts),):
        own = concepts - {"med-opioid"} if concepts & GUT_OPIOID else concepts
        records = found.setdefault(name, Records(own))
        records.concepts |= own
        yield records


def _only_name(medicine: Medicine) -> str:
    return next(iter(medicine.ingredients)) if len(medicine.ingredients) == 1 else medicine.name.lower()


def _is_local(item: Order | Supply | Given) -> bool:
    """For the skin, the eye and the like: it does not reach the whole body."""
    route = item.route or item.medicine.product_route
    return route in LOCAL_ROUTES if route is not None else item.medicine.form == "topical"


def _is_past(order: Order, now: datetime) -> bool:
    ends = [step.end.last for step in order.steps if step.end is not None]
    if ends:
        return max(ends) <= now
    begun = order.start or order.authored
    return begun is not None and begun.last.date() < now.date()
