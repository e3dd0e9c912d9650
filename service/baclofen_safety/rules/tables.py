"""The rows of parsed TOML tables, each read with a complaint that names the place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from ..core.knowledge import KnowledgeError

Table = Mapping[str, Any]


def rows_of(tables: Mapping[str, Table], stem: str, key: str) -> Table:
    if stem not in tables:
        raise KnowledgeError(f"{stem}.toml", "missing")
    rows = tables[stem].get(key, {})
    if not isinstance(rows, Mapping):
        raise KnowledgeError(f"{stem}.toml", f"[{key}.…] tables expected")
    return rows


def list_of(tables: Mapping[str, Table], stem: str, key: str) -> tuple[Table, ...]:
    if stem not in tables:
        raise KnowledgeError(f"{stem}.toml", "missing")
    return tuple(tables[stem].get(key, ()))


def same_names(where: str, worded: set[str], judged: set[str]) -> None:
    if worded != judged:
        raise KnowledgeError(where, f"words and logic disagree on {sorted(worded ^ judged)}")


def word(row: Table, key: str, where: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value.strip():
        raise KnowledgeError(where, f"{key}: a sentence expected")
    return value


def words(row: Table, key: str) -> tuple[str, ...]:
    return tuple(str(item) for item in row.get(key, ()))


def known(where: str, names: Iterable[str], among: Mapping[str, object], what: str) -> tuple[str, ...]:
    listed = tuple(names)
    missing = [name for name in listed if name not in among]
    if missing or not listed:
        raise KnowledgeError(where, f"{what} unknown or none: {missing}")
    return listed


def day_of(row: Table, where: str) -> date:
    value = row.get("effective")
    if not isinstance(value, date):
        raise KnowledgeError(where, "effective: a date expected")
    return value
