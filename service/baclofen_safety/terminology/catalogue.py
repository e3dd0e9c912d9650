"""The concepts this version's rules speak of. Each is the id of one ValueSet; the look-up answers with no other."""

from __future__ import annotations

from collections.abc import Mapping

from ..core.concepts import Concept

FLUID: Concept = "med-peritoneal-dialysis-fluid"

MED = ("baclofen", "opioid", "benzodiazepine", "barbiturate")
COND = (
    "aki baclofen_adverse_effect baclofen_poisoning baclofen_underdosing cerebral_palsy cerebrovascular_other "
    "ckd_stage_1 ckd_stage_2 ckd_stage_3 ckd_stage_4 ckd_stage_5 ckd_stage_5_or_esrd_hypertensive ckd_unspecified "
    "communication_difficulty delirium_encephalopathy_or_coma delivery dementia_or_cognitive_impairment "
    "demyelinating_other dialysis drug_poisoning_any drug_withdrawal_other epilepsy_seizure esrd hemiplegia "
    "implant_unspecified intrathecal_pump_or_catheter kidney_transplant medication_nonadherence "
    "motor_neuron_or_hereditary_spastic_disease multiple_sclerosis muscle_wasting_or_amputation myelopathy_other "
    "palliative_care paraplegia pregnancy quadriplegia renal_other sci_cervical sci_lumbosacral sci_t1_t6 "
    "sci_t7_t12 sci_thoracic_unspecified sci_unspecified stroke_acute stroke_sequelae_or_history tia "
    "traumatic_brain_injury wheelchair_or_bedbound"
).split()
LAB = (
    "body_height body_height_weak body_weight body_weight_dry body_weight_weak bmi crcl_cockcroft_gault "
    "crcl_measured_24h creatinine creatinine_dialysis cystatin_c egfr_ckdepi_2009_creatinine "
    "egfr_ckdepi_2009_creatinine_race egfr_ckdepi_2021_creatinine egfr_ckdepi_2021_creatinine_cystatin "
    "egfr_ckdepi_creatinine_cystatin_2012 egfr_cystatin egfr_mdrd egfr_mdrd_race egfr_unspecified_formula "
    "estimated_delivery_date pregnancy_status pregnancy_test"
).split()
PROC = (
    "anaesthesia baclofen_intrathecal_drug delivery dialysis dialysis_care insulin_pump_not_intrathecal "
    "intraspinal_catheter intraspinal_catheter_check intrathecal_catheter_insertion intrathecal_catheter_removal "
    "intrathecal_catheter_revision intrathecal_injection kidney_transplant palliative_care pump_device "
    "pump_device_generic pump_device_text pump_implant pump_interrogation pump_refill pump_removal pump_revision "
    "surgical_category ventilation"
).split()
ROUTE = (
    "buccal enteral_tube epidural inhalation intramuscular intrathecal intrathecal_check intravenous nasal ophthalmic "
    "oral rectal subcutaneous sublingual topical transdermal vaginal"
).split()
FORM = ("tablet", "liquid", "granules", "injection", "topical")
ANSWER = ("pregnant", "not_pregnant", "positive", "negative")
FACT = (
    "alarm_empty alarm_end_of_service alarm_low_reservoir alarm_memory alarm_motor_stall alarm_replacement_due "
    "alarm_test alarm_unspecified alarm_volume amount_taken baclofen_withdrawal_history bridge_bolus comfort_care "
    "communication_difficulty complete_record drug_concentration eos_date eri_date fill_volume home_medication "
    "low_reservoir_alarm_date mobility npo oral_weaning_plan origin_cerebral origin_spinal "
    "perioperative_baclofen_plan programmed_daily_dose programmed_rate pump_alarm pump_implanted refill_by "
    "rescue_supply reservoir_volume sign_confused sign_floppy sign_sleepy spasticity_origin specialist_override "
    "stop_justified"
).split()

GROUPS: Mapping[str, tuple[str, ...]] = {
    "cond": tuple(COND),
    "lab": tuple(LAB),
    "proc": tuple(PROC),
    "route": tuple(ROUTE),
    "form": FORM,
    "fact": tuple(FACT),
    "answer": ANSWER,
    "med": MED,
}

FORM_GROUPS: Mapping[str, str] = {
    "tablet": "tablet",
    "orodispersible tablet": "tablet",
    "dispersible tablet": "tablet",
    "oral solution": "liquid",
    "oral suspension": "liquid",
    "granules": "granules",
    "solution for injection": "injection",
    "solution for infusion": "injection",
    "solution for injection/infusion": "injection",
    "injection (intrathecal)": "injection",
    "prefilled syringe (intrathecal)": "injection",
    "topical": "topical",
}
"""``dose_form`` of the tables to the form group the rules know."""


def concept(kind: str, name: str) -> Concept:
    """The concept of a table's class name: ``("cond", "ckd_stage_3")`` is ``cond-ckd-stage-3``."""
    return f"{kind}-{name.replace('_', '-')}"


CONCEPTS: frozenset[Concept] = frozenset(
    [concept(kind, name) for kind, names in GROUPS.items() for name in names] + [FLUID]
)
