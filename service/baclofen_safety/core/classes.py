"""The medicine classes the rules speak of, as the concepts that make them up.

A class holds what a clinician means by its name; marks inside a class (``med-hypnotic-other``, ``med-levodopa-proper``)
leave out what does not act as the class does.
"""

from __future__ import annotations

from .concepts import Concept

Class = tuple[Concept, ...]

OPIOIDS: Class = ("med-opioid",)
BENZOS: Class = ("med-benzodiazepine",)
HYPNOTICS: Class = ("med-z-drug", "med-hypnotic-other")
GABAPENTINOIDS: Class = ("med-gabapentinoid",)
BARBITURATES: Class = ("med-barbiturate",)
OXYBATES: Class = ("med-sodium-oxybate",)
ANTIPSYCHOTICS: Class = ("med-antipsychotic",)
ANTIHISTAMINES: Class = ("med-antihistamine-first-gen",)
TRICYCLICS: Class = ("med-tricyclic-antidepressant",)
MAOIS: Class = ("med-maoi",)
LITHIUM: Class = ("med-lithium",)
LEVODOPA: Class = ("med-levodopa-proper",)
RELAXANTS: Class = ("med-skeletal-muscle-relaxant",)
OTHER_CNS: Class = (
    "med-sedating-antidepressant-other",
    "med-antiseizure-other",
    "med-cannabinoid",
    "med-clonidine",
    "med-dexmedetomidine",
    "med-scopolamine",
    "med-other-cns-depressant",
)
SEDATIVES: Class = (
    *OPIOIDS,
    *BENZOS,
    *HYPNOTICS,
    *GABAPENTINOIDS,
    *BARBITURATES,
    *OXYBATES,
    *ANTIPSYCHOTICS,
    *ANTIHISTAMINES,
    *TRICYCLICS,
    *RELAXANTS,
    *OTHER_CNS,
)
ANTIDEPRESSANTS: Class = (
    *TRICYCLICS,
    "med-sedating-antidepressant-other",
    "med-maoi-antidepressant",
    "med-ssri",
    "med-snri",
    "med-antidepressant-other",
)
CNS_ACTIVE: Class = (
    "med-antiseizure",
    *GABAPENTINOIDS,
    *ANTIDEPRESSANTS,
    *ANTIPSYCHOTICS,
    *BENZOS,
    "med-z-drug",
    *OPIOIDS,
    *RELAXANTS,
)
"""What is counted for falls and delirium, baclofen itself left out."""

ACE_OR_ARB: Class = ("med-ace-inhibitor", "med-arb")
DIURETICS: Class = ("med-diuretic-thiazide", "med-diuretic-loop", "med-diuretic-potassium-sparing")
NSAIDS: Class = ("med-nsaid",)
IV_CONTRAST: Class = ("med-iv-contrast",)
ALPHA2_AGONISTS: Class = ("med-central-alpha2-agonist", "med-tizanidine")
ANTIHYPERTENSIVES: Class = (
    *ACE_OR_ARB,
    "med-renin-inhibitor",
    *DIURETICS,
    "med-beta-blocker",
    "med-calcium-channel-blocker",
    "med-alpha1-blocker",
    *ALPHA2_AGONISTS,
    "med-vasodilator-antihypertensive",
    "med-nitrate",
)
KIDNEY_TOXINS: Class = ("med-aminoglycoside", "med-kidney-toxin-strong")
"""Dangerous to the kidneys at any eGFR; vancomycin and neomycin only when not swallowed."""

GLUCOSE_LOWERING: Class = ("med-antidiabetic",)
ACID_SUPPRESSORS: Class = ("med-proton-pump-inhibitor",)
