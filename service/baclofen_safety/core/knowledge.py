"""Knowledge as data: rules' words, limits with source and day of effect, sources, shared definitions, arbitration.

Parsing only; the caller hands in the parsed TOML tables. A table that does not fit raises ``KnowledgeError``.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from .policy import Mode, SitePolicy
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
class Wording:
    """What a finding says, and what it says is to be done."""

    summary: str
    detail: str
    do: str
    order_change: str
    capped: str
    advice: str


@dataclass(frozen=True, slots=True)
class RuleSheet:
    """A rule's words and recipients. Sentences hold ``{placeholders}`` filled from the finding."""

    id: str
    group: str
    title: str
    code: str
    codes: Mapping[str, str]  # of variants that have another one
    do_not_start: bool  # a draft is not to be started at any dose: a ceiling is told, never proposed
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
    capped: str  # order_change beside a ceiling that is told as a number
    advice: str  # consequence, do and order_change as sentences of the detail
    sources: tuple[str, ...]
    cited: str  # the sources, spelt out
    effective: date
    after: tuple[str, ...]  # rules whose findings this one looks at
    tell: Mapping[str, Tell]  # "" is the default, then severities and variants
    gaps: Mapping[str, str]
    question: str  # the title of what the rule leaves open: its own would stand as a finding
    gap_titles: Mapping[str, str]  # by reason, where the question is another one
    notes: Mapping[str, str]
    instead: Mapping[str, Wording]  # by note of the finding

    def worded(self, notes: Iterable[str]) -> RuleSheet:
        """The sheet in the words for a finding with these notes."""
        one = next((self.instead[note] for note in notes if note in self.instead), None)
        return self if one is None else replace(self, **{name: getattr(one, name) for name in Wording.__slots__})

    @property
    def worst(self) -> Severity:
        """The highest severity the rule can have."""
        return max(self.severities, key=lambda severity: severity.rank)

    def title_for(self, reason: str) -> str:
        """The title of a question the rule leaves open."""
        return self.gap_titles.get(reason, self.question)

    def code_for(self, variant: str | None) -> str:
        """The v3-ActCode of a finding: the variant's, else the rule's."""
        return self.codes.get(variant or "", self.code)

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


@dataclass(frozen=True, slots=True)
class Voice:
    """One language patients and caregivers are spoken to in. ``issues`` names the issues, and ``review`` says who has
    yet to read it, in a translation."""

    language: str  # BCP-47, primary tag
    name: str  # the language's name for itself
    texts: Mapping[str, PatientText]
    phrases: Mapping[str, str]
    issues: Mapping[str, str] = field(default_factory=dict)  # title by code; English has the rules' own
    review: str = ""


@dataclass(frozen=True, slots=True)
class Attribute:
    """A source attribute: what is said of a rule whose text holds one of the words, and of one that holds none."""

    id: str
    title: str
    when: frozenset[str]  # no words: the same for every rule
    used: str
    not_used: str


RelationKind = Literal["silences", "evidence", "merges", "lowers", "ceiling", "opposes"]


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
    """Dated limits of one table: ``on(day)`` gives those in force, and those of the table it stands on.

    ``over`` are a site's own rows: each holds from its day of effect on, whatever the knowledge says.
    """

    def __init__(
        self, limits: tuple[Limit, ...], where: str, base: LimitTable | None = None, over: tuple[Limit, ...] = ()
    ) -> None:
        self.limits = limits
        self.where = where
        self.over = over
        days = {limit.effective for limit in (*limits, *over)}
        self._days: list[date] = sorted(days | set(base._days)) if base else sorted(days)
        self._rows = [{**(base.rows_on(day) if base else {}), **self._in_force(day)} for day in self._days]
        self._values = [{name: row.value for name, row in rows.items()} for rows in self._rows]

    def _in_force(self, day: date) -> dict[str, Limit]:
        chosen: dict[str, Limit] = {}
        for limit in self.limits:
            held = chosen.get(limit.name)
            known = limit.effective <= day
            if held is None or (known and not (held.effective > limit.effective and held.effective <= day)):
                chosen[limit.name] = limit
        for limit in sorted(self.over, key=lambda one: one.effective):
            if limit.effective <= day:
                chosen[limit.name] = limit
        return chosen

    def on(self, day: date) -> Mapping[str, Decimal]:
        """Values in force on a day. Before the first day of effect the first known value is used."""
        return self._values[self._place(day)] if self._values else {}

    def rows_on(self, day: date) -> Mapping[str, Limit]:
        """The rows the values in force stand in."""
        return self._rows[self._place(day)] if self._rows else {}

    def _place(self, day: date) -> int:
        return max(bisect_right(self._days, day) - 1, 0)


@dataclass(frozen=True, slots=True)
class Rulebook:
    """All knowledge, checked to hold together. ``version`` is the hash over knowledge and profiles."""

    sheets: Mapping[str, RuleSheet]
    judges: Mapping[str, Judge]  # in the order they are asked: a rule after those it looks at
    shared: LimitTable
    families: Mapping[str, LimitTable]  # each stands on ``shared``
    family_titles: Mapping[str, str]
    sources: Mapping[str, Source]
    texts: Mapping[str, PatientText]
    voices: Mapping[str, Voice]  # by language, the first is the default
    relations: tuple[Relation, ...]
    phrases: Mapping[str, str]
    attributes: tuple[Attribute, ...]
    version: str
    policy: SitePolicy | None = None
    bare: Rulebook | None = None  # the knowledge without the policy

    def on(self, day: date) -> Rulebook:
        """The rulebook that holds on a day: the site's policy from its day of effect, the bare knowledge before."""
        early = self.policy is not None and day < self.policy.effective
        return self.bare if early and self.bare is not None else self

    def mode(self, rule: str) -> Mode:
        """How the site runs a rule."""
        return self.policy.mode(rule) if self.policy else "on"

    def voice(self, *wishes: str | None) -> Voice:
        """The voice for the first wished language (BCP-47) there is one for, else the default."""
        for wish in wishes:
            found = self.voices.get((wish or "").lower().partition("-")[0])
            if found is not None:
                return found
        return next(iter(self.voices.values()))

    def shared_limits(self, day: date) -> Limits:
        """The limits core facts use."""
        return Limits(self.shared.on(day), self.shared.where)

    def family_limits(self, group: str, day: date) -> Limits:
        """The shared limits and the family's own."""
        return Limits(self.families[group].on(day), self.families[group].where)
