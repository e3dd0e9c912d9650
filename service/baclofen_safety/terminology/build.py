"""Rebuild the shipped tables and the published terminology.

``python -m baclofen_safety.terminology.build tables SOURCE_FOLDER`` imports the licensed subset of a source
folder. ``python -m baclofen_safety.terminology.build valuesets [TARGET_FOLDER]`` writes the ValueSets and
the fact CodeSystem from the shipped tables; it needs nothing outside the repository.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .importing import import_tables
from .rows import Tables
from .valuesets import fact_code_system, value_sets

PROFILES = Path(__file__).parents[3] / "fhir_profiles"


def dump(resource: Mapping[str, Any]) -> bytes:
    """The published form of a resource: two spaces, UTF-8, a closing line end."""
    return (json.dumps(resource, ensure_ascii=False, indent=2) + "\n").encode()


def published() -> dict[str, bytes]:
    """File name to content of everything made from the tables."""
    tables = Tables()
    resources = [*value_sets(tables).values(), fact_code_system(tables)]
    return {f"{resource['resourceType']}-{resource['id']}.json": dump(resource) for resource in resources}


def write_value_sets(target: Path) -> None:
    """Write every ValueSet and the fact CodeSystem; a ValueSet no concept has any more is removed."""
    target.mkdir(parents=True, exist_ok=True)
    files = published()
    for path in target.glob("ValueSet-*.json"):
        if path.name not in files:
            path.unlink()
    for name, content in files.items():
        (target / name).write_bytes(content)


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns the exit code."""
    match list(arguments):
        case ["tables", source]:
            import_tables(Path(source))
        case ["valuesets", *target] if len(target) < 2:
            write_value_sets(Path(target[0]) if target else PROFILES)
        case _:
            sys.stderr.write((__doc__ or "") + "\n")
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
