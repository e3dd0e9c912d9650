"""A Bundle of R4 in the shapes of another version, as a sender of that version would write it.

What the version has no place for is left out and noted, by name: nothing is lost in silence.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

Json = dict[str, Any]
Make = Callable[["Turning", Json], Json | None]


class Turning:
    """One Bundle on its way into a version: its makers by type, the names types have there, and what is lost."""

    def __init__(self, makers: Mapping[str, Make], types: Mapping[str, str]) -> None:
        self.makers = makers
        self.types = types
        self.lost: set[str] = set()

    def bundle(self, bundle: Json) -> Json:
        """The whole Bundle; nested ones too."""
        made = self._bundle(copy.deepcopy(bundle))
        return self._renamed(made)

    def _bundle(self, bundle: Json) -> Json:
        entries = []
        for entry in bundle.get("entry", ()):
            resource = self.resource(entry["resource"])
            if resource is not None:
                entries.append({**entry, "resource": resource})
        return {**bundle, "entry": entries} if "entry" in bundle else bundle

    def resource(self, resource: Json) -> Json | None:
        kind = resource["resourceType"]
        if kind == "Bundle":
            return self._bundle(resource)
        if "contained" in resource:
            resource["contained"] = [self.resource(one) for one in resource["contained"]]
        make = self.makers.get(kind)
        made = resource if make is None else make(self, resource)
        if made is None:
            self.lost.add(kind)
            return None
        return {**made, "resourceType": self.types.get(kind, kind)}

    def _renamed(self, value: Any) -> Any:
        """References, addresses and searches by the names types have in the version."""
        if isinstance(value, dict):
            return {key: self._renamed(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self._renamed(one) for one in value]
        if isinstance(value, str):
            for old, new in self.types.items():
                value = re.sub(rf"(?<![A-Za-z]){old}(?=[/?])", new, value)
        return value

    def lose(self, made: Json, kind: str, *names: str) -> None:
        """Take elements away that the version does not have."""
        for name in names:
            if name in made:
                del made[name]
                self.lost.add(f"{kind}.{name}")

    def first(self, made: Json, kind: str, name: str, new: str | None = None) -> None:
        """A list where the version has one: the first stays."""
        if name in made:
            values = made.pop(name)
            values = values if isinstance(values, list) else [values]
            made[new or name] = values[0]
            if len(values) > 1:
                self.lost.add(f"{kind}.{name}, the second")

    def status(self, made: Json, kind: str, known: Iterable[str], turned: Mapping[str, str], default: str) -> None:
        """A status of R4 as the version calls it; one it does not know is noted."""
        said = made.get("status")
        if not isinstance(said, str):
            return
        if said in turned:
            made["status"] = turned[said]
        elif said not in known and said.strip().lower() in _OF_R4:
            made["status"] = default
            self.lost.add(f"{kind}.status {said}")


_NAMES = """
active on-hold cancelled completed entered-in-error stopped draft unknown intended not-taken preparation in-progress
declined not-done planned arrived triaged onleave finished proposed pending booked fulfilled noshow checked-in waitlist
revoked registered preliminary final amended corrected accepted rejected suspended
"""
_OF_R4 = frozenset(_NAMES.split())


def renamed(made: Json, names: Mapping[str, str]) -> Json:
    return {names.get(key, key): value for key, value in made.items()}


def code_of(concept: Json) -> str:
    """The code of a CodeableConcept that became a plain code."""
    return str(concept["coding"][0]["code"]) if "coding" in concept else str(concept.get("text", ""))


def dosages(made: Json, name: str, turn: Callable[[Json], Json]) -> None:
    if isinstance(made.get(name), list):
        made[name] = [turn(one) if isinstance(one, dict) else one for one in made[name]]
