"""Units as they are written to the closed list of canonical UCUM codes."""

from __future__ import annotations

import re
from decimal import Decimal

from ..core.concepts import Concept
from ..core.units import UNITS, convert
from .catalogue import concept
from .rows import Tables
from .systems import UCUM

_FACTOR = re.compile(r"^(\S+) / ([\d.]+)$")
_SPACES = re.compile(r"\s+")


class UnitBook:
    """Look-up of unit spellings and of each laboratory concept's canonical unit; built once, never
    changed."""

    __slots__ = ("_aliases", "_bridges", "_canonical", "_loose")

    def __init__(self, tables: Tables) -> None:
        self._aliases = {unit: unit for unit in UNITS}
        for table in ("unit_aliases", "own_units"):
            for sent, ucum in tables.rows(table, "as_sent", "ucum"):
                if _closed(ucum) in UNITS:
                    self._aliases[sent] = _closed(ucum)
        self._loose: dict[str, str] = {}
        for sent, ucum in self._aliases.items():
            self._loose.setdefault(_loosened(sent), ucum)
        self._canonical: dict[Concept, str] = {}
        self._bridges: dict[Concept, tuple[str, Decimal]] = {}
        for name, unit, how in tables.rows("observations_loinc", "concept", "canonical_unit", "to_canonical"):
            found = concept("lab", name)
            if unit:
                self._canonical[found] = unit
            factor = _FACTOR.match(how)
            if factor and factor[1] in UNITS and UNITS[factor[1]][0] != UNITS.get(unit, ("",))[0]:
                self._bridges[found] = (factor[1], Decimal(factor[2]))

    def unit(self, text: str, system: str, code: str) -> str | None:
        """The canonical UCUM code, or None when the unit is not in the closed list.

        A code of the UCUM system decides, whatever the text says; the tables read its known traps ("MG" is
        mg, not megagauss; "mL/min/1.73.m2" is the normalised clearance).
        """
        if code and system == UCUM:
            return self._written(code)
        return self._written(text) or self._written(code)

    def _written(self, text: str) -> str | None:
        text = text.strip()
        if not text:
            return None
        loose = _loosened(text)
        return self._aliases.get(text) or self._loose.get(loose) or self._by_parts(loose)

    def _by_parts(self, loose: str) -> str | None:
        """ "micrograms/day" from "micrograms" and "day"."""
        if "/" not in loose:
            return None
        parts = [self._loose.get(part) for part in loose.split("/")]
        joined = "/".join(part for part in parts if part)
        return joined if None not in parts and joined in UNITS else None

    def convert(self, value: Decimal, unit: str, found: Concept) -> Decimal | None:
        """The value in the concept's canonical unit; None without a way."""
        to = self._canonical.get(found)
        return None if to is None else convert(value, unit, to, self._bridges.get(found))

    def canonical_unit(self, found: Concept) -> str | None:
        """The unit ``convert`` gives."""
        return self._canonical.get(found)


def _closed(ucum: str) -> str:
    return "ug/d" if ucum == "ug/(24.h)" else ucum


def _loosened(text: str) -> str:
    """Free text: case, spaces and a closing full stop do not count, micro signs are one, "per" is a slash."""
    text = _SPACES.sub(" ", text.strip().rstrip(".").lower().replace("μ", "u").replace("µ", "u").replace("(s)", ""))
    return text.replace(" per ", "/").replace(" ", "").replace("²", "2").replace("^2", "2").replace("**2", "2")
