"""What the schemas of the wire share: how lenient a reader is, and how an error names its place.

``schemas_call`` describes what callers send, ``schemas_answer`` what we send, ``schemas_feedback`` what comes back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from marshmallow import EXCLUDE, INCLUDE, Schema, ValidationError, fields, pre_load

from ..errors import BODY, BadInput

MOST_PLACES = 20
"""So many places of an input are named in an error."""


class Lenient(Schema):
    """An object that may hold more than is named here. What the standard forbids to send, null and the empty text,
    counts as not sent."""

    EMPTY: ClassVar[tuple[object, ...]] = (None, "")

    class Meta:
        unknown = EXCLUDE

    @pre_load
    def drop_empty(self, data: Any, **_: Any) -> Any:
        if not isinstance(data, Mapping):
            raise ValidationError("A JSON object was expected.")
        return {name: one for name, one in data.items() if not any(one is no or one == no for no in self.EMPTY)}


class Open(Lenient):
    """A lenient object whose other fields are handed on as they are."""

    class Meta:
        unknown = INCLUDE


def free(kind: str, says: str) -> fields.Raw:
    """A field that is handed on as it is: ``kind`` and ``says`` describe it, nothing is refused."""
    return fields.Raw(metadata={"type": kind, "description": says} | ({"items": {}} if kind == "array" else {}))


def refusal(what: str, wrong: Any) -> BadInput:
    """The messages of a validation in our words: every place with what was expected there, never what stood there."""
    found = list(places(wrong))[:MOST_PLACES]
    said = " ".join(f"{place or what}: {words}" for place, words in found)
    return BadInput(f"The {what} cannot be read. {said}", [place or BODY for place, _ in found])


def places(wrong: Any, above: str = "") -> Iterator[tuple[str, str]]:
    """Where marshmallow found fault, as ``context.selections[0]``, and its words."""
    if not isinstance(wrong, dict):
        yield above, " ".join(wrong) if isinstance(wrong, list) else str(wrong)
        return
    for name, below in wrong.items():
        step = f"[{name}]" if isinstance(name, int) else f".{name}" if above else str(name)
        yield from places(below, above if name == "_schema" else above + step)
