"""``python tests/cds_damage.py [HOW_MANY] [SEED]``: damage calls of the CDS Hooks door that fire, look for silence.

Every hook takes its turn with a case of the tables in which it shows a finding about baclofen: the orders in the
context, the record as prefetch. One place is damaged (``cdshooks/damaging.py``) and the call sent to the real
application. Told: answers 5xx, answers that are neither cards nor an OperationOutcome, cards that say the check broke,
and answers without any card. Of the last, those are counted by themselves for which a function of ``RIGHT`` gives the
reason why nothing is left to say; the others are hazards nobody was told of.
"""

from __future__ import annotations

import json
import logging
import random
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import structlog
from flask.testing import FlaskClient

from baclofen_safety.app import create_app
from baclofen_safety.assessor import Assessor, load_assessor
from baclofen_safety.cdshooks.moments import moments
from baclofen_safety.cdshooks.notices import EXTENSION
from baclofen_safety.config import Settings
from builders import make_bundle
from cases import AS_OF, Case, every_case
from cdshooks.damaging import CALL_DAMAGES, Damaged, at, orders_in
from cdshooks.pairing import SERVICES, Pair, request_of
from test_damage import places

Json = dict[str, Any]
OF_ONE_CALL = 5
"""How often one call is damaged before the next is made."""
TRIES = 20
"""How many cases are tried for a hook: few hold a visit or an allergy that matters."""


class Clock:
    """The time of the case at hand."""

    now = datetime.fromisoformat(AS_OF)

    def __call__(self) -> datetime:
        return self.now


@dataclass(slots=True)
class Door:
    """The whole service, at a time that can be set."""

    client: FlaskClient
    clock: Clock

    def post(self, pair: Pair, sent: bytes, media: str = "application/json") -> Any:
        self.clock.now = pair.case.as_of
        return self.client.post(f"/cds-services/{pair.service.id}", data=sent, content_type=media)


def open_door(assessor: Assessor) -> Door:
    clock = Clock()
    settings = Settings(cds_auth="off", strict=assessor.settings.strict)
    return Door(create_app(replace(assessor, settings=settings), clock).test_client(), clock)


# Calls


def pair_of(hook: str, case: Case, chance: random.Random) -> Pair | None:
    """A case as a call of the hook; None when it holds nothing the hook could be about."""
    held = [entry["resource"] for entry in make_bundle(case)["entry"]]
    if not any(one["resourceType"] == "Patient" for one in held):
        return None
    service, kept, change = SERVICES[hook], True, {}
    role = next(iter(service.holds.values()), None)
    orders = [one for one in held if one["resourceType"] == "MedicationRequest" and "baclofen" in json.dumps(one)]
    match role:
        case "draft":
            found = [one for one in orders if one.get("status") == "draft"]
            kept, change = False, {} if found else {"status": "draft"}
            found = found or orders[-1:]
        case "running" | "ending":
            found = orders[:1]
        case "booking":
            found = [one for one in held if one["resourceType"] == "Appointment"]
            kept = False
        case "facts":
            kind = "Condition" if hook.startswith("problem") else "AllergyIntolerance"
            found = [one for one in held if one["resourceType"] == kind]
            kept = chance.random() < 0.5
        case _:
            found = []
    if role and not found:
        return None
    return Pair(
        hook=hook,
        kind="damaged",
        case=case,
        moment=tuple(one["id"] for one in found),
        kept=kept,
        lost=(),
        shape="spec",
        stay="stay" if hook.startswith("encounter") else None,
        change=change,
        half_built=False,
    )


def told_by(body: Any) -> list[Json]:
    """What the cards of an answer say for programs."""
    return [card["extension"][EXTENSION] for card in body["cards"]]


# Why nothing may be left to say


def order_of_no_known_medicine(kind: str, damaged: Damaged) -> str:
    """An order names no medicine, or one nobody knows: so do many in any chart, and nobody wants to be told."""
    altered = kind.startswith(("field", "unknown code", "huge")) and "Medication" in damaged.place
    if not altered or damaged.body is None:
        return ""
    drafts = [*orders_in(damaged.body)]
    named = [one.get("id") for one in drafts] + damaged.body["context"].get("dispatchedOrders", [])
    held = [one for one in orders_in(damaged.body, "prefetch") if one.get("id") in named]
    about = "baclofen" in json.dumps([*drafts, *held]).lower()
    ours = damaged.place.startswith("context") and not about
    theirs = damaged.place.startswith("prefetch") and "medicationCodeable" in damaged.place
    return "a medicine nobody knows" if ours or theirs else ""


def record_never_sent(kind: str, damaged: Damaged) -> str:
    """The record the finding rested on is not in an answer that says it is whole."""
    return "the record is not in a whole answer" if kind == "entry dropped" else ""


