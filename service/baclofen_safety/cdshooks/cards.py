"""From an answer to the cards of a call: what a prescriber sees, worst first, and what was not checked.

Silence means that nothing was found and all was judged, but for what this EHR never sends (``habitual``), or that the
moment has nothing to do with baclofen.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from ..assessor import Answer
from ..core.rule import Severity
from ..core.verdict import Issue
from ..fhir.outcome import ISSUE_SYSTEM
from .actions import offered_once
from .call import Call
from .card_ids import card_uuid
from .client_profiles import Abilities
from .clients import Client
from .detail import SUMMARY_LENGTH, detail_of, one_line, summary_of
from .grouping import Group, groups_of, shown_of
from .markdown import bullets, cut, plain
from .moments import moments
from .not_checked import not_checked_parts
from .notices import EXTENSION, MORE, NOT_CHECKED, REPEATED, source_of, stripped_card
from .occasion import Occasion, occasion_of, references
from .prefetch import Supply
from .session import Session
from .shown import Shown
from .stepping import what_gives_way
from .suggestions import kidney_test, suggestions_of
from .wording import override_reasons, phrase

Json = dict[str, Any]
_INDICATOR: dict[Severity, Literal["critical", "warning", "info"]] = {
    Severity.HIGH: "critical",
    Severity.MODERATE: "warning",
    Severity.LOW: "info",
}


@dataclass(frozen=True, slots=True)
class Layout:
    """The cards of one call, and what they hold. ``groups`` are told anew, ``shortened`` in a line each."""

    cards: list[Json]
    groups: tuple[Group, ...]
    shortened: tuple[Issue, ...]
    left_out: tuple[Issue, ...]


def cards_of(  # noqa: PLR0913 - everything a card is made from, by name
    answer: Answer,
    *,
    call: Call,
    session: Session,
    supply: Supply,
    client: Client,
    public_url: str,
) -> list[Json]:
    """The cards of one call, with nothing held back."""
    return lay_out(
        occasion_of(answer, call=call, session=session, supply=supply, client=client, public_url=public_url)
    ).cards


def lay_out(occasion: Occasion, before: Collection[str] = ()) -> Layout:
    """The cards of one call, at most five, worst first; what was not checked comes last.

    ``before``: rules whose findings were shown to the same person already. A high one of them is told in a line, the
    others are left out. When the orders of the session were not sent, what the record shows of the patient comes before
    the card that says so: also for a patient without baclofen, as an unsigned order may be baclofen.
    """
    shown, call = shown_of(occasion), occasion.call
    again = [issue for issue in shown.issues if issue.sheet.id in before]
    fresh = [issue for issue in shown.issues if issue.sheet.id not in before]
    high = [issue for issue in again if issue.severity is Severity.HIGH]
    profile = occasion.client.profile
    stripped = [stripped_card(call, occasion.public_url, profile)] if occasion.session.missing else []
    room = moments().most_cards - shown.unchecked - len(stripped) - bool(high)
    groups = groups_of(fresh, room, occasion)
    cards = [_card(group, occasion) for group in groups]
    if high:
        worst = sum(group.severity is Severity.HIGH for group in groups)
        cards.insert(worst, _card(Group(tuple(high), together=False), occasion, REPEATED))
    unchecked = [_not_checked_card(shown, cards, occasion)] if shown.unchecked else []
    left_out = tuple(issue for issue in again if issue not in high)
    told = sum(card["indicator"] != "info" for card in cards) if shown.grave else len(cards)
    every = offered_once((*cards[:told], *unchecked, *cards[told:], *stripped))
    return Layout(every, groups, tuple(high), left_out)


def _not_checked_card(shown: Shown, cards: Iterable[Json], occasion: Occasion) -> Json:
    tests = [] if _offers_test(cards) else kidney_test(shown.questions, NOT_CHECKED, occasion)
    summary, detail = not_checked_parts(shown, occasion, creatinine=bool(tests))
    rules = list(dict.fromkeys(one.sheet.id for one in (*shown.questions, *shown.habitual)))
    return {
        "uuid": card_uuid(occasion.instance, NOT_CHECKED),
        "summary": cut(summary, SUMMARY_LENGTH),
        "indicator": "warning" if shown.grave else "info",
        "detail": detail,
        "source": source_of(occasion.public_url, NOT_CHECKED, occasion.client.profile),
        **_offers(tests, occasion.abilities),
        "extension": {EXTENSION: _without_empty(notice=NOT_CHECKED, open=rules)},
    }


def _card(group: Group, occasion: Occasion, shared: str = MORE) -> Json:
    """``shared`` is the topic of a card about no single finding."""
    first, *others = group.issues
    topic = first.sheet.id if group.together else shared
    return {
        "uuid": card_uuid(occasion.instance, topic),
        "summary": summary_of(first, occasion) if group.together else _summary_of_many(group, shared),
        "indicator": _INDICATOR[group.severity],
        "detail": detail_of(first, others, occasion, what_gives_way(first, occasion))
        if group.together
        else bullets(one_line(issue, occasion) for issue in group.issues),
        "source": _source(group, occasion, shared),
        **_offers(suggestions_of(group.issues, occasion), occasion.abilities),
        "overrideReasons": override_reasons(),
        **_links(group, occasion),
        "extension": {EXTENSION: _told(group, occasion)},
    }


def _summary_of_many(group: Group, shared: str) -> str:
    titles = "; ".join(issue.sheet.title for issue in group.issues)
    key = "card.several_low" if group.severity is Severity.LOW else "card.several"
    key = "card.repeated" if shared == REPEATED else key
    return cut(plain(phrase(key, n=len(group.issues), titles=titles)), SUMMARY_LENGTH)


def _source(group: Group, occasion: Occasion, shared: str) -> Json:
    """Who speaks, and of which rule: the topic stays the same from call to call, so that overrides are kept."""
    source = source_of(occasion.public_url, shared, occasion.client.profile)
    if not group.together:
        return source
    sheet = group.issues[0].sheet
    code = sheet.id if occasion.abilities.topic == "as-is" else "".join(filter(str.isalnum, sheet.id))
    return {**source, "topic": {"system": ISSUE_SYSTEM, "code": code, "display": sheet.title}}


def _offers(suggestions: list[Json], abilities: Abilities) -> Json:
    return {"suggestions": suggestions, "selectionBehavior": abilities.selection} if suggestions else {}


def _offers_test(cards: Iterable[Json]) -> bool:
    return any(
        action.get("resource", {}).get("resourceType") == "ServiceRequest"
        for card in cards
        for suggestion in card.get("suggestions", ())
        for action in suggestion["actions"]
    )


def _links(group: Group, occasion: Occasion) -> Json:
    """The pages of the rules, and the app of the site where it has one."""
    links = [
        {
            "label": phrase("card.rule_link", title=issue.sheet.title),
            "url": f"{occasion.public_url}/rules/{issue.sheet.id}",
            "type": "absolute",
        }
        for issue in group.issues
        if occasion.public_url
    ]
    app = occasion.client.smart_app
    if app is not None:
        rules = " ".join(issue.sheet.id for issue in group.issues)
        links.append({"label": app.label, "url": app.url, "type": "smart", "appContext": rules})
    return {"links": links} if links else {}


def _told(group: Group, occasion: Occasion) -> Json:
    """For programs: which rules, how bad, and which orders."""
    rules = [
        {"id": issue.sheet.id, "severity": issue.severity.value, "preliminary": issue.preliminary}
        for issue in group.issues
    ]
    named = dict.fromkeys(ref for issue in group.issues for ref in references(issue) if ref in occasion.orders)
    return _without_empty(rules=rules, orders=list(named))


def _without_empty(**members: object) -> Json:
    return {name: member for name, member in members.items() if member}
