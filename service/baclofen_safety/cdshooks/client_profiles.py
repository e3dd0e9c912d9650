"""What the kinds of clients can do with a card, read once from ``client_profiles.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from .clients import Profile


@dataclass(frozen=True, slots=True)
class Abilities:
    """``together``: a suggestion may hold several actions. ``actions`` are "create MedicationRequest" and the like.

    ``shared_topics``: a topic may stand on cards whose content changes from call to call.
    """

    selection: Literal["at-most-one", "any"]
    topic: Literal["as-is", "alphanumeric"]
    shared_topics: bool
    together: bool
    actions: frozenset[str]


def abilities_of(profile: Profile) -> Abilities:
    """What clients of a profile can do. A profile without a row is a KeyError."""
    return _table()[profile]


@cache
def _table() -> Mapping[str, Abilities]:
    rows = tomllib.loads(files(__package__).joinpath("client_profiles.toml").read_text("utf-8"))
    return {
        name: Abilities(
            selection=row["selection"],
            topic=row["topic"],
            shared_topics=row["shared_topics"],
            together=row["together"],
            actions=frozenset(row["actions"]),
        )
        for name, row in rows.items()
    }
