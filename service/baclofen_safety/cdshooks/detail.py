"""The words of a card: its summary, and its detail as short Markdown lists."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache

from ..core.knowledge import Rulebook
from ..core.rule import Finding
from ..core.verdict import Issue
from ..core.words import fill, fill_sentence, kidney_check, note_line, say, steps, suppose
from .markdown import bullets, clean, cut, escape, plain, section
from .moments import moments
from .occasion import Occasion, dose_of
from .wording import phrase

SUMMARY_LENGTH = 139
_SHORT, _LONG = 48, 240
"""The longest value of a record in a summary, and in a sentence of the detail."""
_NAMED = (("Baclofen + ", " + "), ("Baclofen plus ", " + "), ("Baclofen ", ": "), ("Oral baclofen ", ": "))
"""How a summary may begin with the drug, and what takes the place of that behind a lead: it is named once."""

_ASIDE = re.compile(r"\s*\([^()]*\)")
"""What a citation says in brackets, where and how it was read: the page of the rule has it."""
_SENTENCE = re.compile(r"(?<=[a-z0-9)%]\.) (?=[A-Z][a-z])")


def summary_of(issue: Issue, occasion: Occasion) -> str:
    """Drug, dose and danger in at most 139 characters."""
    said = _danger(issue, occasion)
    begun, link = next((one for one in _NAMED if said.startswith(one[0])), ("", ": "))
    led = (f"{lead}{link}{said.removeprefix(begun)}" for lead in _leads(issue, occasion, said))
    return cut(next((one for one in led if len(one) <= SUMMARY_LENGTH), said), SUMMARY_LENGTH)


def _danger(issue: Issue, occasion: Occasion) -> str:
    """The summary of the rule, its values cut."""
    said = fill_sentence(issue.sheet.summary, _said(issue.finding, _SHORT), occasion.book.phrases)
    if issue.supposed:
        said = suppose(said, occasion.book.phrases)
    return plain(said, SUMMARY_LENGTH)


def _leads(issue: Issue, occasion: Occasion, said: str) -> Iterator[str]:
    """What to put before a summary so that it names the drug and its dose, the fullest first."""
    if issue.supposed:
        return  # it names the drug, and the dose is nobody's word
    named = any(word in said for word in ("aclofen", "ITB", "IT "))
    orders = occasion.baclofen_of(issue)
    if issue.without_draft is not None:  # what is about to be signed, not what it takes the place of
        orders = tuple(one for one in orders if one.status == "draft") or orders
    dose = dose_of(orders[0]) if len(orders) == 1 else None
    judged = issue.finding.values.get("dose", dose)  # of all orders together, of a day gone by ...
    if dose is not None and say(judged) == say(dose) and f"{say(dose)} m" not in said:
        strength, form = orders[0].medicine.strength, orders[0].medicine.form
        if orders[0].route_group == "intrathecal":
            yield phrase("card.lead_pump", dose=say(dose))
        elif strength is not None and strength.per == "unit":
            if form in ("tablet", "granules"):
                shape = phrase(f"card.form_{form}")
                yield phrase("card.lead_strength", strength=say(strength.mg), form=shape, dose=say(dose))
            yield phrase("card.lead_dose", dose=say(dose))
        elif orders[0].route_group == "oral":
            yield phrase("card.lead_dose", dose=say(dose))
    if not named:
        yield phrase("card.lead")


def detail_of(issue: Issue, others: Iterable[Issue], occasion: Occasion, gives_way: Iterable[str] = ()) -> str:
    """The detail of the card of one finding. ``others`` are told with it, a line each; ``gives_way`` is to be done."""
    book = occasion.book
    short = _shortened(issue)
    evidence = _limited([one.says or one.reference for one in issue.finding.evidence], moments().most_evidence)
    parts = (
        section(phrase("card.found"), map(escape, _found(short, book))),
        section(phrase("card.evidence"), map(escape, evidence)),
        section(phrase("card.why"), _fixed(issue.sheet.consequence)),
        section(phrase("card.do"), (*_advice(short, book), *map(escape, gives_way))),
        section(phrase("card.together"), (one_line(other, occasion) for other in others)),
        section(phrase("card.sources"), map(escape, _sources(issue, book))),
    )
    return "\n\n".join(part for part in parts if part)


def one_line(issue: Issue, occasion: Occasion) -> str:
    """A finding among others: what and what to do, as Markdown."""
    return escape(phrase("card.one_of_several", summary=_danger(issue, occasion), do=issue.sheet.do))


def _found(issue: Issue, book: Rulebook) -> Iterator[str]:
    phrases, finding = book.phrases, issue.finding
    if issue.supposed:
        yield from sentences(phrases["supposition"])
    if issue.preliminary:
        yield phrase("card.preliminary")
    yield from sentences(fill_sentence(issue.sheet.detail, finding.values, phrases))
    for note in finding.notes:
        yield note_line(note, issue, book)
    for name, other in (("with_draft", issue.with_draft), ("without_draft", issue.without_draft)):
        if other is not None:
            key = name if "dose" in other.values else f"{name}_bare"
            yield fill(phrases[key], {**_said(other, _LONG), "severity": other.severity})
    if issue.absorbed:
        yield fill(phrases["absorbed"], {"rules": _titles(issue.absorbed, book)})


def _advice(issue: Issue, book: Rulebook) -> Iterator[str]:
    phrases, finding = book.phrases, issue.finding
    if issue.opposed:
        yield escape(fill(phrases["opposed"], {"rules": _titles(issue.opposed, book)}))
    yield from _fixed(issue.sheet.do)
    if order := issue.sheet.order_change if finding.cap is None else issue.sheet.capped:
        yield escape(fill(phrases["order_change"], {"order_change": order}))
    if book.policy is not None:
        yield from map(escape, book.policy.notes.get(issue.sheet.id, ()))
    if issue.ceiling_by:
        yield escape(fill(phrases["ceiling_by"], {"rule": _titles((issue.ceiling_by,), book)}))
    if finding.cap is not None:
        yield escape(fill(phrases["cap"], {"cap": finding.cap.mg_per_day}))
    if finding.taper is not None:
        yield f"{escape(phrase('card.taper'))}\n{bullets(map(escape, steps(finding.taper, book)), '    ')}"
        yield escape(phrases["taper.offer"])
        yield escape(kidney_check(finding.taper, book))


def _sources(issue: Issue, book: Rulebook) -> Iterator[str]:
    most, named = moments().most_sources, issue.sheet.sources
    for source in named[:most]:
        yield _ASIDE.sub("", book.sources[source].citation)
    if len(named) > most:
        yield phrase("card.more_sources", n=len(named) - most)


def _limited(lines: list[str], most: int) -> Iterator[str]:
    """Each line once, cut, and how many more there are."""
    once = list(dict.fromkeys(clean(line, _LONG) for line in lines))
    yield from once[:most]
    if len(once) > most:
        yield phrase("card.more_evidence", n=len(once) - most)


@cache
def _fixed(text: str) -> tuple[str, ...]:
    """The sentences of a text of the knowledge as Markdown; none of them holds a word of a record."""
    return tuple(map(escape, sentences(text)))


def sentences(text: str) -> list[str]:
    """The sentences of a text, none for an empty one."""
    return _SENTENCE.split(text) if text else []


def _titles(rules: Iterable[str], book: Rulebook) -> str:
    return "; ".join(book.sheets[rule].title if rule in book.sheets else rule for rule in rules)


def _shortened(issue: Issue) -> Issue:
    """The issue with the values a record brought cut to a readable length."""
    return replace(issue, finding=replace(issue.finding, values=_said(issue.finding, _LONG)))


def _said(finding: Finding, longest: int) -> dict[str, str]:
    return {name: clean(say(value), longest) for name, value in finding.values.items()}
