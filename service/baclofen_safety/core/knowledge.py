"""Knowledge as data: rules' words, limits with source and day of effect, sources, shared definitions, arbitration.

Parsing only; the caller hands in the parsed TOML tables. A table that does not fit raises ``KnowledgeError``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


class KnowledgeError(Exception):
    """The knowledge does not hold together: ``where`` names the table, ``what`` what was expected."""

    def __init__(self, where: str, what: str) -> None:
        super().__init__(f"{where}: {what}")
        self.where = where
        self.what = what


@dataclass(frozen=True, slots=True)
class Limit:
    """One dated value of a limit. ``sources`` are ids of ``sources.toml``; "K13" is a project choice."""

    name: str
    value: Decimal
    unit: str
    sources: tuple[str, ...]
    effective: date
    about: str = ""


class Limits(Mapping[str, Decimal]):
    """Limits in force on one day, by name. A name that is not there raises ``KnowledgeError``, never a default."""

    def __init__(self, values: Mapping[str, Decimal], where: str = "limits") -> None:
        self._values = dict(values)
        self._where = where

    def __getitem__(self, name: str) -> Decimal:
        try:
            return self._values[name]
        except KeyError:
            raise KnowledgeError(self._where, f"no limit named {name!r}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def int(self, name: str) -> int:
        """The limit as a whole number (days, counts)."""
        return int(self[name])
