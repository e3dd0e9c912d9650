"""National Drug Codes: the 11-digit form, and the table loaded on first use."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cached_property

from .rows import Tables

_SEGMENTS = (5, 4, 2)


def candidates(code: str) -> tuple[str, ...]:
    """The 11-digit forms a written NDC can have: one with hyphens or 11 digits, three for 10 bare digits, or
    none."""
    code = code.strip()
    parts = code.split("-")
    if len(parts) == len(_SEGMENTS) and all(part.isdigit() for part in parts):
        padded = "".join(part.zfill(size) for part, size in zip(parts, _SEGMENTS, strict=True))
        return (padded,) if len(padded) == 11 else ()
    if not code.isdigit():
        return ()
    if len(code) == 11:
        return (code,)
    if len(code) != 10:
        return ()
    return ("0" + code, code[:5] + "0" + code[5:], code[:9] + "0" + code[9:])


class NdcBook:
    """NDC to RxNorm code. 222,000 rows: read when the first NDC is asked for."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    @cached_property
    def _codes(self) -> Mapping[str, str]:
        return {ndc: sys.intern(rxcui) for ndc, rxcui in self._tables.rows("ndc_all", "ndc11", "rxcui")}

    def load(self) -> None:
        """Read the table now, so that workers share it."""
        self._codes.get("")

    def rxnorm(self, code: str) -> str | None:
        """The RxNorm code, or None when the NDC is not known or its bare 10 digits fit more than one."""
        found = {ndc for ndc in candidates(code) if ndc in self._codes}
        return self._codes[found.pop()] if len(found) == 1 else None
