"""The tables of ``docs/integration.md`` that say every error: made from those the tests provoke
(``tests/web/errors.toml``)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ERRORS = Path(__file__).resolve().parents[2] / "tests" / "web" / "errors.toml"
SAID_OF = ("fhir", "cds", "any", "server")
"""The doors, each with a table of its own."""
_INSIDE = {
    "batch": "{status} in the entry",
    "fatal-error": "{status}, `fatal-error`",
    "transient-error": "{status}, `transient-error`",
}


def errors_table(door: str) -> Iterator[str]:
    """The errors of one door, by status. An unknown door is a KeyError."""
    rows: list[dict[str, Any]] = tomllib.loads(ERRORS.read_text("utf-8"))["error"]
    here = sorted((row for row in rows if row["door"] == SAID_OF[SAID_OF.index(door)]), key=lambda row: row["status"])
    yield "| Status | `issue.code` | When | `expression`, for example | What to do |"
    yield "|---|---|---|---|---|"
    for row in here:
        status = _INSIDE.get(row.get("inside", ""), "{status}").format(status=row["status"])
        places = ", ".join(f"`{one}`" for one in row["expression"])
        yield f"| {status} | `{row['code']}` | {row['when']} | {places} | {row['do']} |"
