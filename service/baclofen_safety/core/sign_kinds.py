"""Signs of harm seen as symptoms or diagnoses: which there are, and which of them are current.

A sign is current while its observation is at most a day old, or its diagnosis active and begun at most a week ago, and
no later word says it is over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from .chart import Measurement, Problem
from .concepts import Concept
from .fact import Evidence
from .measuring import all_of, tell
from .moment import Moment

if TYPE_CHECKING:
    from .facts import Facts


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign seen in one record. ``at`` None: nobody recorded when it began; it counts, and that is said."""

    kind: str
    says: str
    at: Moment | None
    evidence: Evidence
    value: Decimal | None = None
    only_recorded: bool = False  # a state that may be old, of which the day it was written down is all that is known

    def begun_after(self, moment: Moment | None) -> bool:
        """May it have begun at or after the moment? Where the days alone cannot tell, yes."""
        return self.at is None or moment is None or self.at.last >= moment.first


@dataclass(frozen=True, slots=True)
class SignKind:
    """A kind of sign: the diagnoses and the reported findings that stand for it.

    ``lasting``: the diagnoses may be an old state of the patient; without a date they are no sign, unless they carry
    one of the ``sudden`` marks.
    """

    name: str
    says: str
    problems: tuple[Concept, ...] = ()
    findings: tuple[Concept, ...] = ()
    lasting: bool = False
    sudden: tuple[Concept, ...] = ()


CONFUSION = SignKind(
    "confusion", "confusion or encephalopathy", ("cond-delirium-encephalopathy-or-coma",), ("fact-sign-confused",)
)
SLEEPINESS = SignKind("sleepiness", "excessive sleepiness", (), ("fact-sign-sleepy",))
HALLUCINATION = SignKind("hallucination", "hallucinations", ("cond-hallucination",))
SEIZURE = SignKind("seizure", "seizure", ("cond-epilepsy-seizure",), lasting=True, sudden=("cond-seizure-single",))
AGITATION = SignKind("agitation", "agitation", ("cond-agitation",))
ANXIETY = SignKind("anxiety", "anxiety", ("cond-anxiety",), lasting=True)
SPASTICITY = SignKind("spasticity", "more spasticity", ("cond-spasticity",), ("fact-sign-spasticity-up",), lasting=True)
INSOMNIA = SignKind("insomnia", "insomnia", ("cond-insomnia",), lasting=True)
SWEATING = SignKind("sweating", "sweating", ("cond-sweating",))
ITCHING = SignKind("itching", "itching", ("cond-itching",), ("fact-sign-itching-no-rash",))
ITCHING_NO_RASH = SignKind("itching", "itching without rash", (), ("fact-sign-itching-no-rash",))
RASH = SignKind("rash", "rash", ("cond-rash",), lasting=True)
TINGLING = SignKind("tingling", "tingling", ("cond-paraesthesia",))
RHABDOMYOLYSIS = SignKind("rhabdomyolysis", "rhabdomyolysis", ("cond-rhabdomyolysis",))
FEVER = SignKind("fever", "fever", ("cond-fever-hyperthermia",))
FLOPPINESS = SignKind("hypotonia", "floppy muscles", ("cond-hypotonia",), ("fact-sign-floppy",), lasting=True)
SLOW_HEART = SignKind("bradycardia", "slow heart", ("cond-bradycardia",), lasting=True)
WOUND_DRAINAGE = SignKind("wound", "wound drainage", (), ("fact-sign-wound-drainage",))
WOUND_REDNESS = SignKind("wound", "redness of the wound", (), ("fact-sign-wound-redness",))
WOUND_OPEN = SignKind("wound", "open wound", (), ("fact-sign-wound-open",))
WOUND_INFECTION = SignKind("wound", "wound infection", ("cond-wound-infection",))
HARDWARE = SignKind("hardware", "pump or catheter exposed", (), ("fact-sign-hardware-exposed",))
CSF_LEAK = SignKind("csf-leak", "leak of cerebrospinal fluid", ("cond-csf-leak",), ("fact-sign-csf-leak",))
ALL_KINDS = (
    CONFUSION,
    SLEEPINESS,
    HALLUCINATION,
    SEIZURE,
    AGITATION,
    ANXIETY,
    SPASTICITY,
    INSOMNIA,
    SWEATING,
    ITCHING,
    TINGLING,
    RHABDOMYOLYSIS,
    FEVER,
    FLOPPINESS,
    WOUND_DRAINAGE,
    WOUND_REDNESS,
    WOUND_OPEN,
    WOUND_INFECTION,
    HARDWARE,
    CSF_LEAK,
)
FINDINGS: frozenset[Concept] = frozenset(c for kind in ALL_KINDS for c in (*kind.problems, *kind.findings))
"""Signs a result may name by its code, beside those that are diagnoses."""
ANSWERS: frozenset[Concept] = frozenset(
    c for kind in ALL_KINDS for c in (*kind.findings, *kind.sudden, *(() if kind.lasting else kind.problems))
)
"""Signs a result may name by its answer; what may be an old state of the patient needs more than that."""
NAMED_WITHDRAWAL: frozenset[Concept] = frozenset({"fact-sign-spasticity-up", "cond-seizure-single"})
"""A withdrawal that is also one of these is taken for one from baclofen, whatever it is called."""
WITHDRAWAL_MINOR = (AGITATION, ANXIETY, SPASTICITY, INSOMNIA, SWEATING, ITCHING, TINGLING)
MENTAL_STATE = (CONFUSION, SLEEPINESS, HALLUCINATION)
DROWSINESS = (CONFUSION, SLEEPINESS)
WOUND = (WOUND_DRAINAGE, WOUND_REDNESS, WOUND_OPEN, WOUND_INFECTION)


