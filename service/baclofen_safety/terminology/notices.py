"""The notices that go with the codes of each system: into NOTICE and into each ValueSet's ``copyright``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .systems import ATC, EDQM, ICD10, LOINC, NDC, RXNORM, SNOMED, UNII

NLM = (
    "This product uses publicly available data courtesy of the U.S. National Library of Medicine (NLM), "
    "National "
    "Institutes of Health, Department of Health and Human Services; NLM is not responsible for the product "
    "and does "
    "not endorse or recommend this or any other product."
)
LOINC_NOTICE = (
    "This material contains content from LOINC (http://loinc.org). LOINC is copyright Regenstrief "
    "Institute, Inc. and "
    "the LOINC Committee and is available at no cost under the license at http://loinc.org/license"
)
SNOMED_IPS = (
    "This material includes content from the SNOMED CT International Patient Summary (IPS) Free Set of "
    "SNOMED "
    "International, used under the Creative Commons Attribution 4.0 International Licence "
    "(https://creativecommons.org/licenses/by/4.0/). SNOMED CT is a trademark of SNOMED International."
)
SNOMED_FHIR = (
    "Route and dose form codes of SNOMED CT are those listed in the HL7 FHIR R4 value sets; use of SNOMED "
    "CT beyond "
    "the IPS Free Set may need a licence of SNOMED International."
)
EDQM_NOTICE = (
    "Standard Terms of the European Directorate for the Quality of Medicines & HealthCare (EDQM), Council "
    "of Europe, "
    "http://standardterms.edqm.eu, used with attribution."
)
WHO_ATC = (
    "ATC codes: WHO Collaborating Centre for Drug Statistics Methodology, Oslo, Norway "
    "(https://atcddd.fhi.no), used "
    "with reference and without names; commercial copying or distribution needs the Centre's permission."
)
WHO_ICD = "ICD-10 code prefixes refer to the World Health Organization's classification; no WHO text is included."
HPO = (
    "Some SNOMED CT codes of conditions were found through the Human Phenotype Ontology "
    "(https://hpo.jax.org), "
    "version 2025-01-16."
)

_OF_SYSTEM: Mapping[str, str] = {
    RXNORM: NLM,
    NDC: NLM,
    UNII: NLM,
    LOINC: LOINC_NOTICE,
    SNOMED: SNOMED_IPS,
    EDQM: EDQM_NOTICE,
    ATC: WHO_ATC,
    ICD10: WHO_ICD,
}
OWN = "Apache-2.0, the baclofen-safety project."


def notice(systems: Iterable[str], name: str) -> str:
    """The copyright text of a ValueSet with codes of these systems."""
    parts = [_OF_SYSTEM[system] for system in sorted(systems) if system in _OF_SYSTEM]
    if SNOMED in systems and name.startswith(("route-", "form-")):
        parts = [SNOMED_FHIR if part is SNOMED_IPS else part for part in parts]
    if SNOMED in systems and name.startswith("cond-"):
        parts.append(HPO)
    return " ".join([*dict.fromkeys(parts), OWN])


def notice_file() -> str:
    """The text of the NOTICE file."""
    title = "baclofen-safety\nCopyright 2026 the baclofen-safety project"
    licence = "Licensed under the Apache License 2.0."
    about = "The tables of service/baclofen_safety/terminology and the ValueSets contain third-party codes:"
    parts = (NLM, LOINC_NOTICE, SNOMED_IPS, SNOMED_FHIR, EDQM_NOTICE, HPO, WHO_ATC, WHO_ICD)
    return "\n\n".join([title, licence, about, *parts]) + "\n"
