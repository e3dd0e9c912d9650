"""A newborn whose mother took baclofen may withdraw from it within minutes, or a week later."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...core.motherhood import MOTHER_NEEDS
from ...core.rule import Finding, Gap, Said, Severity

if TYPE_CHECKING:
    from ...core.facts import Facts
    from ...core.knowledge import Limits


def exposed_newborn(facts: Facts, limits: Limits) -> Iterator[Said]:
    """BAC-NEO-01."""
    del limits
    motherhood = facts.motherhood
    if motherhood.newborn is False:
        return
    exposures = motherhood.exposures
    if not exposures:
        if motherhood.newborn and motherhood.drug_unnamed:
            yield Gap("mother", needs=MOTHER_NEEDS)
        return
    signs = motherhood.newborn_signs
    notes = (("signs", bool(signs)), ("age-uncertain", motherhood.newborn is None))
    yield Finding(
        Severity.HIGH,
        (*(one for exposure in exposures for one in exposure.evidence), *signs),
        tuple(dict.fromkeys(ref for exposure in exposures for ref in exposure.orders)),
        values={"signs": tuple(one.says for one in signs)},
        notes=tuple(note for note, holds in notes if holds),
        variant="signs" if signs else None,
        marks=frozenset({"itb-only"}) if all(exposure.pump_only for exposure in exposures) else frozenset(),
    )
