"""Code systems: one canonical URI for every spelling, and the normal form of a code."""

from __future__ import annotations

from collections.abc import Mapping

from .rows import Tables

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
NDC = "http://hl7.org/fhir/sid/ndc"
SNOMED = "http://snomed.info/sct"
ATC = "http://www.whocc.no/atc"
UNII = "http://fdasis.nlm.nih.gov"
UCUM = "http://unitsofmeasure.org"
LOINC = "http://loinc.org"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
ICD10 = "http://hl7.org/fhir/sid/icd-10"
ICD9CM = "http://hl7.org/fhir/sid/icd-9-cm"
ICD10PCS = "http://www.cms.gov/Medicare/Coding/ICD10"
EDQM = "http://standardterms.edqm.eu"
FACT = "https://baclofen-safety.example/fhir/CodeSystem/baclofen-fact"

DOTTED = frozenset({ICD10CM, ICD10, ICD9CM, ICD10PCS})
UPPER = DOTTED | {ATC, UNII}


def read_systems(tables: Tables) -> dict[str, str]:
    """Every known spelling, without a closing slash and in lower case, to its canonical URI."""
    spellings: dict[str, str] = {}
    rows = tuple(tables.rows("code_systems", "canonical_uri", "other_uris_seen"))
    for uri, others in rows:
        for other in filter(None, others.split("|")):
            spellings.setdefault(_plain(other), uri)
    spellings.update({_plain(uri): uri for uri, _ in rows})
    return spellings


def canonical(uri: str, spellings: Mapping[str, str]) -> str:
    """The canonical URI, or the input when the system is not known. A bare OID counts as its ``urn:oid:``
    form."""
    found = spellings.get(uri) or spellings.get(_plain(uri))
    if found is not None:
        return found
    if uri[:2] in ("0.", "1.", "2."):
        return spellings.get(f"urn:oid:{uri}", uri)
    return uri


def _plain(uri: str) -> str:
    return uri.strip().rstrip("/").lower().replace("https://", "http://")


def normal_code(system: str, code: str) -> str:
    """The code as the tables write it: ICD without dots and spaces and in upper case, others trimmed."""
    code = code.strip()
    if system in UPPER:
        code = code.upper().replace(" ", "")
    return dotless(code) if system in DOTTED else code


def dotless(code: str) -> str:
    """An ICD code in upper case without dots and spaces."""
    return code.replace(".", "").replace(" ", "").upper()
