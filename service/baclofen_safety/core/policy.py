"""Site policy: what one hospital lays over the knowledge, and on whose word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

Mode = Literal["on", "silent", "off"]
"""On: judged and told. Silent: judged and counted, not told: how a hospital tries a rule. Off: not judged."""


@dataclass(frozen=True, slots=True)
class SitePolicy:
    """One hospital's decisions, in force from ``effective`` on. ``version`` is the hash of its text."""

    site: str
    source: str
    effective: date
    version: str
    modes: Mapping[str, Mode]  # of the rules that are not on
    reasons: Mapping[str, str]  # why, of the same rules
    notes: Mapping[str, tuple[str, ...]]  # what it changed, as sentences, of the rules it touches

    def mode(self, rule: str) -> Mode:
        """How a rule is run."""
        return self.modes.get(rule, "on")

    def rules(self, mode: Mode) -> tuple[str, ...]:
        """The rules run so, in the order of the policy."""
        return tuple(rule for rule, held in self.modes.items() if held == mode)