def record_of_something_else(kind: str, damaged: Damaged) -> str:
    """The record the finding rested on is now of something no rule asks for."""
    unknown = kind == "unknown code" and "medicationCodeableConcept" not in damaged.place
    names = ("code.coding", "code.coding.system", "code.coding.code", "code.text")
    renamed = (
        kind.startswith("field") and damaged.place.endswith(names) and '"code": {}' not in json.dumps(damaged.body)
    )
    named = [one.get("type") for one in orders_in(damaged.body or {}, "prefetch") if one["resourceType"] == "Device"]
    renamed = renamed or (damaged.place == "prefetch Device.type" and any(type(one) is str for one in named))
    return "the record is of something nobody asks for" if unknown or renamed else ""


def problem_of_the_past_without_a_name(kind: str, damaged: Damaged) -> str:
    """A problem that is over and says nothing of what it was; one that is not over is told."""
    if not kind.startswith("field") or not damaged.place.endswith(("Condition.code", "Condition.code.coding")):
        return ""
    held = (one for part in ("context", "prefetch") for one in orders_in(damaged.body or {}, part))
    nameless = [one for one in held if one["resourceType"] == "Condition" and "coding" not in str(one.get("code"))]
    past = [
        one for one in nameless if {"resolved", "remission", "inactive"} & {*str(one.get("clinicalStatus")).split("'")}
    ]
    return "a problem of the past without a name" if nameless and past == nameless else ""


def draft_without_a_dose(kind: str, damaged: Damaged) -> str:
    """At the selection an order is still being written: a dose nobody can tell yet is asked for at the signing."""
    selected = "selections" in (damaged.body or {}).get("context", {})
    order, deep = "MedicationRequest.dosageInstruction", "context.draftOrders.entry.resource.dosageInstruction"
    dose = kind in ("field dropped", "field retyped", "other unit") and damaged.place.startswith(f"context {order}")
    dose = dose or (kind == "huge" and deep in damaged.place)
    return "no dose chosen yet" if selected and dose else ""


def another_dose(kind: str, damaged: Damaged) -> str:
    """Milligrams became micrograms, or the reverse: a dose that can be read, and another one."""
    if kind != "other unit" or "doseAndRate" not in damaged.place:
        return ""
    held = (at(damaged.body, path) for path in places(damaged.body))
    other = [one for one in held if isinstance(one, dict) and one.get("unit") in ("mg", "mcg") and "code" not in one]
    return "another dose" if other else ""


def visit_for_nothing_known(kind: str, damaged: Damaged) -> str:
    """The visit being booked does not say what it is for."""
    visits = [one.get("serviceType") for one in orders_in(damaged.body or {}) if one["resourceType"] == "Appointment"]
    unsaid = damaged.place.startswith("context Appointment.serviceType") and "system" not in json.dumps(visits)
    unsaid = unsaid and all(isinstance(one, dict | list | None) for one in visits)
    other = kind == "huge" and damaged.place.endswith("context.appointments.entry.resource.serviceType.text")
    return "the visit does not say what it is for" if unsaid or other else ""


def key_never_sent(kind: str, damaged: Damaged) -> str:
    """A lesser key that was not sent, or sent as null: many senders never fill it, and say so at every call."""
    form = damaged.place.rpartition(": ")[2] if kind == "answer changed" else ""
    lesser = damaged.place.split()[1].rstrip(":") not in moments().must_have if form else False
    return "a key that many never send" if lesser and form in ("dropped", "null") else ""


def talk_that_may_not_have_been(kind: str, damaged: Damaged) -> str:
    """Only a talk that says it took place counts; the reader of FHIR does not tell of others."""
    silenced = kind.startswith("field") and damaged.place == "prefetch Communication.status"
    return "a talk that may not have taken place" if silenced else ""


def newborn_known_from_a_result(kind: str, damaged: Damaged) -> str:
    """A limit, not a right: a newborn takes no baclofen, and the one result that tells of the mother cannot be read.
    To tell everybody of results that cannot be read would bury the rest."""
    result = (
        damaged.place.startswith("prefetch laboratory: entry") and "baclofen" not in json.dumps(damaged.body).lower()
    )
    return "a newborn whose mother is not known of" if kind == "entry changed" and result else ""


def fill_of_no_order(kind: str, damaged: Damaged) -> str:
    """Handed over for the order at hand, a fill is no use before it; for none that is named, it shows earlier use."""
    unlinked = kind.startswith("field") and damaged.place.startswith(
        "prefetch MedicationDispense.authorizingPrescription"
    )
    return "fills show that it is taken already" if unlinked else ""


def allergy_of_no_time(kind: str, damaged: Damaged) -> str:
    """An allergy written down now explains no stop of days ago: that is no longer about what is written down."""
    undated = kind.startswith("field") and damaged.place.startswith("context AllergyIntolerance.onset")
    return "an allergy of now explains no earlier stop" if undated else ""


