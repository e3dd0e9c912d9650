"""The look-up of codes, names, units, routes and forms: the one home of matching.

``Terminology`` is immutable after load and may be shared between workers and threads. Every code system may
be written in any spelling listed in ``code_systems.csv`` (canonical URI, ``urn:oid:``, national variants).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Literal

from ..core.concepts import INTRATHECAL_ROUTES, ORAL_ROUTES, Concept
from ..core.medicines import Medicine
from .catalogue import concept
from .codes import CodeBook
from .medicines import MedicineBook
from .near import is_near_miss, names_spinal_pump
from .products import read_product
from .rows import Tables, TerminologyError
from .systems import LOINC, SNOMED, canonical, read_systems
from .text import words
from .unit_names import UnitBook

__all__ = ["Coding", "Kind", "Terminology", "TerminologyError"]

Coding = tuple[str, str, str]
"""(system, code, display), each as sent; "" for a missing part."""

Kind = Literal["cond", "lab", "proc", "route", "form", "fact", "excipient", "reaction"]
Part = tuple[tuple[Coding, ...], str]
_KINDS: tuple[Kind, ...] = ("cond", "lab", "proc", "route", "form", "fact", "excipient")
_REMEMBERED = 16384
_STANDARD = (LOINC, SNOMED)


@dataclass(frozen=True, slots=True)
class Terminology:
    """Tables shipped with the package, with a site's own rows laid over."""

    _systems: dict[str, str]
    _codes: CodeBook
    _medicines: MedicineBook
    _units: UnitBook
    _concepts_of: Callable[[str, str, str], frozenset[Concept]]
    _texts_of: Callable[[str, str], frozenset[Concept]]
    _results_of: Callable[[tuple[Coding, ...]], frozenset[Concept] | None]
    _medicine_of: Callable[[tuple[Coding, ...], str, tuple[Part, ...], Part | None], Medicine]
    _unit_of: Callable[[str, str, str], str | None]
    _specimens: Mapping[tuple[str, str], str]

    @classmethod
    def load(cls, site: Path | None = None) -> Terminology:
        """Read the shipped tables, then the CSV files of ``site`` (same names and columns as their sources).

        Raises ``TerminologyError`` naming file and line when a table cannot be read.
        """
        tables = Tables(site)
        systems = read_systems(tables)
        codes, medicines, units = CodeBook(tables, systems), MedicineBook(tables, systems), UnitBook(tables)

        def unit_of(text: str, system: str, code: str) -> str | None:
            return units.unit(text, canonical(system, systems), code)

        def medicine_of(
            codings: tuple[Coding, ...], text: str, ingredients: tuple[Part, ...], form: Part | None
        ) -> Medicine:
            parts = [medicines.recognise(part, said, ()) for part, said in ingredients]
            return medicines.recognise(codings, text, parts, None if form is None else _form(codes, *form))

        def results_of(codings: tuple[Coding, ...]) -> frozenset[Concept] | None:
            for kind in ("lab", "fact"):
                found = frozenset(one for system, code, _ in codings for one in codes.of_code(kind, system, code))
                if found:
                    return found
            standard = any(canonical(system, systems) in _STANDARD for system, _, _ in codings)
            return frozenset() if standard else None

        return cls(
            _systems=systems,
            _codes=codes,
            _medicines=medicines,
            _units=units,
            _concepts_of=lru_cache(_REMEMBERED)(codes.of_code),
            _texts_of=lru_cache(_REMEMBERED)(codes.of_text),
            _results_of=lru_cache(_REMEMBERED)(results_of),
            _medicine_of=lru_cache(_REMEMBERED)(medicine_of),
            _unit_of=lru_cache(_REMEMBERED)(unit_of),
            _specimens={
                (written, code.upper()): display
                for code, system, display in tables.rows("specimens", "code", "system", "display")
                for written in (canonical(system, systems), "")
            },
        )

    def preload(self) -> None:
        """Load what is otherwise loaded on first use (NDC), so that forked workers share it."""
        self._medicines.preload()

    def system(self, uri: str) -> str:
        """The canonical URI of a code system; the input unchanged when it is not a known spelling."""
        return canonical(uri, self._systems)

    def medicine(
        self,
        codings: Sequence[Coding],
        text: str,
        *,
        ingredients: Sequence[tuple[Sequence[Coding], str]] = (),
        form: tuple[Sequence[Coding], str] | None = None,
    ) -> Medicine:
        """Recognise a medicine by its codings, else by its displays and text; never raises.

        ``ingredients`` are the ``Medication.ingredient`` items as (codings, text); ``form`` is
        ``Medication.form``. In a conflict (two codings name different drugs, or code and words disagree
        about baclofen) the ingredients and concepts of both sides are given, so that baclofen is never lost.
        """
        parts = tuple((tuple(part), said) for part, said in ingredients)
        return self._medicine_of(tuple(codings), text, parts, None if form is None else (tuple(form[0]), form[1]))

    def looks_like_baclofen(self, text: str) -> bool:
        """Is an unrecognised name a near miss of baclofen ("Bacofen", "bac lofen", "Baclo"), or does it name what runs
        into the spine ("ITB pump")? Never for another known drug."""
        said = words(text)
        unknown = [word for word in said if not self._medicines.is_known_word(word)]
        joined = (first + second for first, second in pairwise(unknown))
        return names_spinal_pump(said) or any(is_near_miss(word) for word in (*unknown, *joined))

    def concepts(self, kind: Kind, codings: Sequence[Coding]) -> frozenset[Concept]:
        """The concepts of one kind that the codes stand for; displays are not read."""
        if len(codings) == 1:
            system, code, _ = codings[0]
            return self._concepts_of(kind, system, code)
        return frozenset(found for system, code, _ in codings for found in self._concepts_of(kind, system, code))

    def text_concepts(self, kind: Kind, text: str) -> frozenset[Concept]:
        """The concepts that whole words of a text stand for. Ask only when no code of the element was
        recognised."""
        return self._texts_of(kind, text)

    def results_of_words(self, text: str) -> frozenset[Concept]:
        """The results that words stand for; a blood test not where they name another fluid or quantity."""
        return self._texts_of("lab", text) - self.of_another_fluid(text)

    def results_of_bare_words(self, text: str) -> frozenset[Concept]:
        """The blood tests that words may stand for which leave the specimen unsaid ("Creatinine")."""
        found = self._texts_of("lab_bare", text)
        return found - self.of_another_fluid(text)

    def of_another_fluid(self, text: str) -> frozenset[Concept]:
        """The blood tests that a result is not, whose words or specimen name another fluid or quantity."""
        return self._texts_of("lab_elsewhere", text)

    def specimen(self, codings: Sequence[Coding]) -> str:
        """The words of the specimens the codes stand for; "" when none is known."""
        known = (self._specimens.get((self.system(system), code.upper()), "") for system, code, _ in codings)
        return "; ".join(filter(None, known))

    def weeks(self, codings: Sequence[Coding]) -> int | None:
        """The completed weeks of pregnancy the codes stand for; None when none of them says."""
        found = (self._codes.weeks(system, code) for system, code, _ in codings)
        return next((weeks for weeks in found if weeks is not None), None)

    def results(self, codings: Sequence[Coding]) -> frozenset[Concept] | None:
        """The results, else the facts of our own, that the codings of an observation stand for.

        None when they stand for none and none is of a standard system: then its words may be read.
        """
        return self._results_of(tuple(codings))

    def recognises(self, coding: Coding) -> bool:
        """Does the code stand for any concept or medicine we know?"""
        system, code, _ = coding
        return any(self._concepts_of(kind, system, code) for kind in _KINDS) or (
            self._medicines.code(system, code) is not None
        )

    def route(self, codings: Sequence[Coding], text: str) -> Concept | None:
        """The route a ``dosageInstruction.route`` says: ``route-oral`` …; None when not recognised or
        contradictory.

        Codes first, then displays and text.
        """
        found = self.concepts("route", codings) or self.text_concepts("route", _spoken(codings, text))
        if len(found) == 1:
            return next(iter(found))
        if found and found <= ORAL_ROUTES:
            return "route-oral"
        return "route-intrathecal" if found and found <= INTRATHECAL_ROUTES else None

    def form(self, codings: Sequence[Coding], text: str) -> Concept | None:
        """The dose form group (``form-tablet``, ``form-liquid``, ``form-granules``, ``form-injection``,
        ``form-topical``) by code, else by words; None when not recognised."""
        return _form(self._codes, tuple(codings), text)

    def unit(self, text: str, system: str = "", code: str = "") -> str | None:
        """The canonical UCUM code of a unit as sent, or None when it is not in the closed list.

        A UCUM code with its system wins over the text; its known traps (``MG``, ``mL/min/1.73.m2``) are read
        as meant.
        """
        return self._unit_of(text, system, code)

    def convert(self, value: Decimal, unit: str, concept: Concept) -> Decimal | None:
        """A value of ``unit`` (canonical UCUM) in the concept's canonical unit; None when there is no way."""
        return self._units.convert(value, unit, concept)

    def canonical_unit(self, concept: Concept) -> str | None:
        """The unit ``convert`` gives for a ``lab-`` concept; None for dates, answers and unknown concepts."""
        return self._units.canonical_unit(concept)


def _form(codes: CodeBook, codings: tuple[Coding, ...], text: str) -> Concept | None:
    found = frozenset(one for system, code, _ in codings for one in codes.of_code("form", system, code))
    if len(found) == 1:
        return next(iter(found))
    said = read_product(_spoken(codings, text)).form
    return concept("form", said) if said is not None and not found else None


def _spoken(codings: Sequence[Coding], text: str) -> str:
    return " ; ".join(filter(None, (text, *(display for _, _, display in codings))))
