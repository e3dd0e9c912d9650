"""Rows that may be there already, and the hashes they are known by."""

from __future__ import annotations

import hashlib
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

Rows = list[dict[str, Any]]


def add_missing(connection: Connection, table: Table, rows: Rows) -> list[str]:
    """Insert what is not there yet; the first column of what was new."""
    if not rows:
        return []
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    adding = dialect.insert(table).on_conflict_do_nothing().returning(next(iter(table.c)))
    return list(connection.scalars(adding, rows))


def hash_of(*parts: str) -> str:
    """A name for texts that are not kept themselves."""
    told = b"".join(len(raw).to_bytes(4, "big") + raw for raw in (p.encode(errors="surrogatepass") for p in parts))
    return hashlib.sha256(told).hexdigest()
