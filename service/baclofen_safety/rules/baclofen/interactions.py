"""Medicines that add to the sedation of baclofen, lower blood pressure with it, or make it build up."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from ...core.classes import (
    ANTIHISTAMINES,
    ANTIPSYCHOTICS,
    BARBITURATES,
    BENZOS,
    GABAPENTINOIDS,
    HYPNOTICS,
    LEVODOPA,
    LITHIUM,
    MAOIS,
    OPIOIDS,
    OTHER_CNS,
    OXYBATES,
    TRICYCLICS,
)
from ...core.rule import Severity
from .interactions_alcohol import alcohol
from .interactions_hospital import anaesthesia, magnesium, opioid_beside_pump
from .interactions_kidney import kidney_risk
from .interactions_many import many
from .interactions_pairs import Pairing, judge_pairing
from .interactions_pressure import low_pressure

if TYPE_CHECKING:
    from ...core.rule import Judge

HIGH, MODERATE, LOW = Severity.HIGH, Severity.MODERATE, Severity.LOW

PAIRINGS: tuple[Pairing, ...] = (
    Pairing(
        "BAC-DDI-01",
        OPIOIDS,
        MODERATE,
        HIGH,
        worse=("new", "older", "kidney", "lungs", "beside-benzo", "beside-gabapentinoid", "alcohol"),
        quiet=("settled-unmodified", "periprocedural"),
        screening=True,
    ),
    Pairing(
        "BAC-DDI-02",
        BENZOS,
        MODERATE,
        HIGH,
        worse=("older", "kidney-weak", "lungs", "beside-opioid"),
        quiet=("settled", "seizure-in-hospital"),
    ),
    Pairing("BAC-DDI-03", HYPNOTICS, MODERATE, quiet=("settled",)),
    Pairing(
        "BAC-DDI-04",
        GABAPENTINOIDS,
        MODERATE,
        HIGH,
        worse=("older", "kidney", "lungs", "beside-opioid"),
        quiet=("settled-unmodified",),
    ),
    Pairing("BAC-DDI-05", BARBITURATES, MODERATE, HIGH, worse=("older", "lungs"), quiet=("epilepsy-settled",)),
    Pairing("BAC-DDI-06", OXYBATES, HIGH, screening=True),
    Pairing("BAC-DDI-07", ANTIPSYCHOTICS, MODERATE, quiet=("settled", "delirium-in-hospital")),
    Pairing(
        "BAC-DDI-08",
        ANTIHISTAMINES,
        LOW,
        MODERATE,
        worse=("older", "sedatives"),
        quiet=("single", "withdrawal-antidote"),
        counter=True,
    ),
    Pairing("BAC-DDI-09", TRICYCLICS, MODERATE, quiet=("settled",)),
    Pairing("BAC-DDI-10", MAOIS, MODERATE, quiet=("acknowledged",)),
    Pairing("BAC-DDI-11", LITHIUM, MODERATE, quiet=("acknowledged",)),
    Pairing("BAC-DDI-12", LEVODOPA, MODERATE, quiet=("acknowledged-without-signs",)),
    Pairing("BAC-DDI-19", OTHER_CNS, LOW, quiet=("settled", "long"), marks=(("med-clonidine", "clonidine-only"),)),
)

OTHERS: dict[str, Judge] = {
    "BAC-DDI-13": low_pressure,
    "BAC-DDI-14": kidney_risk,
    "BAC-DDI-15": magnesium,
    "BAC-DDI-16": anaesthesia,
    "BAC-DDI-17": opioid_beside_pump,
    "BAC-DDI-18": alcohol,
    "BAC-DDI-20": many,
}
PAIRED: dict[str, Judge] = {row.rule: partial(judge_pairing, row) for row in PAIRINGS}
RULES: Mapping[str, Judge] = dict(sorted({**PAIRED, **OTHERS}.items()))
