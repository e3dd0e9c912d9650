"""The concepts this version's rules speak of: each the id of one ValueSet, and the only answers of the
look-up."""

from __future__ import annotations

from collections.abc import Mapping

from ..core.concepts import Concept

FLUID: Concept = "med-peritoneal-dialysis-fluid"


def _names(block: str) -> tuple[str, ...]:
    return tuple(block.split())


MED = _names(
    """
    ace_inhibitor alpha1_blocker antidepressant_other antidiabetic antihistamine_first_gen antipsychotic
    antiseizure arb baclofen barbiturate benzodiazepine beta_blocker botulinum_toxin calcium_channel_blocker
    cannabinoid central_alpha2_agonist diuretic_loop diuretic_potassium_sparing diuretic_thiazide gabapentinoid
    gadolinium_contrast general_anaesthetic iv_contrast levodopa lithium magnesium maoi nephrotoxic_other
    neuromuscular_blocker nitrate nsaid opioid opioid_antagonist other_cns_depressant proton_pump_inhibitor
    renin_inhibitor sedating_antidepressant_other sedative_hypnotic_other skeletal_muscle_relaxant snri
    sodium_oxybate ssri tricyclic_antidepressant vasodilator_antihypertensive z_drug
    aminoglycoside antiseizure_other aspirin calcineurin_inhibitor clonidine cyproheptadine dexmedetomidine
    gut_opioid hypnotic_other kidney_toxin_strong levodopa_proper magnesium_sulfate maoi_antidepressant
    nucleotide_analogue scopolamine tizanidine vancomycin
    """
)
COND = _names(
    """
    alcohol_intoxication meningitis respiratory_failure_chronic tracheostomy ventilator_dependence
    baclofen_allergy rash
    agitation aki alcohol_use_disorder alcohol_withdrawal anxiety autonomic_dysreflexia baclofen_adverse_effect
    baclofen_poisoning baclofen_underdosing bipolar bradycardia breastfeeding cerebral_palsy cerebrovascular_other
    ckd_stage_1 ckd_stage_2 ckd_stage_3 ckd_stage_4 ckd_stage_5 ckd_stage_5_or_esrd_hypertensive ckd_unspecified
    cognitive_impairment_mild communication_difficulty communication_difficulty_possible copd csf_leak
    delirium_encephalopathy_or_coma delivery dementia_or_cognitive_impairment demyelinating_other depression
    diabetes dialysis dialysis_encounter drug_poisoning_any drug_withdrawal_other epilepsy_seizure esrd
    esrd_on_dialysis falls fever_hyperthermia fracture fructose_intolerance gait_disorder galactose_intolerance
    gestational_age gi_bleeding hallucination hemiplegia hepatic hepatic_encephalopathy hypotension hypotonia
    implant_unspecified infection insomnia intrathecal_catheter_problem intrathecal_pump_or_catheter itching
    kidney_transplant
    lactose_intolerance medication_nonadherence motor_neuron_or_hereditary_spastic_disease multiple_sclerosis
    muscle_wasting_or_amputation myelopathy_other neonatal_drug_withdrawal opioid_use_disorder palliative_care
    paraesthesia paraplegia parkinson peptic_ulcer porphyria pregnancy pregnancy_loss quadriplegia renal_other
    respiratory_failure respiratory_other_severe rhabdomyolysis schizophrenia_psychosis sci_cervical
    sci_lumbosacral sci_t1_t6 sci_t7_t12 sci_thoracic_unspecified sci_unspecified
    sedative_or_other_substance_use_disorder seizure_single sepsis_or_cns_infection sleep_apnoea spasticity
    stroke_acute stroke_sequelae_or_history sucrose_intolerance suicidality sweating syncope tia
    traumatic_brain_injury urinary_catheter urinary_retention wheelchair_or_bedbound wound_infection
    alcohol_dependence bipolar_mania delirium depression_remission falls_repeated falls_risk_only hepatic_severe
    hypotension_orthostatic peptic_ulcer_history respiratory_failure_acute_on_chronic self_harm_history
    substance_remission voiding_symptoms hepatic_steatosis bedbound sleep_apnoea_obstructive cpap
    """
)
LAB = _names(
    """
    alcohol_drinks_per_day audit_c
    alcohol_intake alp blood_pressure_panel bmi body_height body_height_weak body_temperature body_weight
    body_weight_dry body_weight_weak breastfeeding_status crcl_cockcroft_gault crcl_measured_24h creatine_kinase
    creatinine creatinine_dialysis cystatin_c diastolic_bp egfr_ckdepi_2009_creatinine
    egfr_ckdepi_2009_creatinine_race egfr_ckdepi_2021_creatinine egfr_ckdepi_2021_creatinine_cystatin
    egfr_ckdepi_creatinine_cystatin_2012 egfr_cystatin egfr_mdrd egfr_mdrd_race egfr_unspecified_formula
    estimated_delivery_date gestational_age glasgow_coma_score glucose hba1c heart_rate liver_enzymes phq9_item9
    phq9_total pregnancy_status pregnancy_test respiratory_rate spo2 systolic_bp
    """
)
PROC = _names(
    """
    anaesthesia baclofen_intrathecal_drug delivery dialysis dialysis_care dialysis_maintenance
    insulin_pump_not_intrathecal intraspinal_catheter intraspinal_catheter_check intrathecal_catheter_insertion
    intrathecal_catheter_removal intrathecal_catheter_revision intrathecal_injection iv_contrast kidney_transplant
    mri palliative_care pump_constant_flow pump_device pump_device_generic pump_device_text pump_implant
    pump_interrogation pump_refill pump_removal pump_revision surgical_category urinary_catheter ventilation wheelchair
    cpap gait_aid
    """
)
ROUTE = _names(
    """
    buccal enteral_tube epidural inhalation intramuscular intrathecal intrathecal_check intravenous nasal
    ophthalmic oral rectal subcutaneous sublingual topical transdermal vaginal
    """
)
FORM = ("tablet", "liquid", "granules", "injection", "topical")
FACT = _names(
    """
    no_allergy_info no_known_allergy not_breastfeeding
    alarm_empty alarm_end_of_service alarm_low_reservoir alarm_memory alarm_motor_stall alarm_replacement_due
    alarm_test alarm_unspecified alarm_volume amount_taken baclofen_withdrawal_history benefit_review
    breastfeeding bridge_bolus catheter_problem comfort_care communication_difficulty complete_record
    discharge_teaching drug_concentration eos_date eri_date falls_count fill_volume home_medication indication_alcohol
    infant_birth_date infant_preterm lives_in_staffed_institution low_reservoir_alarm_date maternal_exposure
    medical_alert_id mobility negative not_pregnant npo oral_weaning_plan origin_cerebral origin_spinal
    over_the_counter oxygen_target perioperative_baclofen_plan positive pregnant programmed_daily_dose
    programmed_rate pump_alarm pump_education pump_implanted refill_by rescue_supply reservoir_volume
    screening_adverse screening_effect_hours screening_effective_dose screening_result sign_confused sign_csf_leak
    sign_floppy sign_hardware_exposed sign_itching_no_rash sign_newborn_withdrawal sign_sleepy sign_spasticity_up
    sign_wound_drainage sign_wound_open sign_wound_redness spasticity_origin specialist_override starter_education
    stop_justified
    """
)

EXCIPIENT = ("wheat", "gluten_not_wheat", "paraben", "sorbitol_fructose", "galactose_lactose")
REACTION = ("hypersensitivity", "side_effect")

GROUPS: Mapping[str, tuple[str, ...]] = {
    "cond": COND,
    "lab": LAB,
    "proc": PROC,
    "route": ROUTE,
    "form": FORM,
    "fact": FACT,
    "med": MED,
    "excipient": EXCIPIENT,
    "reaction": REACTION,
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
