"""What hospitals add: anaesthesia ahead, opioids near the spine, magnesium into a vein."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from ...core.classes import OPIOIDS
from ...core.fact import Evidence, Known, Need, Unknown, is_no, is_yes
from ...core.medicines import Given, Order, Supply
from ...core.rule import Finding, Gap, Said, Severity
from .interactions_parts import cite, implicate, names, unsent, weak_kidney
from .said import refs
from .withdrawal_parts import cite_act

if TYPE_CHECKING:
    from ...core.facts import Facts
    from ...core.knowledge import Limits
    from ...core.partners import Partner

ANAESTHETICS = ("med-general-anaesthetic", "med-neuromuscular-blocker")
ANAESTHETIC_ROUTES = frozenset({None, "route-intravenous", "route-intramuscular", "route-inhalation"})
MAGNESIUM = "med-magnesium-sulfate"
MAGNESIUM_ROUTE = (Need("MedicationRequest", (MAGNESIUM,), parts=("route",)),)
VEIN_OR_MUSCLE = frozenset({"route-intravenous", "route-intramuscular"})
INTO_PUMP = frozenset({"route-intrathecal", "route-intrathecal-check"})


def magnesium(facts: Facts, limits: Limits) -> Iterator[Said]:
    yield from unsent(facts)
    found = tuple(p for p in facts.partners.of(MAGNESIUM) if _is_injected(p))
    if not found:
        yield from _route_unknown(facts)
    if not found or not facts.partners.on_baclofen or _is_replacement(found, limits):
        return
    severe = weak_kidney(facts, limits["band-g3b-from"])
    band, dialysis = facts.kidney.band, is_yes(facts.kidney.dialysis)
    notes = (
        ("dialysis", dialysis),
        ("weak-kidney", severe and not dialysis),
        ("egfr-unknown", isinstance(band, Unknown) and not dialysis),
    )
    yield Finding(
        Severity.HIGH if severe else Severity.MODERATE,
        (*cite(found), *(band.evidence if severe else ()), *(facts.kidney.dialysis.evidence if dialysis else ())),
        implicate(facts, found),
        values={"egfr": band.value.shown if isinstance(band, Known) else ""},
        notes=tuple(note for note, holds in notes if holds),
    )


def _route_unknown(facts: Facts) -> Iterator[Gap]:
    """An order of the salt that is given into a vein, by a route and in a form nobody wrote."""
    for partner in facts.partners.of(MAGNESIUM) if facts.partners.on_baclofen else ():
        orders = [one for one in partner.shown_by if isinstance(one, Order)]
        if any(one.route is None and one.medicine.form is None for one in orders):
            yield Gap("route-unknown", needs=MAGNESIUM_ROUTE, evidence=tuple(partner.evidence))


def _is_injected(partner: Partner) -> bool:
    """By vein or muscle, or an injection whose route nobody wrote."""
    if partner.routes & VEIN_OR_MUSCLE:
        return True
    return any(one.route is None and one.medicine.form == "injection" for one in partner.shown_by)


def _is_replacement(found: tuple[Partner, ...], limits: Limits) -> bool:
    """One small dose only that replaces what is missing."""
    doses = [dose for partner in found for one in partner.shown_by for dose in _single_doses(one)]
    known = [dose for dose in doses if dose is not None]
    return (
        all(partner.single_dose for partner in found)
        and len(known) == len(doses)
        and sum(known, Decimal(0)) <= limits["magnesium-single-up-to"]
    )


def _single_doses(one: Order | Supply | Given) -> tuple[Decimal | None, ...]:
    """mg of each dose; None when nobody can tell."""
    if isinstance(one, Order):
        return tuple(step.single for step in one.steps)
    return (one.amount,) if isinstance(one, Given) else (None,)


def anaesthesia(facts: Facts, limits: Limits) -> Iterator[Said]:
    del limits
    drugs = tuple(p for p in facts.partners.of(*ANAESTHETICS) if _is_ahead(p, facts))
    surgery = facts.hospital.surgery
    if not facts.partners.on_baclofen or not (drugs or surgery):
        return
    pump = facts.it.active
    notes = (("undated", surgery is not None and surgery.start is None), ("pump", is_yes(pump)))
    yield Finding(
        Severity.MODERATE,
        (*((cite_act(surgery),) if surgery else ()), *cite(drugs)),
        implicate(facts, drugs),
        notes=tuple(note for note, holds in notes if holds),
    )


def _is_ahead(partner: Partner, facts: Facts) -> bool:
    """Drafted, or ordered for later, by a route that puts to sleep."""
    if not partner.routes & ANAESTHETIC_ROUTES:
        return False
    return any(entry.role == "draft" or entry.start > facts.as_of for entry in partner.entries)


def opioid_beside_pump(facts: Facts, limits: Limits) -> Iterator[Said]:
    yield from unsent(facts)
    pump, tests = facts.it.active, facts.partners.screening
    if is_no(pump) and not tests:
        return
    found = tuple(p for p in facts.partners.of(*OPIOIDS) if _is_new_or_neuraxial(p, facts, limits))
    if not found:
        return
    if isinstance(pump, Unknown) and not tests:
        yield Gap("delivery-unclear", {"drug": names(found)}, pump.needs, (*cite(found), *pump.evidence))
        return
    yield Finding(
        Severity.HIGH,
        (*cite(found), *pump.evidence, *(Evidence(order.ref, order.medicine.name) for order in tests)),
        (*implicate(facts, found), *refs(tests)),
        values={"drug": names(found)},
    )


def _is_new_or_neuraxial(opioid: Partner, facts: Facts, limits: Limits) -> bool:
    """Near the spine, but for a settled mixture in the pump; elsewhere only when new."""
    if opioid.neuraxial:
        settled = facts.partners.stable(opioid, limits["neuraxial-mixture-days"])
        return not (settled and opioid.routes <= INTO_PUMP)
    return opioid.draft or opioid.started_within(limits["neuraxial-new-opioid-days"])
