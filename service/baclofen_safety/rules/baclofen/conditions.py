"""Conditions that baclofen makes worse, or that make baclofen riskier.

Where a rule is only "this condition, this severity", it is a row of ``ROWS``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from ...core.classes import GLUCOSE_LOWERING
from ...core.fact import Unknown
from ...core.rule import Finding, Said, Severity
from .conditions_body import breathing, liver, retention, spinal_injury, ulcer
from .conditions_mind import cognition, misuse, mood, psychosis
from .conditions_parts import ask, implicated, stable_dose
from .conditions_standing import falls, low_pressure, tone

if TYPE_CHECKING:
    from ...core.concepts import Concept
    from ...core.fact import Fact
    from ...core.facts import Facts
    from ...core.knowledge import Limits
    from ...core.rule import Judge


@dataclass(frozen=True, slots=True)
class Row:
    """A condition that fires as it stands. ``quiet``: known and dealt with? ``partners``: medicines it is about.

    ``what`` names what was found, for the rules whose summary asks for it.
    """

    fact: Callable[[Facts], Fact[bool]]
    severity: Severity
    quiet: Callable[[Facts, Limits], bool] = lambda facts, limits: False
    partners: tuple[Concept, ...] = ()
    what: Callable[[Facts], str] | None = None


def _seizures_known(facts: Facts, limits: Limits) -> bool:
    """Acknowledged in the last year, and no seizure since."""
    told = facts.person.acknowledged("BAC-COND-01", limits["cond-acknowledged-days"])
    last = facts.conditions.last_seizure
    return told is not None and told.at is not None and (last is None or last.first < told.at.first)


def _stroke_known(facts: Facts, limits: Limits) -> bool:
    """Acknowledged, and the dose unchanged for half a year."""
    told = facts.person.acknowledged("BAC-COND-02", limits["cond-stable-days"])
    return told is not None and stable_dose(facts, limits["cond-stable-days"])


def _diabetes_words(facts: Facts) -> str:
    """A medicine alone is no diagnosis."""
    return "Diabetes" if facts.person.active("cond-diabetes") else "Glucose-lowering medicine"


def _diabetes_known(facts: Facts, limits: Limits) -> bool:
    """Acknowledged at any time."""
    return facts.person.acknowledged("BAC-COND-09") is not None


ROWS: Mapping[str, Row] = {
    "BAC-COND-01": Row(lambda facts: facts.person.seizure_disorder, Severity.MODERATE, _seizures_known),
    "BAC-COND-02": Row(lambda facts: facts.person.cerebrovascular, Severity.MODERATE, _stroke_known),
    "BAC-COND-03": Row(lambda facts: facts.conditions.parkinson, Severity.MODERATE),
    "BAC-COND-08": Row(lambda facts: facts.conditions.porphyria, Severity.MODERATE),
    "BAC-COND-09": Row(
        lambda facts: facts.conditions.diabetes, Severity.LOW, _diabetes_known, GLUCOSE_LOWERING, _diabetes_words
    ),
}


def _judge(row: Row, facts: Facts, limits: Limits) -> Iterator[Said]:
    if not facts.partners.on_baclofen:
        return
    fact = row.fact(facts)
    if isinstance(fact, Unknown):
        yield ask(fact)
    elif fact.value and not row.quiet(facts, limits):
        partners = tuple(ref for partner in facts.partners.of(*row.partners) for ref in partner.refs)
        values = {"what": row.what(facts)} if row.what else {}
        yield Finding(row.severity, fact.evidence, (*implicated(facts), *partners), values=values)


def _row(rule: str) -> Judge:
    return partial(_judge, ROWS[rule])


RULES: Mapping[str, Judge] = {
    "BAC-COND-01": _row("BAC-COND-01"),
    "BAC-COND-02": _row("BAC-COND-02"),
    "BAC-COND-03": _row("BAC-COND-03"),
    "BAC-COND-04": psychosis,
    "BAC-COND-05": mood,
    "BAC-COND-06": spinal_injury,
    "BAC-COND-07": retention,
    "BAC-COND-08": _row("BAC-COND-08"),
    "BAC-COND-09": _row("BAC-COND-09"),
    "BAC-COND-10": ulcer,
    "BAC-COND-11": breathing,
    "BAC-COND-12": liver,
    "BAC-COND-13": low_pressure,
    "BAC-COND-14": falls,
    "BAC-COND-15": cognition,
    "BAC-COND-16": misuse,
    "BAC-COND-17": tone,
}
