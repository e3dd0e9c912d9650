"""The rules of every drug this service knows, in order, and the reader of their TOML tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import ModuleType

from ..core.knowledge import Rulebook
from .baclofen import (
    age,
    allergy,
    conditions,
    data,
    dose,
    duplication,
    education,
    interactions,
    intrathecal,
    monitoring,
    pregnancy,
    pump,
    renal,
    symptoms,
    withdrawal,
)
from .book import build_rulebook

FAMILIES: Mapping[str, ModuleType] = {
    "renal": renal,
    "withdrawal": withdrawal,
    "symptoms": symptoms,
    "pump": pump,
    "intrathecal": intrathecal,
    "dose": dose,
    "duplication": duplication,
    "interactions": interactions,
    "conditions": conditions,
    "age": age,
    "pregnancy": pregnancy,
    "allergy": allergy,
    "monitoring": monitoring,
    "education": education,
    "data": data,
}
"""Family name (module and TOML stem) to its module, in the order of the clinical specification."""

SHARED_TABLES = ("sources", "facts", "taper", "texts", "arbitration", "phrases", "choices", "attributes")


LANGUAGES = ("es",)
"""Translations of the patient texts, by the name of their table."""


def load_rulebook(
    tables: Mapping[str, Mapping[str, object]],
    version: str,
    translations: Iterable[Mapping[str, object]] = (),
) -> Rulebook:
    """Join the parsed TOML tables (by stem) with the rules' logic. Raises KnowledgeError when they disagree."""
    families = {name: module.RULES for name, module in FAMILIES.items()}
    return build_rulebook(tables, families, version, translations)
