"""Kidney disease that the problem list knows of: without a test, or written there after the last one.

A stage 4 or 5 put on the list after a good eGFR may be right: kidneys fail within days, and whoever wrote it down may
know of a result that was not sent. Wrong, it costs a repeated creatinine; right and not judged, an encephalopathy. So
it is judged as if right, and the contradiction stays told.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...core.fact import Known, Unknown, is_yes
from ...core.kidney import SEVERE_STAGES
from ...core.rule import Finding, Gap, Said, Severity
from .renal_parts import Oral, make_cap, oral_baclofen

if TYPE_CHECKING:
    from ...core.egfr import Egfr
    from ...core.facts import Facts
    from ...core.knowledge import Limits

NEWER = "stage-newer"


def problem_list_only(facts: Facts, limits: Limits) -> Iterator[Said]:
    oral = oral_baclofen(facts)
    kidney = facts.kidney
    if oral is None or is_yes(kidney.dialysis):
        return
    if isinstance(kidney.egfr, Known) and not kidney.egfr.value.old:
        yield from _written_after(facts, limits, oral, kidney.egfr.value)
        return
    stage = kidney.ckd_stage
    if isinstance(stage, Unknown):
        yield Gap("not-sent", {}, stage.needs)
        return
    if stage.value is None or stage.value in ("1", "2"):
        return
    severe = stage.value in SEVERE_STAGES
    last = kidney.last_test_at
    yield Finding(
        Severity.HIGH if severe else Severity.MODERATE,
        (*stage.evidence, *oral.evidence()),
        oral.refs,
        values={
            "stage": stage.value,
            "dose": oral.shown,
            "date_or_none": str(last.day) if last else "none",
        },
        notes=("stage-assumed",) if stage.value == "unspecified" else (),
        cap=make_cap(oral, limits["renal-severe-cap" if severe else "renal-preferred-max"]),
    )


def _written_after(facts: Facts, limits: Limits, oral: Oral, egfr: Egfr) -> Iterator[Finding]:
    """Stage 4 or 5, or kidney failure, written down after a good eGFR: judged as if right."""
    entry = facts.kidney.stage_against
    if entry is None or not entry.sure or not entry.is_newer(egfr):
        return
    yield Finding(
        Severity.HIGH,
        (entry.evidence, *egfr.evidence, *oral.evidence()),
        oral.refs,
        values={"entry": entry.says, "egfr": egfr.shown, "date": str(egfr.at.day), "dose": oral.shown},
        notes=(NEWER,),
        cap=make_cap(oral, limits["renal-severe-cap"]),
    )
