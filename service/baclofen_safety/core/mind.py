"""Conditions of the mind: psychosis, confusion, depression, suicide risk, dementia, misuse."""

from __future__ import annotations

from collections.abc import Iterable

from .caching import cached_property
from .chart import Problem
from .fact import Evidence, Fact, Known
from .measuring import is_recent, tell, time_of, usable
from .problem_list import ProblemList, Problems, told

PSYCHOTIC = ("cond-schizophrenia-psychosis", "cond-bipolar-mania")
DEMENTIA = "cond-dementia-or-cognitive-impairment"
CONFUSED = "cond-delirium-encephalopathy-or-coma"
ALCOHOL = "cond-alcohol-dependence"
REMISSION = "cond-substance-remission"
DRUGS = ("cond-opioid-use-disorder", "cond-sedative-or-other-substance-use-disorder")


class MindFacts(ProblemList):
    """Facts about the mind."""

    @cached_property
    def psychotic(self) -> Problems:
        """Psychosis or mania, now or in the past; a hallucination alone is a sign."""
        return self.ever(*PSYCHOTIC, but=("cond-hallucination",))

    @cached_property
    def confused(self) -> Problems:
        """Delirium, encephalopathy or coma, active; that of a failing liver is told as a disease of the liver."""
        return self.active(CONFUSED, but=("cond-hepatic-encephalopathy",))

    @cached_property
    def psychosis(self) -> Fact[bool]:
        """A psychotic disorder or mania, now or in the past, or a confusional state now."""
        found = (*self.psychotic, *self.confused)
        return self.yes_or_no(found, "psychosis", *PSYCHOTIC, CONFUSED, sure=True)

    @cached_property
    def depressed(self) -> Problems:
        """Depressive disorders that are active."""
        return self.active("cond-depression")

    @cached_property
    def depression(self) -> Fact[bool]:
        """An active depressive disorder."""
        return self.yes_or_no(self.depressed, "depression", "cond-depression")

    @cached_property
    def ideation(self) -> tuple[Evidence, ...]:
        """Answers inside the window that tell of thoughts of death or self-harm (PHQ-9, item 9), the newest last."""
        days = self.limits["suicidality-days"]
        answers = [m for m in usable(self.chart, ("lab-phq9-item9",)) if is_recent(time_of(m), days, self.as_of)]
        return tuple(tell(m, "PHQ-9 item 9") for m in answers if m.low is not None and m.low >= 1)

    @cached_property
    def suicidal(self) -> Problems:
        """Suicidal ideation, attempt, self-harm or intentional poisoning inside the window."""
        return self.lately(self.limits["suicidality-days"], "cond-suicidality")

    @cached_property
    def suicidality(self) -> Fact[bool]:
        """Suicidal ideation, attempt or self-harm in the last 12 months."""
        if self.ideation:
            return Known(True, (*told(self.suicidal), *self.ideation))
        return self.yes_or_no(self.suicidal, "suicide risk", "cond-suicidality", sure=True)

    @cached_property
    def self_harm_past(self) -> Problems:
        """Suicidality that is older than the window, or a past nobody dated."""
        return tuple(p for p in self.ever("cond-suicidality") if p not in self.suicidal)

    @cached_property
    def dementia(self) -> Fact[bool]:
        """Dementia; a mild cognitive impairment is none."""
        return self.yes_or_no(self.active(DEMENTIA, but=("cond-cognitive-impairment-mild",)), "dementia", DEMENTIA)

    @cached_property
    def delirious(self) -> Problems:
        """A delirium begun in the last 12 months, over or not."""
        return self.lately(self.limits["delirium-days"], "cond-delirium")

    @cached_property
    def delirium_12m(self) -> Fact[bool]:
        """A delirium in the last 12 months."""
        return self.yes_or_no(self.delirious, "delirium", "cond-delirium")

    @cached_property
    def substance_use_disorder(self) -> Fact[bool]:
        """A disorder of use of opioids, sedatives or other substances; tobacco and alcohol apart. See ``_using``."""
        found = self._using(self.ever(*DRUGS, but=(REMISSION,)))
        return self.yes_or_no(found, "substance use disorder", *DRUGS)

    @cached_property
    def drinking(self) -> Problems:
        """Disorders of alcohol use: not its damage to organs. See ``_using``."""
        found = self.ever(ALCOHOL, but=(REMISSION,))
        return self._using(p for p in found if "cond-alcohol-use-disorder" in p.concepts)

    @cached_property
    def alcohol_use_disorder(self) -> Fact[bool]:
        """A disorder of alcohol use, active or in remission for 12 months or less."""
        return self.yes_or_no(self.drinking, "alcohol use disorder", ALCOHOL)

    def _using(self, problems: Iterable[Problem]) -> Problems:
        """Those that are active, or in remission for 12 months or less; a code of remission is never among them."""
        return tuple(p for p in problems if not self.over_for(p, self.limits["remission-days"]))
