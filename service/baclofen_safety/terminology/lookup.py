"""The look-up of codes, names, units, routes and forms: the one home of matching.

``Terminology`` is immutable after load and may be shared between workers and threads. Every code system may be written
in any spelling listed in ``code_systems.csv`` (canonical URI, ``urn:oid:``, national variants).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Literal

from ..core.chart import Medicine
from ..core.concepts import Concept

Coding = tuple[str, str, str]
"""(system, code, display), each as sent; "" for a missing part."""

Kind = Literal["cond", "lab", "proc", "route", "form", "fact"]


@dataclass(frozen=True, slots=True)
class Terminology:
    """Tables shipped with the package, with a site's own rows laid over."""

    @classmethod
    def load(cls, site: Path | None = None) -> Terminology:
        """Read the shipped tables, then the CSV files of ``site`` (same names and columns as the shipped sources).

        Raises ``TerminologyError`` naming file and line when a table cannot be read.
        """
        raise NotImplementedError

    def system(self, uri: str) -> str:
        """The canonical URI of a code system; the input unchanged when it is not a known spelling."""
        raise NotImplementedError

    def medicine(
        self,
        codings: Sequence[Coding],
        text: str,
        *,
        ingredients: Sequence[tuple[Sequence[Coding], str]] = (),
        form: tuple[Sequence[Coding], str] | None = None,
    ) -> Medicine:
        """Recognise a medicine by its codings, else by its text; never raises.

        ``ingredients`` are the ``Medication.ingredient`` items as (codings, text); ``form`` is ``Medication.form``.
        """
        raise NotImplementedError

    def looks_like_baclofen(self, text: str) -> bool:
        """Is an unrecognised name a near miss of baclofen ("Bacofen")? Never for another known drug."""
        raise NotImplementedError

    def concepts(self, kind: Kind, codings: Sequence[Coding]) -> frozenset[Concept]:
        """The concepts of one kind that the codes stand for; displays are not read."""
        raise NotImplementedError

    def text_concepts(self, kind: Kind, text: str) -> frozenset[Concept]:
        """The concepts that whole words of a text stand for. Ask only when no code of the element was recognised."""
        raise NotImplementedError

    def recognises(self, coding: Coding) -> bool:
        """Is the code in one of our tables, whatever the kind?"""
        raise NotImplementedError

    def route(self, codings: Sequence[Coding], text: str) -> Concept | None:
        """The route a ``dosageInstruction.route`` says: ``route-oral`` …; None when not recognised.

        Codes first, then displays and text.
        """
        raise NotImplementedError

    def form(self, codings: Sequence[Coding], text: str) -> Concept | None:
        """The dose form group (``form-tablet``, ``form-liquid``, ``form-granules``, ``form-injection``,
        ``form-topical``) by code, else by words; None when not recognised."""
        raise NotImplementedError

    def unit(self, text: str, system: str = "", code: str = "") -> str | None:
        """The canonical UCUM code of a unit as sent, or None when it is not in the closed list.

        A UCUM code with its system wins over the text unless it is a known trap (``MG``, ``mL/min/1.73.m2``).
        """
        raise NotImplementedError

    def convert(self, value: Decimal, unit: str, concept: Concept) -> Decimal | None:
        """A value of ``unit`` (canonical UCUM) in the concept's canonical unit; None when there is no way."""
        raise NotImplementedError

    def canonical_unit(self, concept: Concept) -> str | None:
        """The unit ``convert`` gives for a ``lab-`` concept; None for dates, answers and unknown concepts."""
        raise NotImplementedError
