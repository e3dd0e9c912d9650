"""Conditions that make baclofen riskier, active or in the past."""

from __future__ import annotations

from .caching import cached_property
from .classes import GLUCOSE_LOWERING
from .concepts import Concept
from .fact import Fact, Known, is_yes
from .falls import FallFacts
from .measuring import is_recent
from .mind import MindFacts
from .moment import Moment
from .problem_list import Problems, told

RESPIRATORY = (
    "cond-copd",
    "cond-sleep-apnoea",
    "cond-respiratory-failure-chronic",
    "cond-respiratory-failure-acute-on-chronic",
    "cond-respiratory-other-severe",
)
INFECTIONS = ("cond-infection", "cond-sepsis-or-cns-infection", "cond-wound-infection")


class ConditionFacts(MindFacts, FallFacts):
    """Facts about conditions; those of the mind and of falls are asked for here too."""

    @cached_property
    def breathing(self) -> Problems:
        """Lasting disorders of breathing; asthma is none."""
        return self.active(*RESPIRATORY)

    @cached_property
    def respiratory_disease(self) -> Fact[bool]:
        """COPD, sleep apnoea, chronic respiratory failure or another severe disorder of breathing."""
        return self.yes_or_no(self.breathing, "breathing disorder", *RESPIRATORY, sure=True)

    @cached_property
    def respiratory_kinds(self) -> frozenset[str]:
        """Which of the breathing concepts hold, e.g. ``cond-sleep-apnoea``."""
        return frozenset(one for p in self.breathing for one in p.concepts if one in RESPIRATORY)

    @cached_property
    def parkinson(self) -> Fact[bool]:
        """Parkinson disease or parkinsonism."""
        return self.yes_or_no(self.active("cond-parkinson"), "Parkinson disease", "cond-parkinson")

    @cached_property
    def diabetes(self) -> Fact[bool]:
        """Diabetes as a problem, or a medicine that lowers glucose."""
        found = self.active("cond-diabetes")
        medicines = tuple(e for partner in self.facts.partners.of(*GLUCOSE_LOWERING) for e in partner.evidence)
        if medicines:
            return Known(True, (*told(found), *medicines))
        return self.yes_or_no(found, "diabetes", "cond-diabetes")

    @cached_property
    def porphyria(self) -> Fact[bool]:
        """Porphyria, now or in the past."""
        return self.yes_or_no(self.ever("cond-porphyria"), "porphyria", "cond-porphyria")

    @cached_property
    def last_seizure(self) -> Moment | None:
        """The newest day on which a seizure or epilepsy began or was seen."""
        dates = [at for p in self.ever("cond-epilepsy-seizure") for at in (p.onset or p.recorded, p.seen)]
        return max((at for at in dates if at is not None), key=lambda at: at.first, default=None)

    @cached_property
    def dysreflexia(self) -> Fact[bool]:
        """Autonomic dysreflexia as an active problem."""
        concept = "cond-autonomic-dysreflexia"
        return self.yes_or_no(self.active(concept), "autonomic dysreflexia", concept)

    @cached_property
    def voiding(self) -> Problems:
        """Retention, neurogenic bladder, a large prostate or trouble with voiding, now or in the past."""
        return self.ever("cond-urinary-retention")

    @cached_property
    def retention(self) -> Fact[bool]:
        """Is there any of ``voiding``?"""
        return self.yes_or_no(self.voiding, "urinary retention", "cond-urinary-retention")

    @cached_property
    def urinary_catheter(self) -> bool:
        """A catheter in the bladder, indwelling or intermittent."""
        return bool(self.active("cond-urinary-catheter")) or self._in_use("proc-urinary-catheter")

    @cached_property
    def cpap(self) -> bool:
        """Positive airway pressure at night is in use."""
        return bool(self.active("cond-cpap")) or self._in_use("proc-cpap")

    def _in_use(self, concept: Concept) -> bool:
        """A device in use, or a procedure of the last months or still going on."""
        worn = any(d.active and concept in d.concepts for d in self.chart.implants)
        days = self.limits["care-current-days"]
        return worn or any(
            concept in act.concepts
            and (
                act.state == "active" or (act.state == "done" and act.start and is_recent(act.start, days, self.as_of))
            )
            for act in self.chart.acts
        )

    @cached_property
    def liver(self) -> Fact[bool]:
        """A liver disease; fat in the liver alone is none."""
        return self.yes_or_no(self.livers, "liver disease", "cond-hepatic", sure=True)

    @cached_property
    def livers(self) -> Problems:
        """Diseases of the liver; fat alone left out."""
        return self.active("cond-hepatic", "cond-hepatic-encephalopathy", but=("cond-hepatic-steatosis",))

    @cached_property
    def peptic_ulcer(self) -> Fact[bool]:
        """A peptic ulcer, now or in the past."""
        return self.yes_or_no(self.ulcers, "peptic ulcer", "cond-peptic-ulcer", sure=True)

    @cached_property
    def ulcers(self) -> Problems:
        """Ulcers of stomach or duodenum; a bleeding only when its words name an ulcer."""
        bleeding = tuple(p for p in self.ever("cond-gi-bleeding") if "ulcer" in p.text.lower())
        return tuple(dict.fromkeys((*self.ever("cond-peptic-ulcer"), *bleeding)))

    @cached_property
    def infection_active(self) -> Fact[bool]:
        """An infection begun in the last month and not over, or fever now."""
        days = self.limits["infection-days"]
        found = tuple(p for p in self.active(*INFECTIONS) if self.is_late(p, days))
        heat = self.facts.signs.temperature
        said = heat.evidence if isinstance(heat, Known) and heat.value > self.limits["fever-from"] else ()
        answer = self.yes_or_no(found, "infection", *INFECTIONS, sure=True)
        return Known(True, (*(answer.evidence if is_yes(answer) else ()), *said)) if said else answer

    @cached_property
    def traumatic_brain_injury(self) -> Fact[bool]:
        """A brain injury by trauma, now or in the past."""
        concept = "cond-traumatic-brain-injury"
        return self.yes_or_no(self.ever(concept), "brain injury", concept)

    @cached_property
    def brain_injury_at(self) -> Moment | None:
        """The day of the newest brain injury, where it is known."""
        dates = [p.onset or p.recorded for p in self.ever("cond-traumatic-brain-injury")]
        return max((at for at in dates if at is not None), key=lambda at: at.first, default=None)
