"""The same alert at the selection of an order and at its signing, once, for clients that ask for it (PDDI-CDS).

A client says ``cache-for-order-sign-filtering`` at order-select and ``filter-out-repeated-alerts`` at order-sign, both
in ``extension["pddi-configuration-items"]``. Unless both were said nothing is ever held back. What was shown is known
again by client, patient, user, knowledge, rule, severity, orders and everything the rule judged: a dose, a laboratory
value or an order that changed in between makes it another finding, told in full.

The guide lets a service drop whatever was shown. Here a high finding is never dropped: a card that was closed in
haste must not be the last word before a signature. It is told again in one line, on one card with its like.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from ..core.medicines import Order
from ..core.rule import Finding, Severity
from ..core.verdict import Issue
from ..core.words import say
from ..store import StoreError
from .cards import Layout, lay_out
from .grouping import Group
from .notices import EXTENSION
from .occasion import Occasion, references

CONFIGURATION = "pddi-configuration-items"
KEEP = "cache-for-order-sign-filtering"
FILTER = "filter-out-repeated-alerts"
KEPT = timedelta(hours=12)
"""Longer than a shift: nobody remembers a card of yesterday."""


class ShownStore(Protocol):
    """The part of the store that is needed here."""

    def remember_shown(self, marks: Collection[str], until: datetime) -> None: ...

    def shown(self, marks: Collection[str]) -> frozenset[str]: ...


@dataclass(frozen=True, slots=True)
class Repeats:
    """What was shown before. ``key`` makes the marks that are kept worth nothing to others: it is never stored."""

    store: ShownStore
    key: bytes = field(repr=False)
    clock: Callable[[], datetime]

    def response(self, occasion: Occasion) -> dict[str, Any]:
        """The response of one call: what was held back is told in its extension."""
        hook = occasion.call.service.hook
        if hook == "order-sign" and _asks(occasion, FILTER):
            return self._filtered(self._marks(occasion), occasion)
        layout = lay_out(occasion)
        if hook == "order-select" and _asks(occasion, KEEP):
            marks = self._marks(occasion)
            kept = [marks[rule] for rule in told_enough(layout.groups) if rule in marks]
            return _response(layout, {} if self._keep(kept) else {"notRemembered": True})
        return _response(layout, {})

    def _marks(self, occasion: Occasion) -> dict[str, str]:
        """The mark of each finding by its rule; none when nobody knows whom they are shown to."""
        shown = occasion.verdict.issues if occasion.call.user_id is not None else ()
        return {one.sheet.id: self.mark(one, occasion) for one in shown}

    def mark(self, issue: Issue, occasion: Occasion) -> str:
        """The keyed hash of all that makes this finding this finding, to this person."""
        orders = (occasion.orders[ref] for ref in sorted(references(issue)) if ref in occasion.orders)
        told = (
            (occasion.client.name, occasion.call.patient_id, occasion.call.user_id, occasion.verdict.version),
            (issue.sheet.id, issue.severity.value, issue.preliminary, issue.opposed, issue.ceiling_by, issue.absorbed),
            *map(_judged, (issue.finding, issue.with_draft, issue.without_draft)),
            *map(_ordered, orders),
        )
        return hmac.new(self.key, repr(told).encode(errors="surrogatepass"), hashlib.sha256).hexdigest()

    def _filtered(self, marks: Mapping[str, str], occasion: Occasion) -> dict[str, Any]:
        try:
            known = self.store.shown(marks.values())
        except StoreError:  # then all is told again: that is the safe side
            return _response(lay_out(occasion), {"notFiltered": True})
        before = frozenset(rule for rule, mark in marks.items() if mark in known)
        layout = lay_out(occasion, before)
        return _response(layout, {"leftOut": _named(layout.left_out), "shortened": _named(layout.shortened)})

    def _keep(self, marks: Collection[str]) -> bool:
        try:
            self.store.remember_shown(marks, self.clock() + KEPT)
        except StoreError:
            return False
        return True


def told_enough(groups: Iterable[Group]) -> list[str]:
    """The rules whose findings need not be told again: a high one had a card of its own, others were on any."""
    return [
        issue.sheet.id
        for group in groups
        for place, issue in enumerate(group.issues)
        if issue.severity is not Severity.HIGH or (group.together and place == 0)
    ]


def _asks(occasion: Occasion, code: str) -> bool:
    said = occasion.call.extension.get(CONFIGURATION)
    return isinstance(said, Mapping) and said.get(code) in (True, "true")


def _response(layout: Layout, told: Mapping[str, object]) -> dict[str, Any]:
    held = {name: one for name, one in told.items() if one}
    return {"cards": layout.cards} | ({"extension": {EXTENSION: held}} if held else {})


def _named(issues: Iterable[Issue]) -> list[dict[str, Any]]:
    return [{"id": one.sheet.id, "severity": one.severity.value} for one in issues]


def _judged(finding: Finding | None) -> object:
    if finding is None:
        return None
    values = sorted((name, say(value)) for name, value in finding.values.items())
    evidence = sorted((one.reference, one.says) for one in finding.evidence)
    cap = finding.cap.mg_per_day if finding.cap else None
    more = (finding.notes, finding.variant, sorted(finding.marks), finding.same_as, cap)
    return finding.severity.value, sorted(finding.implicated), values, evidence, more


def _ordered(order: Order) -> object:
    """What an order says, without times that a draft gets from the moment it is looked at."""
    doses = [(one.daily, one.single, one.doses_per_day, one.as_needed, one.continuous, one.text) for one in order.steps]
    return order.ref, order.status, order.medicine.name, order.route, doses