def current_signs(facts: Facts, kinds: Iterable[SignKind]) -> tuple[Sign, ...]:
    """The current signs of the kinds, in their order; a record that says several kinds stands under the first."""
    return tuple(sign for kind in kinds for sign in (*_observed(facts, kind), *_diagnosed(facts, kind)))


def _observed(facts: Facts, kind: SignKind) -> Iterator[Sign]:
    """Findings of the last hours that no later finding of the same kind denies."""
    hours = timedelta(hours=float(facts.limits["sign-hours"]))
    found = [m for m in all_of(facts.chart, (*kind.findings, *kind.problems)) if m.problem is None and m.at]
    denied = max((m.at.first for m in found if m.flag is False and m.at), default=None)
    for m in found:
        if m.flag is False or m.at is None or not m.at.within(hours, facts.as_of):
            continue
        if denied is None or denied <= m.at.first:
            yield Sign(kind.name, kind.says, m.at, tell(m, kind.says))


def _diagnosed(facts: Facts, kind: SignKind) -> Iterator[Sign]:
    """Active problems begun in the last days, or undated, that no later finding denies."""
    denied = _denied_at(facts, kind)
    for problem in facts.person.active((*kind.problems, *kind.findings)):
        begun = problem.onset or problem.recorded
        if begun is None and kind.lasting and not problem.concepts & {*kind.sudden, *kind.findings}:
            continue
        if not facts.person.is_fresh(problem, facts.limits["sign-days"]):
            continue
        if begun is not None and denied is not None and denied.first >= begun.last:
            continue
        says = problem.text.lower() if kind is CONFUSION and problem.text else kind.says
        old = (
            kind.lasting
            and problem.onset in (None, problem.recorded)
            and not problem.concepts & {*kind.sudden, *kind.findings}
        )
        yield Sign(kind.name, says, begun, Evidence(problem.ref, _said(problem, kind, begun)), only_recorded=old)


def _denied_at(facts: Facts, kind: SignKind) -> Moment | None:
    found = all_of(facts.chart, (*kind.findings, *kind.problems))
    denials: list[Measurement] = [m for m in found if m.flag is False and m.problem is None and m.at]
    newest = max(denials, key=lambda m: m.at.first if m.at else facts.as_of, default=None)
    return newest.at if newest is not None else None


def _said(problem: Problem, kind: SignKind, begun: Moment | None) -> str:
    return f"{problem.text or kind.says} {begun if begun is not None else 'undated'}"
