"""What the kinds of clients can do with a card, read once from ``client_profiles.toml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal, cast, get_args

from .clients import Profile
from .tables import Table, parse_table, text_of

FILE = "client_profiles.toml"
Selection = Literal["at-most-one", "any"]
Topic = Literal["as-is", "alphanumeric"]


@dataclass(frozen=True, slots=True)
class Abilities:
    """``together``: a suggestion may hold several actions. ``actions`` are "create MedicationRequest" and the like.

    ``shared_topics``: a topic may stand on cards whose content changes from call to call.
    """

    selection: Selection
    topic: Topic
    shared_topics: bool
    together: bool
    actions: frozenset[str]


def abilities_of(profile: Profile) -> Abilities:
    """What clients of a profile can do. A profile without a row is a KeyError."""
    return _table()[profile]


@cache
def _table() -> Mapping[str, Abilities]:
    return read_abilities(text_of(FILE))


def load_abilities() -> None:
    """Read the table now, for a start that stops when it is broken. Raises TableError."""
    _table()


def read_abilities(text: str) -> Mapping[str, Abilities]:
    """What every kind of client can do, from the text of the table. Raises TableError."""
    table = parse_table(FILE, text)
    found = {name: _abilities(table.table(name)) for name in get_args(Profile)}
    table.done()
    return found


def _abilities(row: Table) -> Abilities:
    selection = row.one_of("selection", get_args(Selection))
    topic = row.one_of("topic", get_args(Topic))
    found = Abilities(
        selection=cast(Selection, selection),
        topic=cast(Topic, topic),
        shared_topics=row.truth("shared_topics"),
        together=row.truth("together"),
        actions=frozenset(row.names("actions")),
    )
    row.done()
    return found
