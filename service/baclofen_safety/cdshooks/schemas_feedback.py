"""What ``POST /cds-services/<id>/feedback`` accepts: CDS Hooks 2.0, and how clients really write it.

Unknown fields pass; null and empty text count as not sent. Epic says ``overrideReasons``, and for reasons made in Epic
an extension instead of ``reason``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from marshmallow import ValidationError, fields, pre_load, validate, validates_schema

from ..errors import BadInput
from .schemas import Lenient, places

EPIC = "com.epic.cdshooks.feedback.overrideReason"
"""Start of the keys of Epic's extension; also the system of the reasons told there."""
EPIC_NAMES = (".reasonCategory", ".reasonDisplay", ".reasonTitle")

_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d")
_UNKEEPABLE = re.compile("[\0\ud800-\udfff]")


class Told(fields.String):
    """Text as it can be kept anywhere; numbers are read as text."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **more: Any) -> str:
        told = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        text: str = super()._deserialize(told, attr, data, **more)
        return _UNKEEPABLE.sub("\ufffd", text).strip()


class Instant(fields.AwareDateTime):
    """RFC 3339 in any offset, UTC when none is named."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **more: Any) -> datetime:
        if not isinstance(value, str) or not _TIME.match(value):
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE)
        try:
            return super()._deserialize(value, attr, data, **more).astimezone(UTC)
        except OverflowError:
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE) from None


class OneOrMore(fields.Nested):
    """An object, or a list of them; a list once read."""

    def _deserialize(
        self,
        value: Any,
        attr: str | None,
        data: Mapping[str, Any] | None,
        partial: bool | Sequence[str] | Set[str] | None = None,
        **more: Any,
    ) -> list[Any]:
        read = super()._deserialize
        return [read(one, attr, data, partial, **more) for one in (value if isinstance(value, list) else [value])]


class ReasonSchema(Lenient):
    """A Coding. Clients leave out ``display``, some ``system`` too."""

    system = Told(load_default="", validate=validate.Length(max=300))
    code = Told(load_default="", validate=validate.Length(max=128))
    display = Told(load_default="")


class OverrideSchema(Lenient):
    """Why a card was overridden: a reason of the card's list, a comment, or both."""

    reason = OneOrMore(ReasonSchema, load_default=())
    comment = Told(data_key="userComment", load_default="", validate=validate.Length(max=20_000))

    @pre_load
    def read_epic(self, data: Any, **_: Any) -> Any:
        """Epic's extension as a reason: the category is the code, display or title the words."""
        if not isinstance(data, dict) or data.get("reason") or not isinstance(data.get("extension"), dict):
            return data
        category, display, title = (data["extension"].get(EPIC + name) for name in EPIC_NAMES)
        if not (category or display or title):
            return data
        return {**data, "reason": {"system": EPIC, "code": category, "display": display or title}}


class SuggestionSchema(Lenient):
    """A suggestion that was accepted."""

    id = Told(required=True, validate=validate.Length(min=1, max=200))


class FeedbackSchema(Lenient):
    """What became of one card."""

    card = Told(required=True, validate=validate.Length(min=1, max=200))
    outcome = fields.String(required=True, validate=validate.OneOf(["accepted", "overridden"]))
    at = Instant(data_key="outcomeTimestamp", required=True, default_timezone=UTC)
    suggestions = fields.List(fields.Nested(SuggestionSchema), data_key="acceptedSuggestions", load_default=())
    override = OneOrMore(OverrideSchema, data_key="overrideReason", load_default=())
    overrides = OneOrMore(OverrideSchema, data_key="overrideReasons", load_default=())

    @validates_schema
    def need_suggestion(self, data: Mapping[str, Any], **_: Any) -> None:
        if data["outcome"] == "accepted" and not data["suggestions"]:
            raise ValidationError("Required when the outcome is accepted.", "acceptedSuggestions")


class FeedbackBatchSchema(Lenient):
    """One call: feedback on any number of cards, of any number of hook instances."""

    feedback = fields.List(fields.Nested(FeedbackSchema), required=True)


@dataclass(frozen=True, slots=True)
class Batch:
    """What one call brought: the items that could be read, and the places of what was wrong. ``sent`` counts all."""

    items: tuple[Mapping[str, Any], ...]
    places: tuple[str, ...]
    sent: int


def read_batch(document: object) -> Batch:
    """A feedback document. Raises BadInput when it is none; items that cannot be read leave the others alone."""
    schema = FeedbackBatchSchema()
    sent = document.get("feedback") if isinstance(document, dict) else None
    if not isinstance(sent, list):
        raise BadInput("A JSON object with an array feedback was expected.", ["feedback"])
    wrong: Mapping[Any, Any] = {}
    try:
        items = schema.load({"feedback": sent})["feedback"]
    except ValidationError as error:
        wrong = error.messages_dict["feedback"]
        items = schema.load({"feedback": [one for at, one in enumerate(sent) if at not in wrong]})["feedback"]
    return Batch(tuple(items), tuple(place for place, _ in places(wrong, "feedback")), len(sent))
