"""One answer on its way to cards: the verdict, the call it answers, and what its client can do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from ..assessor import Answer
from ..core.knowledge import Rulebook
from ..core.medicines import Order
from ..core.verdict import Issue, Verdict
from .call import Call
from .client_profiles import Abilities, abilities_of
from .clients import Client
from .prefetch import Supply
from .session import Session
from .shapes import bare_id, pieces_of, ref_of, status_of

Json = dict[str, Any]
NEVER_TAKEN = frozenset({"draft", "intended", "not-taken"})
"""Statuses of orders nobody has taken anything by."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """What every card of one answer is made from.

    ``sent`` are the resources of the call's context by ``Type/id``, as the client sent them: only these can it find
    again. ``orders`` are the medicines of the chart by reference.
    """

    answer: Answer
    call: Call
    session: Session
    supply: Supply
    client: Client
    public_url: str
    abilities: Abilities
    sent: Mapping[str, Json]
    orders: Mapping[str, Order]

    @property
    def verdict(self) -> Verdict:
        return self.answer.verdict

    @property
    def book(self) -> Rulebook:
        return self.answer.book

    @property
    def whole(self) -> bool:
        """Is everything about the patient shown? So it is too when the orders of the session were held back."""
        return self.call.service.about == "patient" or self.session.missing

    @property
    def taken(self) -> bool:
        """Was there ever baclofen beside the drafts, or may there have been?

        Unknown orders may hold some, and whoever asks for the next supply says that there was one.
        """
        chart = self.verdict.chart
        had = [*(one.medicine for one in chart.supplies), *(one.medicine for one in chart.given)]
        orders = [one for order in chart.baclofen for one in (*order.versions, order)]
        ordered = any(one.status not in NEVER_TAKEN or self._renews(one) for one in orders)
        unknown = "medicationRequests" in self.supply.missing
        return unknown or ordered or any(medicine.is_baclofen for medicine in had)

    def _renews(self, order: Order) -> bool:
        """Does it go on with an order of baclofen, or with one nobody sent?"""
        prior = self.orders.get(order.replaces or "")
        return order.renews and (prior is None or prior.is_baclofen)

    @property
    def patient(self) -> Json:
        """A reference to the patient of the call."""
        return {"reference": f"Patient/{bare_id(self.call.patient_id)}"}

    @property
    def instance(self) -> str:
        """What makes ids of cards: some clients use one hookInstance for all they ask."""
        return "|".join((self.call.instance, self.call.service.id, self.call.patient_id))

    def drafts_of(self, issue: Issue) -> tuple[str, ...]:
        """Unsigned orders of the session the issue is about, which the client can find again."""
        return tuple(ref for ref in references(issue) if ref in self.session.refs and self.is_draft(ref))

    def is_draft(self, ref: str) -> bool:
        """Is it an unsigned order as the client sent it?"""
        return status_of(self.sent.get(ref, {})) == "draft"

    def baclofen_of(self, issue: Issue) -> tuple[Order, ...]:
        """The baclofen orders an issue implicates."""
        orders = (self.orders.get(ref) for ref in issue.finding.implicated)
        return tuple(order for order in orders if order is not None and order.is_baclofen)


def occasion_of(  # noqa: PLR0913 - everything a card is made from, by name
    answer: Answer,
    *,
    call: Call,
    session: Session,
    supply: Supply,
    client: Client,
    public_url: str,
) -> Occasion:
    """What the cards of one answer are made from. An order of the session that was read as another one sent twice goes
    by that one's reference too: else nothing would be said of it."""
    orders = answer.verdict.chart.orders
    twins = {one.ref for one in orders if not session.refs.isdisjoint(twin.ref for twin in one.versions)}
    return Occasion(
        answer=answer,
        call=call,
        session=replace(session, refs=session.refs | twins),
        supply=supply,
        client=client,
        public_url=public_url,
        abilities=abilities_of(client.profile),
        sent=sent_with(call),
        orders={order.ref: order for order in orders},
    )


def references(issue: Issue) -> tuple[str, ...]:
    """Every resource an issue is about or rests on, those it is about first."""
    finding = issue.finding
    return tuple(dict.fromkeys((*finding.implicated, *(one.reference for one in finding.evidence))))


def signed_before(order: Order) -> Order | None:
    """The signed order that an unsigned change of it, under the same id, would take the place of."""
    return next((one for one in reversed(order.versions) if one.status not in NEVER_TAKEN), None)


def dose_of(order: Order) -> Decimal | None:
    """The daily dose of an order that has one dose only; None when it cannot be told in one number."""
    return order.steps[0].daily if len(order.steps) == 1 else None


def sent_with(call: Call) -> Mapping[str, Json]:
    """The resources of a call's context that have an id of their own, by ``Type/id``."""
    pieces = (piece for name in call.service.holds for piece in pieces_of(call.context.get(name)))
    return {ref_of(piece.resource): piece.resource for piece in pieces if piece.resource and ref_of(piece.resource)}
