"""What the service sends: discovery and answers, by the letter of CDS Hooks 2.0; and the errors.

Answers are not walked on their way out; tests and the setting ``strict`` hold them against these schemas.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, post_dump, pre_load, validate, validates_schema

from ..errors import BaclofenSafetyError
from .schemas import places

LONGEST_SUMMARY = 139
"""The standard says fewer than 140 characters."""


class BadAnswer(BaclofenSafetyError):
    """An answer of ours that is not as CDS Hooks wants it; ``places`` says where and why."""

    def __init__(self, found: Sequence[tuple[str, str]]) -> None:
        super().__init__(f"answer not as its schema says: {'; '.join(f'{place}: {words}' for place, words in found)}")
        self.places = tuple(place for place, _ in found)


class Strict(Schema):
    """An object that holds what is named here, nothing else, and nothing empty."""

    extension = fields.Dict(metadata={"description": "Keyed by reverse domain names."})

    class Meta:
        unknown = RAISE

    @pre_load
    def refuse_empty(self, data: Any, **_: Any) -> Any:
        if isinstance(data, Mapping):
            wrong = {name: ["Nothing empty may be sent."] for name, one in data.items() if self.is_empty(name, one)}
            if wrong:
                raise ValidationError(wrong)
        return data

    def is_empty(self, name: str, value: object) -> bool:
        """Whether the field holds what the standard forbids to send."""
        return value is None or value in ("", [], {})

    @post_dump
    def leave_out_absent(self, data: Any, **_: Any) -> Any:
        return {name: one for name, one in data.items() if one is not None}


class CodingSchema(Strict):
    """A code of a code system."""

    code = fields.String(required=True)
    system = fields.String(required=True)
    display = fields.String()


class ReasonToChooseSchema(Strict):
    """A reason for not following a card, to choose from."""

    code = fields.String(required=True)
    system = fields.String(required=True)
    display = fields.String(required=True)


class SourceSchema(Strict):
    """Who says it. ``topic`` is the rule, the same for every patient."""

    label = fields.String(required=True)
    url = fields.Url(require_tld=False)
    icon = fields.Url(require_tld=False)
    topic = fields.Nested(CodingSchema)


class ActionSchema(Strict):
    """One change of the record."""

    type = fields.String(required=True, validate=validate.OneOf(["create", "update", "delete"]))
    description = fields.String(required=True)
    resource = fields.Dict(metadata={"description": "The new resource, or the whole of the changed one."})
    resource_id = fields.String(data_key="resourceId", metadata={"description": "Type/id of what is deleted."})

    @validates_schema
    def need_resource(self, data: Mapping[str, Any], **_: Any) -> None:
        missing = "resource_id" if data["type"] == "delete" else "resource"
        if missing not in data:
            raise ValidationError("Required with this type.", self.fields[missing].data_key or missing)


class CardSuggestionSchema(Strict):
    """Something to do; all actions apply together."""

    label = fields.String(required=True)
    uuid = fields.String()
    is_recommended = fields.Boolean(data_key="isRecommended")
    actions = fields.List(fields.Nested(ActionSchema))


class LinkSchema(Strict):
    """Where to read on, or an app to open."""

    label = fields.String(required=True)
    url = fields.Url(required=True, require_tld=False)
    type = fields.String(required=True, validate=validate.OneOf(["absolute", "smart"]))
    app_context = fields.String(data_key="appContext")
    autolaunchable = fields.Boolean()

    @validates_schema
    def keep_context_to_apps(self, data: Mapping[str, Any], **_: Any) -> None:
        if data["type"] == "absolute" and "app_context" in data:
            raise ValidationError("Goes with the type smart only.", "appContext")


class CardSchema(Strict):
    """One thing said."""

    uuid = fields.UUID()
    summary = fields.String(required=True, validate=validate.Length(max=LONGEST_SUMMARY))
    indicator = fields.String(required=True, validate=validate.OneOf(["info", "warning", "critical"]))
    source = fields.Nested(SourceSchema, required=True)
    detail = fields.String(metadata={"description": "GitHub Flavored Markdown."})
    suggestions = fields.List(fields.Nested(CardSuggestionSchema))
    selection_behavior = fields.String(data_key="selectionBehavior", validate=validate.OneOf(["any", "at-most-one"]))
    override_reasons = fields.List(fields.Nested(ReasonToChooseSchema), data_key="overrideReasons")
    links = fields.List(fields.Nested(LinkSchema))

    @validates_schema
    def need_behavior(self, data: Mapping[str, Any], **_: Any) -> None:
        suggestions, behavior = data.get("suggestions", ()), data.get("selection_behavior")
        if suggestions and behavior is None:
            raise ValidationError("Required beside suggestions.", "selectionBehavior")
        if sum(one.get("is_recommended", False) for one in suggestions) > 1 and behavior != "any":
            raise ValidationError("Several may be recommended with any only.", "selectionBehavior")


class AnswerSchema(Strict):
    """Cards; none when there is nothing to say."""

    cards = fields.List(fields.Nested(CardSchema), required=True)
    system_actions = fields.List(fields.Nested(ActionSchema), data_key="systemActions")

    def is_empty(self, name: str, value: object) -> bool:
        return super().is_empty(name, value) and not (name == "cards" and value == [])


class ServiceSchema(Strict):
    """One service on offer."""

    hook = fields.String(required=True)
    id = fields.String(required=True)
    title = fields.String()
    description = fields.String(required=True)
    usage_requirements = fields.String(data_key="usageRequirements")
    version = fields.String(metadata={"description": "Version of CDS Hooks spoken."})
    hook_version = fields.String(
        data_key="hookVersion", metadata={"description": "Version of the hook, as its page says."}
    )
    prefetch = fields.Dict(fields.String(), fields.String(), metadata={"description": "Key to query template."})


class DiscoverySchema(Strict):
    """Every service on offer."""

    services = fields.List(fields.Nested(ServiceSchema), required=True)


class DetailsSchema(Schema):
    """Words for people."""

    text = fields.String(required=True)


class IssueSchema(Schema):
    """What was wrong, and where."""

    severity = fields.String(required=True)
    code = fields.String(required=True, metadata={"description": "Of the value set issue-type."})
    details = fields.Nested(DetailsSchema, required=True)
    diagnostics = fields.String(
        required=True, metadata={"description": "The same words, and the id of the request in our log."}
    )
    expression = fields.List(
        fields.String(),
        required=True,
        metadata={
            "description": "Places in the body sent, or http. and a part of the request; never what stood there."
        },
    )
    location = fields.List(fields.String(), metadata={"description": "The parts of the request once more."})


class OperationOutcomeSchema(Schema):
    """Every error: a FHIR resource that parses everywhere and holds no patient data."""

    kind = fields.String(data_key="resourceType", required=True, validate=validate.Equal("OperationOutcome"))
    issue = fields.List(fields.Nested(IssueSchema), required=True, validate=validate.Length(min=1))


def check_answer(answer: Mapping[str, Any]) -> None:
    """Hold an answer against its schema. Raises BadAnswer."""
    if wrong := AnswerSchema().validate(answer):
        raise BadAnswer(list(places(wrong)))
