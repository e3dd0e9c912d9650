"""The reader of the ``fhir_profiles`` folder: the published artifacts as this process holds them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class ProfilesError(Exception):
    """A file of the folder cannot be used; ``path`` names it."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path.name}: {why}")
        self.path = path
        self.why = why


@dataclass(frozen=True, slots=True)
class Profiles:
    """Every artifact of the folder by (resource type, id), with the bytes as published."""

    artifacts: Mapping[tuple[str, str], Mapping[str, Any]]
    raw: Mapping[tuple[str, str], bytes]
    package: Mapping[str, Any]
    sha256: str

    def value_sets(self) -> frozenset[str]:
        """Ids of all ValueSets: the concepts this version knows."""
        return frozenset(name for kind, name in self.artifacts if kind == "ValueSet")


def locate_profiles() -> Path:
    """The folder of a checkout (beside ``service/``), else the one inside the wheel."""
    raise NotImplementedError


def load_profiles(path: Path | None = None) -> Profiles:
    """Read every ``*.json`` of the folder. Raises ``ProfilesError`` naming the file."""
    raise NotImplementedError
