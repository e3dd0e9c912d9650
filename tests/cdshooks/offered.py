"""Every suggestion of a card against the table of the integration page: what it does, where, and for whom."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from baclofen_safety.cdshooks.client_profiles import abilities_of
from baclofen_safety.cdshooks.clients import Profile
from baclofen_safety.cdshooks.services import load_services
from baclofen_safety.cdshooks.wording import phrase
from baclofen_safety.hooks_page import ANY, CUT, DRAFTED, OFFERED, hooks_of

Json = dict[str, Any]
Row = tuple[str, str]
"""Phrase of the label, and action."""


@cache
def _labels() -> dict[str, re.Pattern[str]]:
    keys = {key for row in OFFERED for key in row[0]}
    told = {key: re.escape(phrase(f"suggestion.{key}", **ANY)).replace(re.escape(CUT), ".+") for key in keys}
    return {key: re.compile(label) for key, label in sorted(told.items(), key=lambda pair: -len(pair[1]))}


def _roles(key: str, action: str) -> list[tuple[str, ...]]:
    """At what moments the table has it; a draft that is verified or dispatched has the buttons of a draft."""
    found = [roles for keys, does, roles, _ in OFFERED if key in keys and does == action]
    return [*found, *(("running",) for roles in found if roles == DRAFTED)]


def rows_of(cards: Iterable[Json], hook: str) -> Iterator[Row]:
    """The row each suggestion is of; KeyError when the table has none for it."""
    services = load_services()
    for suggestion in (one for card in cards for one in card.get("suggestions", ())):
        key = next(name for name, label in _labels().items() if label.fullmatch(suggestion["label"]))
        for action in suggestion["actions"]:
            kind = action["resource"]["resourceType"] if "resource" in action else action["resourceId"].split("/")[0]
            done = f"{action['type']} {kind}"
            places = {where for roles in _roles(key, done) for where in hooks_of(services, roles)}
            if not places & {hook, "every hook"}:
                raise KeyError(f"{key}, {done}, at {hook}")
            yield key, done


def unable(rows: Iterable[Row], profile: Profile) -> set[Row]:
    """What a client of this profile was sent and cannot do."""
    return {row for row in rows if row[1] not in abilities_of(profile).actions}
