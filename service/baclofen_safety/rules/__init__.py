"""The rules of every drug this service knows, in order, and the reader of their TOML tables."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType

from ..core.knowledge import Rulebook
from .baclofen import data, dose, duplication, intrathecal, renal, withdrawal
from .book import build_rulebook

FAMILIES: Mapping[str, ModuleType] = {
    "renal": renal,
    "withdrawal": withdrawal,
    "intrathecal": intrathecal,
    "dose": dose,
    "duplication": duplication,
    "data": data,
}
"""Family name (module and TOML stem) to its module, in the order of the clinical specification."""

SHARED_TABLES = ("sources", "facts", "taper", "texts", "arbitration", "phrases")


def load_rulebook(tables: Mapping[str, Mapping[str, object]], version: str) -> Rulebook:
    """Join the parsed TOML tables (by stem) with the rules' logic. Raises KnowledgeError when they disagree."""
    return build_rulebook(tables, {name: module.RULES for name, module in FAMILIES.items()}, version)
