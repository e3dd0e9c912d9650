"""One EHR we may read a record from and write findings into."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import BadParameter
from .bundle import Json
from .client import EhrClient
from .egress import BadBase
from .ehr_record import fetch_record
from .write_back import Report, write_back

_ID = re.compile(r"(?:Patient/)?([A-Za-z0-9.\-]{1,256})")


@dataclass(frozen=True, slots=True)
class Ehr:
    """A FHIR server, and the way to it. ``budget``: seconds for reading one record."""

    client: EhrClient
    base: str
    budget: float

    def record(self, patient: str, token: str | None) -> Json:
        """All that is known there of a patient (``ID`` or ``Patient/ID``).

        Raises BadParameter, NoSuchRecord and EhrUnavailable.
        """
        named = _ID.fullmatch(patient)
        if named is None:
            raise BadParameter("The id of a Patient was expected.")
        return fetch_record(self.client, self.base, token, named[1], budget=self.budget)

    def write_back(self, answer: Mapping[str, Any], token: str | None) -> Report:
        """Write what an answer Bundle found."""
        return write_back(self.client, self.base, token, answer)


def reach(entries: Sequence[str], budget: float) -> Ehr:
    """The EHR at the one address among ``entries``; the others are private networks it may stand in. Raises BadBase."""
    bases = [each for each in entries if "://" in each]
    if len(bases) != 1:
        raise BadBase("one address of a FHIR server was expected, and the private networks it may stand in")
    return Ehr(EhrClient(entries, budget=budget), bases[0].rstrip("/"), budget)
