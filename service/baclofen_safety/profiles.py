"""The reader of the ``fhir_profiles`` folder: the published artifacts as this process holds them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

Key = tuple[str, str]  # (resource type, id)

_CHECKOUT = Path(__file__).parents[2] / "fhir_profiles"
_WHEEL = Path(__file__).parent / "fhir_profiles"
_PACKAGE = "package.json"


class ProfilesError(Exception):
    """A file of the folder cannot be used; ``path`` names it."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path.name}: {why}")
        self.path = path
        self.why = why


@dataclass(frozen=True, slots=True)
class Profiles:
    """Every artifact of the folder by (resource type, id), with the bytes as published.

    ``sha256`` is over the names and bytes of all files, sorted by name: the version of the knowledge
    published.
    """

    artifacts: Mapping[Key, Mapping[str, Any]]
    raw: Mapping[Key, bytes]
    package: Mapping[str, Any]
    sha256: str
    examples: Mapping[str, Mapping[str, Any]]  # by name of file: what to ask with

    def value_sets(self) -> frozenset[str]:
        """Ids of all ValueSets: the concepts this version knows."""
        return frozenset(name for kind, name in self.artifacts if kind == "ValueSet")


def locate_profiles() -> Path:
    """The folder of a checkout (beside ``service/``), else the one inside the wheel.

    Raises ``ProfilesError`` when neither holds a ``package.json``.
    """
    for folder in (_CHECKOUT, _WHEEL):
        if (folder / _PACKAGE).is_file():
            return folder
    raise ProfilesError(_WHEEL / _PACKAGE, "no fhir_profiles folder in this installation")


def load_profiles(path: Path | None = None) -> Profiles:
    """Read every ``*.json`` of the folder (of other folders only ``examples/``).

    Raises ``ProfilesError`` naming the file that is not JSON, not a resource with an id, or not named after
    both.
    """
    folder = path or locate_profiles()
    artifacts: dict[Key, Mapping[str, Any]] = {}
    raw: dict[Key, bytes] = {}
    package: Mapping[str, Any] = {}
    digest = hashlib.sha256()
    for file in sorted(folder.glob("*.json")):
        content = _read(file)
        digest.update(file.name.encode() + b"\0" + content)
        resource = _parse(file, content)
        if file.name == _PACKAGE:
            package = resource
            continue
        key = _key(file, resource)
        artifacts[key], raw[key] = resource, content
    if not package:
        raise ProfilesError(folder / _PACKAGE, "is missing")
    examples = {file.name: _parse(file, _read(file)) for file in sorted(folder.glob("examples/*.json"))}
    return Profiles(MappingProxyType(artifacts), MappingProxyType(raw), package, digest.hexdigest(), examples)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ProfilesError(file, f"cannot be read ({error.strerror})") from error


def _parse(file: Path, content: bytes) -> Mapping[str, Any]:
    try:
        parsed = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ProfilesError(file, f"is not JSON ({error})") from error
    if not isinstance(parsed, dict):
        raise ProfilesError(file, f"expected a JSON object, found {type(parsed).__name__}")
    return parsed


def _key(file: Path, resource: Mapping[str, Any]) -> Key:
    kind, name = resource.get("resourceType"), resource.get("id")
    if not isinstance(kind, str) or not isinstance(name, str):
        raise ProfilesError(file, "expected a resource with resourceType and id")
    if file.stem != f"{kind}-{name}":
        raise ProfilesError(file, f"expected the name {kind}-{name}.json")
    return kind, name
