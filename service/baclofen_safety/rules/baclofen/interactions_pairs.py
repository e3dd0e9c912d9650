"""A medicine beside baclofen, judged by one row of a table: who takes it, what makes it worse, when it stays quiet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...core.fact import Need, Unknown
from ...core.rule import Finding, Gap, Said, Severity
from .interactions_quiet import Asked
from .interactions_worse import KIDNEY, weigh
from .said import daily_words, evidence, refs

if TYPE_CHECKING:
    from ...core.classes import Class
    from ...core.facts import Facts
    from ...core.knowledge import Limits
    from ...core.medicines import Order
    from ...core.partners import Partner
    from .interactions_worse import Weight

NEEDS = (Need("MedicationRequest"), Need("MedicationStatement"))


@dataclass(frozen=True, slots=True)
class Pairing:
    """One row: the class judged, its severity, and what raises it (names of ``interactions_worse``).

    ``quiet`` names clauses of ``interactions_quiet``. ``screening``: a screening bolus counts as baclofen.
    ``counter``: what is bought without prescription has a tell row of its own. ``marks``: concept to the mark set
    when nothing else of the class is taken.
    """

    rule: str
    partners: Class
    severity: Severity
    raised: Severity | None = None
    worse: tuple[str, ...] = ()
    quiet: tuple[str, ...] = ()
    screening: bool = False
    counter: bool = False
    marks: tuple[tuple[str, str], ...] = ()

    @property
    def worst(self) -> Severity:
        return self.raised or self.severity


def judge_pairing(row: Pairing, facts: Facts, limits: Limits) -> Iterator[Said]:
    """The finding of one row, with a gap for what may make it high and is not known."""
    found = facts.partners.of(*row.partners)
    if not found and (facts.partners.sent or row.worst is not Severity.HIGH):
        return
    screening = facts.partners.screening if row.screening else ()
    if not facts.partners.on_baclofen and not screening:
        return
    if not facts.partners.sent:
        yield Gap("medicines", needs=NEEDS)
        return
    asked = [Asked(row.rule, one, weigh(row.worse, one, facts, limits), facts, limits) for one in found]
    left = [one for one in asked if not one.is_quiet(row.quiet)]
    if not left:
        return
    weights = tuple(dict.fromkeys(weight for one in left for weight in one.weights))
    finding = _finding(row, tuple(one.partner for one in left), weights, facts, screening)
    yield finding
    unknown = [weight.fact for weight in weights if isinstance(weight.fact, Unknown) and weight.name not in KIDNEY]
    if unknown and finding.severity is not row.worst and row.worst is Severity.HIGH:
        needs = tuple(need for fact in unknown for need in fact.needs)
        yield Gap("modifiers", {"missing": tuple(fact.about for fact in unknown)}, needs, high=True)


def _finding(
    row: Pairing,
    partners: tuple[Partner, ...],
    weights: tuple[Weight, ...],
    facts: Facts,
    screening: tuple[Order, ...],
) -> Finding:
    holds = tuple(weight for weight in weights if weight.holds)
    lost = any(isinstance(weight.fact, Unknown) and weight.name in KIDNEY for weight in weights)
    severity = row.raised if holds and row.raised is not None else row.severity
    own = (*facts.partners.baclofen, *screening)
    concepts = frozenset().union(*(partner.concepts for partner in partners))
    return Finding(
        severity,
        (
            *(evidence(order, daily_words(order)) for order in own),
            *(() if own else facts.it.active.evidence),
            *(said for partner in partners for said in partner.evidence),
            *(said for weight in holds for said in weight.fact.evidence),
        ),
        (*refs(own), *(ref for partner in partners for ref in partner.refs)),
        values={"drug": tuple(partner.name for partner in partners)},
        notes=(*dict.fromkeys(weight.name for weight in holds), *(("kidney-unknown",) if lost else ())),
        variant="otc" if row.counter and all(partner.otc for partner in partners) else None,
        marks=frozenset(mark for concept, mark in row.marks if len(partners) == 1 and concept in concepts),
    )
