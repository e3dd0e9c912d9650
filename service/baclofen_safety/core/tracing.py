"""How a verdict came about, rule by rule: what each rule looked at, and why it fired or did not.

Only made when asked for: the facts are then handed to the rules behind a pane that notes what is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, is_dataclass
from decimal import Decimal
from typing import Any, cast

from .fact import Known, Unknown
from .facts import Facts
from .knowledge import Rulebook
from .moment import Moment
from .verdict import Issue, OpenQuestion, Outcome, PutAside, RuleTrace, Seen
from .words import fill, question, say

GROUPS = frozenset(
    {
        *("person", "kidney", "oral", "it", "hospital", "risk", "partners", "conditions", "signs", "pump"),
        *("screening", "allergies", "motherhood", "follow_up"),
    }
)
"""The groups of facts; what they give is noted, they themselves are not."""
_UNNOTED = frozenset({"chart", "limits", "as_of", "signed", "note"})
_SCOPE = frozenset(
    {
        *("oral.on_oral", "oral.orders", "oral.in_force", "oral.speaking", "oral.new_orders", "oral.drafts"),
        *("it.active", "it.orders", "it.in_force", "it.pump_present", "person.adult_or_unknown"),
    }
)
"""Facts that only say whether a rule concerns this patient: one that looked no further did not."""
_MOST_NAMED = 12


class Pane:
    """Facts, or a group of them, that notes under its name what is looked at through it."""

    def __init__(self, inner: object, path: str, seen: dict[str, str]) -> None:
        self._inner = inner
        self._path = path
        self._seen = seen

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._inner, name)
        if not self._path and name in _UNNOTED:
            return value
        if not self._path and name in GROUPS:
            return Pane(value, f"{name}.", self._seen)
        if callable(value):
            return self._noting(f"{self._path}{name}", value)
        self._seen[f"{self._path}{name}"] = shown(value)
        return value

    def _noting(self, name: str, act: Callable[..., Any]) -> Callable[..., Any]:
        def noted(*given: Any, **named: Any) -> Any:
            value = act(*given, **named)
            asked = ", ".join(shown(one) for one in (*given, *named.values()))
            self._seen[f"{name}({asked})"] = shown(value)
            return value

        return noted


def watch(facts: Facts, seen: dict[str, str]) -> Facts:
    """The facts behind a pane that writes into ``seen``: name of the fact to its value in words."""
    return cast("Facts", Pane(facts, "", seen))


def shown(value: object) -> str:
    """A fact's value as people read it."""
    match value:
        case Known():
            how = "" if value.how == "coded" else f" ({value.how})"
            return f"{shown(value.value)}{how}"
        case Unknown():
            return f"unknown: {value.about or value.reason.value}"
        case None:
            return "none"
        case str():
            return str(value)
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return say(round(value, 2))
        case Moment():
            return str(value)
        case tuple() | list() | frozenset() | set():
            return _several(value)
        case _:
            return _one(value)


def _several(values: Iterable[object]) -> str:
    named = [shown(one) for one in values]
    more = f" and {len(named) - _MOST_NAMED} more" if len(named) > _MOST_NAMED else ""
    return (", ".join(named[:_MOST_NAMED]) + more) or "none"


def _one(value: object) -> str:
    """A thing by its own words, else its reference, else its kind."""
    for name in ("shown", "name", "ref"):
        said = getattr(value, name, None)
        if isinstance(said, str) and said:
            return said
    kind = type(value)
    wordless = is_dataclass(value) or kind.__repr__ is object.__repr__  # the latter holds an address in memory
    return kind.__name__.lower() if wordless else say(value)


def trace(
    seen: Mapping[str, Mapping[str, str]],
    book: Rulebook,
    *,
    issues: Mapping[str, Issue],
    questions: Iterable[OpenQuestion],
    aside: Iterable[PutAside],
) -> tuple[RuleTrace, ...]:
    """One line per rule, in the order of the rulebook."""
    gaps: dict[str, list[OpenQuestion]] = {}
    for one in questions:
        gaps.setdefault(one.sheet.id, []).append(one)
    gone = {one.rule: one for one in aside}
    return tuple(
        _line(
            rule,
            _Became(dict(seen.get(rule, {})), issues.get(rule), gone.get(rule), tuple(gaps.get(rule, ()))),
            book,
        )
        for rule in book.sheets
    )


@dataclass(frozen=True, slots=True)
class _Became:
    """What became of one rule."""

    seen: Mapping[str, str]
    issue: Issue | None
    gone: PutAside | None
    gaps: tuple[OpenQuestion, ...]


def _line(rule: str, became: _Became, book: Rulebook) -> RuleTrace:
    outcome, because = _outcome(rule, became, book)
    return RuleTrace(rule, outcome, because, tuple(Seen(fact, value) for fact, value in became.seen.items()))


def _outcome(rule: str, became: _Became, book: Rulebook) -> tuple[Outcome, str]:
    mode, phrases = book.mode(rule), book.phrases
    because = "; ".join(question(one, book) for one in became.gaps)
    if mode == "off" and book.policy is not None:
        return "off", book.policy.reasons[rule]
    if became.gone is not None:
        return "put-aside", fill(phrases["trace_aside"], {"by": became.gone.by, "about": became.gone.about})
    if became.issue is not None:
        said = fill(phrases["trace_fired"], {"severity": became.issue.severity.value})
        return "silent" if mode == "silent" else "fired", " ".join(filter(None, (said, because)))
    if became.gaps:
        return "broken" if any(one.broken for one in became.gaps) else "cannot-judge", because
    if not became.seen:
        return "not-applicable", phrases["trace_nothing"]
    fact, value = list(became.seen.items())[-1]
    last = fill(phrases["trace_last"], {"fact": fact, "value": value})
    return "not-applicable" if fact in _SCOPE else "quiet", last
