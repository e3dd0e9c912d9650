"""How findings and gaps are said: sentences from the knowledge, filled with the values judged."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from .knowledge import Rulebook, RuleSheet
from .rule import Gap
from .taper import TaperPlan
from .verdict import Issue, OpenQuestion, Verdict

SUMMARY_LENGTH = 140
_LEFT = {"data-required": "left-decisive", "data-requested": "left-lesser"}
"""What is said of what a verdict leaves open, by its status."""
_DAILY = re.compile(r"(?:\b(?:at|on) )?\{(\w+)\} mc?g(?:/kg)?/day")
"""A daily dose in a template, and the word that leads to it."""


def say(value: object) -> str:
    """A value as a clinician reads it: 40 not 40.0, a date not an instant, a list with commas."""
    if type(value) is str:
        return value
    if isinstance(value, Decimal):
        text = format(value, "f")
        return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"
    if isinstance(value, datetime):
        return value.isoformat(" ", "minutes")[:16]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple | list | frozenset):
        return ", ".join(say(one) for one in (sorted(value) if isinstance(value, frozenset) else value))
    return str(value)


def headline(verdict: Verdict, book: Rulebook) -> str:
    """Why the rules apply or not, and, where they do, whether anything was left open."""
    said = book.phrases[verdict.why]
    left = _LEFT.get(verdict.status) if verdict.applies else None
    return f"{said} {book.phrases[left]}" if left else said


class _Said:
    """Values for ``format_map``, said when a sentence asks for them; what was not given is said to be unknown."""

    __slots__ = ("_unknown", "_values")

    def __init__(self, values: Mapping[str, object], unknown: str) -> None:
        self._values = values
        self._unknown = unknown

    def __getitem__(self, key: str) -> str:
        return say(self._values[key]) if key in self._values else self._unknown


def fill(template: str, values: Mapping[str, object], unknown: str = "unknown") -> str:
    """The sentence with its placeholders filled."""
    return template.format_map(_Said(values, unknown))


def fill_sentence(template: str, values: Mapping[str, object], phrases: Mapping[str, str]) -> str:
    """A sentence of a rule, filled. A daily dose that is not known is said in words: no "unknown" before a unit."""
    unknown = phrases["unknown"]

    def said(found: re.Match[str]) -> str:
        return phrases["unknown_dose"] if values.get(found[1], unknown) == unknown else found[0]

    return fill(_DAILY.sub(said, template), values, unknown)


def shorten(text: str, length: int = SUMMARY_LENGTH) -> str:
    """At most ``length`` characters, cut at a word, with an ellipsis."""
    if len(text) <= length:
        return text
    return text[: length - 1].rsplit(" ", 1)[0].rstrip(",;:") + "…"


def summary(issue: Issue, book: Rulebook) -> str:
    """One line, at most 140 characters."""
    said = fill_sentence(issue.sheet.summary, issue.finding.values, book.phrases)
    return shorten(suppose(said, book.phrases) if issue.supposed else said)


def suppose(said: str, phrases: Mapping[str, str]) -> str:
    """A summary as it holds if baclofen is taken; one that begins with baclofen and another drug names it once."""
    rest = said.removeprefix(phrases["beside"])
    return fill(phrases["supposed" if rest == said else "supposed_beside"], {"summary": rest})


def detail(issue: Issue, book: Rulebook) -> str:
    """The clinician text: what was found, what is uncertain, why it matters, what to do, what the order should be."""
    finding, phrases = issue.finding, book.phrases
    parts = [phrases["supposition"]] if issue.supposed else []
    parts += [phrases["preliminary"]] if issue.preliminary else []
    parts.append(fill_sentence(issue.sheet.detail, finding.values, phrases))
    parts += [note_line(note, issue, book) for note in finding.notes]
    parts += [
        fill(phrases[name if "dose" in other.values else f"{name}_bare"], {**other.values, "severity": other.severity})
        for name, other in (("with_draft", issue.with_draft), ("without_draft", issue.without_draft))
        if other is not None
    ]
    parts.append(_advice(issue, phrases))
    if book.policy is not None:
        parts += book.policy.notes.get(issue.sheet.id, ())
    if issue.ceiling_by:
        parts.append(fill(phrases["ceiling_by"], {"rule": issue.ceiling_by}))
    if finding.cap is not None:
        parts.append(fill(phrases["cap"], {"cap": finding.cap.mg_per_day}))
    if finding.taper is not None:
        parts.append(fill(phrases["taper"], {"steps": "; ".join(steps(finding.taper, book))}))
        parts += [phrases["taper.offer"], kidney_check(finding.taper, book)]
    if issue.opposed:
        parts.append(fill(phrases["opposed"], {"rules": issue.opposed}))
    if issue.absorbed:
        parts.append(fill(phrases["absorbed"], {"rules": issue.absorbed}))
    return " ".join(parts)


def _advice(issue: Issue, phrases: Mapping[str, str]) -> str:
    """Why, what to do and what the order should be; beside a ceiling told as a number nothing that names another."""
    sheet = issue.sheet
    if issue.finding.cap is None or sheet.capped == sheet.order_change:
        return sheet.advice
    said = {"consequence": sheet.consequence, "do": sheet.do, "order_change": sheet.capped}
    return " ".join(fill(phrases[key], said) for key, text in said.items() if text)


def note_line(note: str, issue: Issue, book: Rulebook) -> str:
    """A sentence of the rule's own, or the one that says why no taper is suggested, or none is needed."""
    if note in issue.sheet.notes:
        return fill_sentence(issue.sheet.notes[note], issue.finding.values, book.phrases)
    why = note.removeprefix("taper-")
    if (unneeded := book.phrases.get(f"unneeded.{why}")) is not None:
        return unneeded
    reason = book.phrases.get(f"refused.{why}")
    if reason is None:
        return fill(book.phrases["unsaid"], {"reason": note})
    return fill(book.phrases["taper.refused"], {"reason": reason})


