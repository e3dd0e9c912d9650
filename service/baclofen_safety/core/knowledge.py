"""Knowledge as data: rules' words, limits with source and day of effect, sources, shared definitions, arbitration.

Parsing only; the caller hands in the parsed TOML tables. A table that does not fit raises ``KnowledgeError``.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from .rule import Severity

if TYPE_CHECKING:
    from .rule import Judge


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
    rules: tuple[str, ...] = ()


class Limits(Mapping[str, Decimal]):
    """Limits in force on one day, by name. A name that is not there raises ``KnowledgeError``, never a default."""

    def __init__(self, values: Mapping[str, Decimal], where: str = "limits") -> None:
        self._values = values
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


Priority = Literal["routine", "urgent", "asap", "stat"]
PRIORITIES: tuple[Priority, ...] = ("routine", "urgent", "asap", "stat")


@dataclass(frozen=True, slots=True)
class Tell:
    """Who is told and how soon; None = nobody. ``texts`` are ids of patient texts."""

    requester: Priority | None = None
    pharmacist: Priority | None = None
    patient: Priority | None = None
    texts: tuple[str, ...] = ()
    at_once: bool = False  # the patient's message does not wait for a clinician to see the issue


@dataclass(frozen=True, slots=True)
class RuleSheet:
    """A rule's words and recipients. Sentences hold ``{placeholders}`` filled from the finding."""

    id: str
    group: str
    title: str
    code: str
    severities: tuple[Severity, ...]
    events: tuple[str, ...]
    fires: str
    quiet: str
    cannot_judge: str
    needs: tuple[str, ...]
    helps: tuple[str, ...]
    summary: str
    detail: str
    consequence: str
    do: str
    order_change: str
    advice: str  # consequence, do and order_change as sentences of the detail
    sources: tuple[str, ...]
    cited: str  # the sources, spelt out
    effective: date
    tell: Mapping[str, Tell]  # "" is the default, then severities and variants
    gaps: Mapping[str, str]
    notes: Mapping[str, str]

    @property
    def worst(self) -> Severity:
        """The highest severity the rule can have."""
        return max(self.severities, key=lambda severity: severity.rank)

    def tell_for(self, severity: Severity, variant: str | None) -> Tell:
        """Recipients and priorities of a finding: the variant's row, else the severity's, else the default."""
        for key in (variant, severity.value):
            if key is not None and key in self.tell:
                return self.tell[key]
        return self.tell[""]


@dataclass(frozen=True, slots=True)
class Source:
    """A row of ``sources.toml``; ``status`` says how much of the text was read."""

    id: str
    citation: str
    read_at: str
    status: str


@dataclass(frozen=True, slots=True)
class PatientText:
    """A text for patients and caregivers. ``emergency`` texts go out with the region's emergency number."""

    id: str
    title: str
    text: str
    emergency: bool


RelationKind = Literal["silences", "evidence", "merges", "lowers", "ceiling"]


@dataclass(frozen=True, slots=True)
class Relation:
    """One row of the arbitration table, its ``over`` spelt out to the rules that are loaded."""

    by: tuple[str, ...]
    over: tuple[str, ...]
    kind: RelationKind
    when: str
    to: Severity | None
    about: str


class LimitTable:
    """Dated limits of one table: ``on(day)`` gives those in force, and those of the table it stands on."""

    def __init__(self, limits: tuple[Limit, ...], where: str, base: LimitTable | None = None) -> None:
        self.limits = limits
        self.where = where
        self._days = sorted({limit.effective for limit in limits})
        self._epochs = [self._in_force(day) for day in self._days]
        if base is not None:
            days = sorted({*self._days, *base._days})
            self._epochs = [{**base.on(day), **self.on(day)} for day in days]
            self._days = days

    def _in_force(self, day: date) -> dict[str, Decimal]:
        chosen: dict[str, Limit] = {}
        for limit in self.limits:
            held = chosen.get(limit.name)
            known = limit.effective <= day
            if held is None or (known and not (held.effective > limit.effective and held.effective <= day)):
                chosen[limit.name] = limit
        return {name: limit.value for name, limit in chosen.items()}

    def on(self, day: date) -> Mapping[str, Decimal]:
        """Values in force on a day. Before the first day of effect the first known value is used."""
        at = bisect_right(self._days, day)
        return self._epochs[max(at - 1, 0)] if self._epochs else {}


@dataclass(frozen=True, slots=True)
class Rulebook:
    """All knowledge, checked to hold together. ``version`` is the hash over knowledge and profiles."""

    sheets: Mapping[str, RuleSheet]
    judges: Mapping[str, Judge]
    shared: LimitTable
    families: Mapping[str, LimitTable]  # each stands on ``shared``
    family_titles: Mapping[str, str]
    sources: Mapping[str, Source]
    texts: Mapping[str, PatientText]
    relations: tuple[Relation, ...]
    phrases: Mapping[str, str]
    version: str

    def shared_limits(self, day: date) -> Limits:
        """The limits core facts use."""
        return Limits(self.shared.on(day), self.shared.where)

    def family_limits(self, group: str, day: date) -> Limits:
        """The shared limits and the family's own."""
        return Limits(self.families[group].on(day), self.families[group].where)
