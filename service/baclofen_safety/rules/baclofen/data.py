"""What could not be judged, told as notices: the dose, the route, the kidneys, the pump."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ...core.fact import DOSED, ENDED, Known, Need, Reason, Unknown, is_yes
from ...core.kidney import PUBLISHED_STAGES
from ...core.measuring import tell, time_of
from ...core.rule import Gap, Judge, Said
from .said import days, evidence, route_words, shown, standing

if TYPE_CHECKING:
    from ...core.chart import Measurement
    from ...core.facts import Facts
    from ...core.knowledge import Limits

KIDNEY_TESTS = ("lab-creatinine", "lab-egfr-ckdepi-2021-creatinine")
ASSUMED_ROUTE = "assumed-route"  # the reader took the route from the form or the dose alone
PAST_DATES = "past-dates"  # the reader passed over the dates of a draft, which lie behind us
STAGE = (Need("Condition", (*PUBLISHED_STAGES, "cond-ckd-unspecified"), parts=("state",)),)
ANY_ORDER = (Need("MedicationRequest", ("med-baclofen",)),)
PUMP_CONTENT = (*ANY_ORDER, Need("Observation", ("fact-programmed-daily-dose",)))
ORDER = (DOSED,)
REPORT = (*ORDER, Need("MedicationStatement", ("med-baclofen",), parts=("dose", "times")))
ROUTE = (Need("MedicationRequest", ("med-baclofen",), parts=("route",)),)


def daily_dose(facts: Facts, limits: Limits) -> Iterator[Said]:
    del limits
    oral = facts.oral
    least = oral.at_least
    if facts.signs.baclofen_named and not facts.chart.records_baclofen:
        named = facts.signs.baclofen_named
        yield Gap("no-order", {"about": tuple(one.says for one in named)}, ANY_ORDER, named, high=True)
    elif not facts.partners.sent and not facts.chart.was_answered(ANY_ORDER):
        yield Gap("not-sent", needs=ANY_ORDER, high=False)
    for order, missing in oral.uncomputable:
        reason = "at-least" if least > 0 else "dose"
        values = {"missing": missing, "dose": shown(least)}
        yield Gap(reason, values, ORDER, (evidence(order, missing),), high=True)
    if not oral.uncomputable and oral.on_oral:
        if isinstance(oral.max_planned, Unknown):
            yield Gap("later-step", {"dose": shown(least)}, ORDER, oral.max_planned.evidence, high=True)
        else:
            for order in oral.in_force:
                if any(step.daily is None for step in order.steps):
                    yield Gap("earlier-step", {"dose": shown(least)}, ORDER, (evidence(order, ""),), high=True)
    for report, taken, ordered in oral.reported_otherwise:
        values = {"taken": shown(taken), "dose": shown(ordered)}
        yield Gap("reported-more", values, REPORT, (evidence(report, shown(taken)),), high=True)
    for order in facts.chart.orders:
        if PAST_DATES in order.concepts:
            yield Gap("past-dates", {"order": order.medicine.name}, (ENDED,), (evidence(order, ""),), high=True)


def route(facts: Facts, limits: Limits) -> Iterator[Said]:
    del limits
    for order in standing(facts.chart.baclofen, facts):
        form = order.medicine.form or ""
        values = {"order": order.medicine.name, "form": form, "route": route_words(order.route)}
        reason = None
        if order.route is None or ASSUMED_ROUTE in order.concepts:
            reason = "injection" if form == "injection" else "unknown" if order.route is None else "by-mouth"
        elif order.route_conflict:
            reason = "contradiction" if form else "two-routes"
            values["route"] = " and ".join(map(route_words, order.other_routes))
        elif order.route == "route-intrathecal-check":
            reason = "uncertain"
        if reason is not None:
            yield Gap(reason, values, ROUTE, (evidence(order, form),), high=reason in ("unknown", "by-mouth"))


def kidney_function(facts: Facts, limits: Limits) -> Iterator[Said]:
    by_mouth = facts.oral.on_oral
    pump = is_yes(facts.it.active)
    if not (by_mouth or pump) or is_yes(facts.kidney.dialysis):
        return
    kidney = facts.kidney
    since = (facts.as_of - days(limits, "kidney-window-days")).date()
    needs = (Need("Observation", KIDNEY_TESTS, since),)
    if kidney.undated:
        said = tuple(tell(m, "kidney test") for m in kidney.undated)
        dated = (Need("Observation", tuple(dict.fromkeys(m.concept for m in kidney.undated)), parts=("date",)),)
        yield Gap("undated", {}, dated, said, high=by_mouth)
    unusable = kidney.newest_unusable
    if isinstance(kidney.egfr, Known):
        if unusable is not None:
            values = {"date": str(unusable.at), "problem": kidney.why_unusable(unusable)}
            yield Gap("newer-unusable", values, _newer(unusable), (tell(unusable, "kidney test"),), high=by_mouth)
        if kidney.stage_against is not None:
            entry, found = kidney.stage_against, kidney.egfr.value
            values = {"entry": entry.says, "egfr": found.shown, "date": str(found.at.day)}
            told = (entry.evidence, *found.evidence)
            if entry.written is not None and entry.is_newer(found):
                yield Gap("contradicted", values, kidney.newer_than(entry.written.day), told, high=by_mouth)
            else:
                reason = "contradicted-undated" if entry.written is None else "contradicted-earlier"
                yield Gap(reason, values, STAGE, told, high=by_mouth)
        return
    if unusable is not None:
        values = {"date": str(unusable.at), "problem": kidney.why_unusable(unusable)}
        yield Gap("unusable", values, _newer(unusable), (tell(unusable, "kidney test"),), high=by_mouth)
        return
    last = kidney.last_test_at
    yield Gap(
        "last" if last else "never",
        {"date": str(last.day) if last else ""},
        kidney.egfr.needs if kidney.egfr.reason is Reason.NOT_COMPUTABLE else needs,
        kidney.egfr.evidence,
        high=by_mouth,
    )


def _newer(unusable: Measurement) -> tuple[Need, ...]:
    return (Need("Observation", KIDNEY_TESTS, time_of(unusable).first),)


def pump_data(facts: Facts, limits: Limits) -> Iterator[Said]:
    del limits
    missing = facts.it.pump_data_missing
    if is_yes(facts.it.pump_present) and missing:
        yield Gap("pump", {"missing": missing}, facts.it.pump_data_needs, high=False)
    if facts.it.content_unknown:
        yield Gap("content-unknown", needs=PUMP_CONTENT, high=True)


RULES: Mapping[str, Judge] = {
    "BAC-DATA-01": daily_dose,
    "BAC-DATA-02": route,
    "BAC-DATA-03": kidney_function,
    "BAC-DATA-04": pump_data,
}
