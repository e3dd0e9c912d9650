"""Reviews, laboratory checks, education and contacts on record."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

from .caching import cached_property
from .chart import Act, Measurement, RaisedIssue, Stay
from .concepts import Concept
from .egfr import CREATININE, REPORTED
from .fact import Evidence, Fact, Known, Need, Reason, Unknown
from .interruptions import days_of
from .measuring import Days, is_recent, tell, time_of, usable
from .moment import Moment
from .record import newest

if TYPE_CHECKING:
    from .facts import Facts

ALERT_ID = "fact-medical-alert-id"
RESCUE = "fact-rescue-supply"
STAFFED = "fact-lives-in-staffed-institution"
_TAUGHT_IN = ("Communication", "Procedure", "DocumentReference")
_CLINIC = re.compile(
    r"neurolog|rehabilit|physiatr|physical medicine|spastic|\bpain\b|baclofen|intrathecal|(?<!insulin )\bpump\b",
    re.IGNORECASE,
)
AlertId = Literal["carried", "declined"]


class FollowUpFacts:
    """What was checked, taught and arranged, as far as it is on record at ``as_of``."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.chart = facts.chart
        self.as_of = facts.as_of

    @cached_property
    def kidney_test_at(self) -> Fact[Moment | None]:
        """The newest creatinine or eGFR that can be used, of any age."""
        at = self.facts.kidney.last_test_at
        same = [m for m in usable(self.chart, (CREATININE, *REPORTED)) if m.at == at]
        return self._newest_of(same[-1:], "kidney test")

    @cached_property
    def glucose_at(self) -> Fact[Moment | None]:
        """The newest glucose or HbA1c."""
        return self._newest_of(usable(self.chart, ("lab-glucose", "lab-hba1c")), "glucose or HbA1c")

    @cached_property
    def liver_tests_at(self) -> Fact[Moment | None]:
        """The newest AST, ALT or alkaline phosphatase."""
        return self._newest_of(usable(self.chart, ("lab-liver-enzymes", "lab-alp")), "liver test")

    def _newest_of(self, found: list[Measurement], name: str) -> Fact[Moment | None]:
        last = max(found, key=lambda m: time_of(m).first, default=None)
        if last is not None:
            return Known(time_of(last), (tell(last, name),))
        return self._none(name, "Observation")

    def _none(self, about: str, *types: str) -> Fact[Moment | None]:
        """None on record where one of the types was looked into, and all came that there is; else unknown."""
        if self.chart.was_sent(*types) and self.chart.partial.isdisjoint(types):
            return Known(None)
        return Unknown(Reason.NOT_SENT, about, tuple(Need(kind) for kind in types))

    @cached_property
    def starter_education_at(self) -> Fact[Moment | None]:
        return self._taught("fact-starter-education")

    @cached_property
    def pump_education_at(self) -> Fact[Moment | None]:
        return self._taught("fact-pump-education")

    @cached_property
    def discharge_teaching_at(self) -> Fact[Moment | None]:
        """Teaching at a discharge, whatever it was about."""
        return self._taught("fact-discharge-teaching")

    def _taught(self, concept: Concept) -> Fact[Moment | None]:
        """When it was last taught; what nobody dated does not count."""
        return self._last_dated(concept) or self._none(concept, *_TAUGHT_IN)

    def _last_dated(self, concept: Concept) -> Known[Moment | None] | None:
        """The newest dated record of something done: an act, a document, an observation."""
        found = [(act.start, Evidence(act.ref, f"{act.text} {act.start}".strip())) for act in self._done(concept)]
        found += [(m.at, tell(m, "")) for m in self._said(concept)]
        latest = self.facts.oral.record.latest
        last = newest(at for at, _ in found if at is not None and at.first <= latest)
        return Known(last, tuple(said for at, said in found if at == last)) if last is not None else None

    def _done(self, concept: Concept) -> Iterable[Act]:
        """Acts done; of plans also those that run."""
        for act in self.chart.acts:
            if concept in act.concepts and (act.state == "done" or (act.kind == "CarePlan" and act.state == "active")):
                yield act

    def _said(self, concept: Concept) -> list[Measurement]:
        return [m for m in self.chart.measurements.get(concept, ()) if m.flag is not False and m.problem is None]

    @cached_property
    def medical_alert_id(self) -> Fact[AlertId | None]:
        """Does the patient carry identification, by the newest record? None = not recorded."""
        answers = [m for m in self.chart.measurements.get(ALERT_ID, ()) if m.problem is None]
        last = max(answers, key=lambda m: m.at.first.timestamp() if m.at else 0, default=None)
        if last is not None and last.flag is False:
            return Known("declined", (tell(last, "medical alert ID declined"),))
        told = [tell(last, "medical alert ID")] if last is not None else []
        told += [Evidence(act.ref, act.text) for act in self._done(ALERT_ID) if act.kind == "DocumentReference"]
        told += [Evidence(flag.ref, flag.text) for flag in self.facts.person.active(ALERT_ID)]
        if told:
            return Known("carried", tuple(told))
        if self.chart.was_sent("Observation", "DocumentReference", "Flag"):
            return Known(None)
        return Unknown(Reason.NOT_SENT, "medical alert ID", (Need("Observation", (ALERT_ID,)),))

    @cached_property
    def rescue_supply(self) -> bool:
        """Rescue tablets are on record."""
        orders = any(RESCUE in order.concepts for order in self.chart.baclofen if order.route_group == "oral")
        return orders or bool(self._said(RESCUE)) or any(True for _ in self._done(RESCUE))

    @cached_property
    def caregiver_recorded(self) -> Fact[bool]:
        """Is somebody who can be reached on record?"""
        reachable = tuple(Evidence(one.ref, "contact") for one in self.chart.contacts if one.reachable)
        if reachable:
            return Known(True, reachable)
        if self.chart.contacts or self.chart.was_sent("RelatedPerson"):
            return Known(False, tuple(Evidence(one.ref, "no phone, address or e-mail") for one in self.chart.contacts))
        return Unknown(Reason.NOT_SENT, "contact", (Need("RelatedPerson"),))

    @cached_property
    def in_staffed_institution(self) -> bool:
        """Lives, or is now, where staff are present day and night."""
        if self.facts.person.active(STAFFED) or self._said(STAFFED) or self.chart.patient.staffed_home:
            return True
        return self.facts.hospital.stay is not None

    @cached_property
    def reviewed_at(self) -> Fact[Moment | None]:
        """The newest review: recorded as such, or a visit to who prescribes baclofen or to a spasticity service.

        Unknown without Encounters: the visits may be there.
        """
        if not self.chart.was_sent("Encounter"):
            return Unknown(Reason.NOT_SENT, "visits", (Need("Encounter"),))
        visits = {stay.ref: stay.end or stay.start for stay in self.chart.stays if self._is_review(stay)}
        review = self._last_dated("fact-benefit-review")
        last = newest((*visits.values(), review.value if review else None))
        told = tuple(Evidence(ref, f"visit {at}") for ref, at in visits.items() if at == last)
        return Known(last, told or (review.evidence if review else ()))

    @cached_property
    def _prescribers(self) -> frozenset[str]:
        """Who ever ordered baclofen."""
        return frozenset(order.requester for order in self.chart.baclofen if order.requester)

    def _is_review(self, stay: Stay) -> bool:
        """A visit that is over, by its people or by its service."""
        begun = stay.start or stay.end
        if stay.current or begun is None or begun.first > self.as_of:
            return False
        return bool(stay.people & self._prescribers) or bool(_CLINIC.search(stay.service))

    @cached_property
    def dose_unchanged_days(self) -> Fact[int]:
        """Days of the present run at its present dose; with an unknown start those since the last change."""
        run = days_of(self.facts.oral.line.run_to(self.as_of, ordered=True))
        changes = [change.at for change in self.facts.oral.changes if change.at <= self.as_of]
        since = (self.as_of - max(changes)).days if changes else None
        if since is None:
            return run
        return Known(min(run.value, since) if isinstance(run, Known) else since, how="computed")

    def raised_before(self, rule: str, days: Days) -> RaisedIssue | None:
        """The newest earlier issue of the rule, inside the window."""
        found = [
            (one.at.first, one)
            for one in self.chart.raised
            if one.rule == rule and one.at is not None and one.at.first <= self.as_of
            if is_recent(one.at, days, self.as_of)
        ]
        return max(found, key=lambda pair: pair[0])[1] if found else None
