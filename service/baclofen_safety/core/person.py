"""Who the patient is: age, sex, body size and the conditions that change how baclofen harms."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .body import BodyFacts
from .caching import cached_property
from .chart import Acknowledgement, Problem
from .concepts import Concept
from .fact import Evidence, Fact, Known, Need, Reason, Unknown
from .measuring import Days, is_recent, tell
from .mobility import CANNOT_WALK, WALKS, mobility
from .moment import Moment
from .pregnancy import find_pregnancy

SPINAL_INJURY = (
    "cond-sci-cervical",
    "cond-sci-t1-t6",
    "cond-sci-t7-t12",
    "cond-sci-thoracic-unspecified",
    "cond-sci-lumbosacral",
    "cond-sci-unspecified",
)
HIGH_INJURY = ("cond-sci-cervical", "cond-sci-t1-t6", "cond-quadriplegia")
LEVEL_UNKNOWN = (
    "cond-paraplegia",
    "cond-sci-thoracic-unspecified",
    "cond-sci-unspecified",
    "cond-myelopathy-other",
)
LOW_INJURY = ("cond-sci-t7-t12", "cond-sci-lumbosacral")
SPINAL_CAUSES = (
    "cond-multiple-sclerosis",
    "cond-demyelinating-other",
    "cond-myelopathy-other",
    "cond-quadriplegia",
    "cond-paraplegia",
    *SPINAL_INJURY,
)
CEREBRAL_CAUSES = (
    "cond-cerebral-palsy",
    "cond-stroke-acute",
    "cond-stroke-sequelae-or-history",
    "cond-traumatic-brain-injury",
    "cond-hemiplegia",
)
VASCULAR = (
    "cond-stroke-acute",
    "cond-stroke-sequelae-or-history",
    "cond-tia",
    "cond-cerebrovascular-other",
)
WASTING = (
    *SPINAL_INJURY,
    "cond-quadriplegia",
    "cond-paraplegia",
    "cond-motor-neuron-or-hereditary-spastic-disease",
    "cond-muscle-wasting-or-amputation",
)
WITHDRAWAL_ISSUES = ("BAC-WD-", "BAC-SX-01", "BAC-SX-02")
CORD_LEVEL = re.compile(r"\b([ct])\s?-?(\d{1,2})\b", re.IGNORECASE)
NOT_WALKING = re.compile(r"\bgmfcs\b\D{0,8}\b(?:iv|v|4|5)\b", re.IGNORECASE)


class PersonFacts(BodyFacts):
    """Facts about the person at ``as_of``."""

    def active(self, concepts: Concept | Iterable[Concept]) -> tuple[Problem, ...]:
        """Active problems of any of the concepts."""
        return self.problems(concepts, "active")

    def problems(self, concepts: Concept | Iterable[Concept], *states: str) -> tuple[Problem, ...]:
        """Problems of any of the concepts in one of the states."""
        wanted = {concepts} if isinstance(concepts, str) else set(concepts)
        if wanted.isdisjoint(self._listed):
            return ()
        return tuple(p for p in self.chart.problems if p.state in states and wanted & p.concepts)

    @cached_property
    def _listed(self) -> frozenset[Concept]:
        """Every concept of the problem list: most of what is asked for is not on it."""
        return frozenset[Concept]().union(*(p.concepts for p in self.chart.problems))

    def is_fresh(self, problem: Problem, days: Days) -> bool:
        """Begun inside the window; without a date it counts."""
        begun = problem.onset or problem.recorded
        return begun is None or is_recent(begun, days, self.as_of)

    def _yes(self, problems: tuple[Problem, ...]) -> Known[bool]:
        return Known(True, tuple(Evidence(p.ref, p.says) for p in problems), problems[0].how)

    def _no(self, about: str, *types: str) -> Fact[bool]:
        """No, if one of the types was looked into; else unknown."""
        if self.chart.was_sent(*types):
            return Known(False)
        return Unknown(Reason.NOT_SENT, about, tuple(Need(kind) for kind in types))

    def flagged(self, concept: Concept) -> tuple[Evidence, ...]:
        """Observations of one of our own facts that do not say no."""
        found = self.chart.measurements.get(concept, ())
        return tuple(tell(m, "") for m in found if m.flag is not False and m.problem is None)

    @cached_property
    def communication_difficulty(self) -> Fact[bool]:
        """Cannot report symptoms: small child, aphasia, dementia and the like. Language alone is none."""
        if self.below(self.limits["cannot-report-age-below"]):
            return Known(True)
        if said := self.flagged("fact-communication-difficulty"):
            return Known(True, said)
        wide = self.active(("cond-communication-difficulty", "fact-communication-difficulty"))
        sure = tuple(p for p in wide if "cond-communication-difficulty-possible" not in p.concepts)
        dementia = tuple(
            p
            for p in self.active("cond-dementia-or-cognitive-impairment")
            if "cond-cognitive-impairment-mild" not in p.concepts
        )
        if sure or dementia:
            return self._yes(sure + dementia)
        if wide:
            needs = (Need("Condition", ("cond-communication-difficulty",)),)
            return Unknown(Reason.NOT_FINAL, "communication difficulty", needs, self._yes(wide).evidence)
        return self._no("communication difficulty", "Condition")

    @cached_property
    def seizure_disorder(self) -> Fact[bool]:
        """Epilepsy; a single or first seizure is a sign, not a disorder."""
        found = tuple(p for p in self.active("cond-epilepsy-seizure") if "cond-seizure-single" not in p.concepts)
        return self._yes(found) if found else self._no("seizure disorder", "Condition")

    @cached_property
    def previous_withdrawal(self) -> Fact[bool]:
        """An earlier withdrawal from baclofen is on record, or an issue of ours about one was acted on."""
        if said := self.flagged("fact-baclofen-withdrawal-history"):
            return Known(True, said)
        states = ("active", "history")
        found = self.problems("fact-baclofen-withdrawal-history", *states)
        for concept, words in (
            ("cond-drug-withdrawal-other", ("baclofen",)),
            ("cond-baclofen-underdosing", ("baclofen", "withdrawal")),
        ):
            told = self.problems(concept, *states)
            found += tuple(p for p in told if any(word in p.text.lower() for word in words))
        if found:
            return self._yes(found)
        acted = [a for a in self.chart.acknowledgements if a.rule.startswith(WITHDRAWAL_ISSUES)]
        if acted:
            return Known(True, tuple(Evidence(a.ref, a.rule) for a in acted))
        return self._no("previous withdrawal", "Condition")

    @cached_property
    def sci_at_or_above_t6(self) -> Fact[bool]:
        """Cord injury at or above T6. A cord problem without a level is unknown, none at all is no."""
        if high := self.active(HIGH_INJURY):
            return self._yes(high)
        unclear = self.active(LEVEL_UNKNOWN)
        named = [(p, level) for p in unclear for level in CORD_LEVEL.findall(p.text)]
        reach = self.limits["high-cord-level"]
        if high := tuple(p for p, (part, n) in named if part.lower() == "c" or int(n) <= reach):
            return self._yes(high)
        if unclear and not named and not self.active(LOW_INJURY):
            return Unknown(Reason.NOT_COMPUTABLE, "level of the spinal injury", (Need("Condition"),))
        return self._no("spinal injury", "Condition")

    @cached_property
    def cerebrovascular(self) -> Fact[bool]:
        """Stroke or cerebrovascular disease, now or in the past."""
        found = self.problems(VASCULAR, "active", "history")
        return self._yes(found) if found else self._no("stroke", "Condition")

    @cached_property
    def pregnant(self) -> Fact[bool]:
        """By the newest of status, test, problem or due date; a later end of pregnancy is a no."""
        return find_pregnancy(self)

    @cached_property
    def cannot_walk(self) -> Fact[bool]:
        """Bound to bed or wheelchair: as told of mobility, else by problems. A wheelchair alone leaves it open."""
        said = mobility(self)
        if said and (CANNOT_WALK.search(said[0]) or WALKS.search(said[0])):
            return Known(CANNOT_WALK.search(said[0]) is not None, (said[1],))
        found = self.active("cond-wheelchair-or-bedbound") + tuple(
            p for p in self.active("cond-cerebral-palsy") if NOT_WALKING.search(p.text)
        )
        if found:
            return self._yes(found)
        if any("proc-wheelchair" in device.concepts for device in self.chart.implants):
            return Unknown(Reason.NOT_COMPUTABLE, "walking")
        return self._no("walking", "Condition")

    @cached_property
    def spasticity_origin(self) -> Fact[str]:
        """ "spinal" or "cerebral"; a recorded origin wins, both kinds of cause are a conflict."""
        for m in self.chart.measurements.get("fact-spasticity-origin", ()):
            for concept, origin in (("fact-origin-spinal", "spinal"), ("fact-origin-cerebral", "cerebral")):
                if concept in m.concept_value:
                    return Known(origin, (tell(m, "origin of spasticity"),))
        spinal, cerebral = self.active(SPINAL_CAUSES), self.active(CEREBRAL_CAUSES)
        if spinal and cerebral:
            both = self._yes(spinal + cerebral).evidence
            return Unknown(Reason.CONFLICT, "origin of spasticity", (), both)
        if not spinal and not cerebral:
            return Unknown(Reason.NOT_SENT, "origin of spasticity", (Need("Condition"),))
        return Known("spinal" if spinal else "cerebral", self._yes(spinal or cerebral).evidence)

    @cached_property
    def low_muscle(self) -> Fact[str | None]:
        """Why creatinine may overstate kidney function, in the record's own words; None = nothing says so."""
        found = self.active(WASTING)
        if isinstance(self.cannot_walk, Known) and self.cannot_walk.value:
            found += self.active("cond-cerebral-palsy")
        if found:
            return Known(found[0].text or "low muscle mass", self._yes(found).evidence)
        bmi = self.bmi(self.limits["bmi-days"])
        if self.adult_or_unknown and isinstance(bmi, Known) and bmi.value < self.limits["low-bmi-below"]:
            return Known(f"BMI {bmi.value:.1f}", bmi.evidence, "computed")
        if isinstance(bmi, Unknown) and not self.chart.was_sent("Condition"):
            return Unknown(Reason.NOT_SENT, "muscle mass", (Need("Condition"),))
        return Known(None)

    @cached_property
    def end_of_life_care(self) -> bool:
        """Hospice or comfort care is on record."""
        comfort = ("cond-palliative-care", "fact-comfort-care")
        if self.active(comfort) or self.flagged("fact-comfort-care"):
            return True
        return any(
            "proc-palliative-care" in act.concepts and act.state in ("active", "planned", "done")
            for act in self.chart.acts
        )

    def acknowledged(self, rule: str, days: Days | None = None) -> Acknowledgement | None:
        """The newest human action on an issue of the rule, inside the window; without ``days``, ever."""
        found = [
            (a.at, a)
            for a in self.chart.acknowledgements
            if a.rule == rule and a.at is not None and (days is None or is_recent(a.at, days, self.as_of))
        ]
        return max(found, key=lambda pair: pair[0].first)[1] if found else None

    def override(self, rule: str | None = None) -> Acknowledgement | None:
        """The newest documented specialist decision to stay above a limit, of one rule or of any."""
        found = [a for a in self.chart.acknowledgements if a.override and rule in (None, a.rule)]
        return max(found, key=lambda a: _start(a.at), default=None)


def _start(at: Moment | None) -> float:
    return at.first.timestamp() if at else 0.0