def kidney_check(plan: TaperPlan, book: Rulebook) -> str:
    if plan.kidney_check is None:
        return book.phrases["taper.kidney_check_none"]
    return fill(book.phrases["taper.kidney_check"], {"kidney_check": plan.kidney_check.day})


def steps(plan: TaperPlan, book: Rulebook) -> tuple[str, ...]:
    """The taper, a line per rung."""
    lines = []
    for rung in plan.rungs:
        kind = "stop" if rung.daily == 0 else "keep" if rung.days is None else "step"
        values = {
            "day": rung.day,
            "on": rung.on,
            "daily": rung.daily,
            "split": "-".join(say(part) for part in rung.split),
            "days": rung.days,
        }
        lines.append(fill(book.phrases[f"taper.{kind}"], values))
    return tuple(lines)


def question(open_question: OpenQuestion, book: Rulebook) -> str:
    """Why a check could not be made."""
    gap: Gap = open_question.gap
    if open_question.broken:
        return book.phrases["broken"]
    sentence = open_question.sheet.gaps.get(gap.reason, book.phrases["unsaid"])
    return fill_sentence(sentence, {"reason": gap.reason, **gap.values}, book.phrases)


@dataclass(frozen=True, slots=True)
class Asked:
    """Open questions that say the same, as one: the rules that ask, the sentence, and where they looked."""

    sheets: tuple[RuleSheet, ...]
    title: str  # of the first
    text: str
    high: bool
    broken: bool
    references: tuple[str, ...]


def asked(questions: Iterable[OpenQuestion], book: Rulebook) -> tuple[Asked, ...]:
    """The questions, those that differ only in what they are about folded into one, in the order of the first."""
    groups: dict[tuple[object, ...], list[OpenQuestion]] = {}
    for one in questions:
        others = tuple(sorted((k, say(v)) for k, v in one.gap.values.items() if k != "about"))
        sentence = one.sheet.gaps.get(one.gap.reason, one.gap.reason) if "about" in one.gap.values else id(one)
        types = frozenset(need.resource for need in one.gap.needs)
        groups.setdefault((one.broken, types, sentence, others), []).append(one)
    return tuple(_asked(group, book) for group in groups.values())


def _asked(group: list[OpenQuestion], book: Rulebook) -> Asked:
    first = group[0]
    about = tuple(dict.fromkeys(say(one.gap.values["about"]) for one in group if "about" in one.gap.values))
    whole = replace(first, gap=replace(first.gap, values={**first.gap.values, "about": about}))
    return Asked(
        sheets=tuple({one.sheet.id: one.sheet for one in group}.values()),
        title=first.sheet.title_for(first.gap.reason),
        text=question(whole if about else first, book),
        high=any(one.high for one in group),
        broken=first.broken,
        references=tuple(dict.fromkeys(evidence.reference for one in group for evidence in one.gap.evidence)),
    )