def dose_of_another_record(kind: str, damaged: Damaged) -> str:
    """A finding rested on the dose of a report or of an earlier order, and that names none now: nobody needs to."""
    said = [one.get("dosageInstruction", "") for one in orders_in(damaged.body or {}, "prefetch")]
    none = any(not one or isinstance(one, dict) for one in said)
    earlier = damaged.place == "prefetch MedicationRequest.dosageInstruction" and none
    reported = damaged.place.startswith("prefetch MedicationStatement.dosage.doseAndRate")
    return "another record without its dose" if kind.startswith("field") and (earlier or reported) else ""


def order_beside_the_running_one(kind: str, damaged: Damaged) -> str:
    """Without its id the order of the moment is one more: the one it was stands in the record and runs on."""
    nameless = kind.startswith("field") and damaged.place == "context MedicationRequest.id"
    return "the running order is another one" if nameless and "medications" in (damaged.body or {})["context"] else ""


def answered_with_nothing(kind: str, damaged: Damaged) -> str:
    """The search that held it says that nothing was found, or one record alone, as a whole answer."""
    forms = ("nothing found", "a Bundle of nothing", "one resource")
    nothing = kind == "answer changed" and damaged.place.endswith(forms)
    return "the search found nothing, or one" if nothing else ""


RIGHT: tuple[Callable[[str, Damaged], str], ...] = (
    order_of_no_known_medicine,
    record_never_sent,
    record_of_something_else,
    problem_of_the_past_without_a_name,
    answered_with_nothing,
    key_never_sent,
    talk_that_may_not_have_been,
    newborn_known_from_a_result,
    draft_without_a_dose,
    another_dose,
    visit_for_nothing_known,
    fill_of_no_order,
    allergy_of_no_time,
    dose_of_another_record,
    order_beside_the_running_one,
)


@dataclass(slots=True)
class Report:
    """What the run came to."""

    sent: Counter[str] = field(default_factory=Counter)
    hooks: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    right: Counter[str] = field(default_factory=Counter)


def run(how_many: int, seed: int, assessor: Assessor) -> Report:
    """Damage until so many calls were sent."""
    chance, report, door = random.Random(seed), Report(), open_door(assessor)
    cases = [case for _, case in every_case() if case.expect]
    while report.sent.total() < how_many:
        for hook in SERVICES:
            pairs = (pair_of(hook, chance.choice(cases), chance) for _ in range(TRIES))
            firing = next((pair for pair in pairs if pair is not None and _fires(pair, door)), None)
            if firing is not None:
                _damage(firing, door, chance, report)
    return report


def _fires(pair: Pair, door: Door) -> bool:
    answer = door.post(pair, json.dumps(request_of(pair)).encode())
    return any("rules" in one for one in told_by(answer.get_json()))


def _damage(pair: Pair, door: Door, chance: random.Random, report: Report) -> None:
    body = request_of(pair)
    for _ in range(OF_ONE_CALL):
        kind = chance.choice(list(CALL_DAMAGES))
        damaged = CALL_DAMAGES[kind](body, chance)
        if damaged is not None:
            report.sent[kind] += 1
            report.hooks[pair.hook] += 1
            where = f"{pair.hook} [{pair.case.name}] {kind}: {damaged.place}"
            _judge(where, kind, damaged, door.post(pair, damaged.sent, damaged.media), report)


def _judge(where: str, kind: str, damaged: Damaged, answer: Any, report: Report) -> None:
    report.statuses[answer.status_code] += 1
    told = answer.get_json(silent=True)
    if answer.status_code >= 500:
        report.broken.append(f"{answer.status_code} {where}")
    elif answer.status_code >= 400:
        if not isinstance(told, dict) or told.get("resourceType") != "OperationOutcome":
            report.broken.append(f"no OperationOutcome {where}")
    elif not isinstance(told, dict) or not isinstance(told.get("cards"), list):
        report.broken.append(f"no cards {where}")
    elif any(one.get("notice") == "failure" for one in told_by(told)):
        report.broken.append(f"failure {where}")
    elif not told["cards"]:
        reason = next(filter(None, (right(kind, damaged) for right in RIGHT)), "")
        if reason:
            report.right[reason] += 1
        else:
            report.silent.append(where)


def main(arguments: list[str]) -> int:
    how_many, seed = (int(one) for one in (*arguments, *("20000", "20261120")[len(arguments) :]))
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    report = run(how_many, seed, load_assessor(Settings()))
    for name, found in (("broken", report.broken), ("silent", report.silent)):
        sys.stdout.writelines(f"{name}  {one}\n" for one in found)
    for reason, count in report.right.most_common():
        sys.stdout.write(f"rightly silent  {reason}  {count}\n")
    counted = "; ".join(
        ", ".join(f"{name} {count}" for name, count in sorted(one.items()))
        for one in (report.sent, report.hooks, report.statuses)
    )
    sys.stdout.write(
        f"{report.sent.total()} damaged calls ({counted}), seed {seed}: {len(report.broken)} broken, "
        f"{len(report.silent)} silent, {report.right.total()} with nothing left to say\n"
    )
    return 1 if report.broken or report.silent else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
