"""The description of the service: OpenAPI 3.1 for programs, made from the schemas of CDS Hooks and the rows of
``openapi_fhir.py``, and a page for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from flask import Blueprint, Flask, Response
from flask_smorest import Api

from .. import __version__
from ..cdshooks.notices import EXTENSION, TOPIC_SYSTEM
from ..cdshooks.repeats import CONFIGURATION
from ..cdshooks.schemas_answer import OperationOutcomeSchema
from ..cdshooks.schemas_call import EPIC_TRIGGER
from ..cdshooks.services import VERSION as SPOKEN
from ..cdshooks.services import Service
from ..cdshooks.wording import OVERRIDE_SYSTEM
from ..fhir.outcome import ISSUE_SYSTEM
from .errors import FHIR_JSON, http_error
from .pages import page

TITLE = "baclofen-safety"
ABOUT = (
    "CDS Hooks 2.0; callers of the 3.0 ballot are understood. Fields of its calls that are not named here are accepted"
    " wherever they stand, null counts as not sent. FHIR R4, R4B and R5: /fhir/metadata says more. Every error is an"
    " OperationOutcome."
)
VERSION = "3.1.0"
TOKEN = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "The token CDS Hooks describes."}


def publish(app: Flask, public_url: str = "") -> Any:
    """The API that blueprints of flask-smorest are registered with. Errors stay as ``web/errors.py`` makes them."""
    api = Api()
    api.ERROR_SCHEMA = OperationOutcomeSchema
    api.DEFAULT_RESPONSE_CONTENT_TYPE = FHIR_JSON
    api.handle_http_exception = http_error
    described = {
        "title": TITLE,
        "version": __version__,
        "openapi_version": VERSION,
        "info": {"description": ABOUT, "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
        "security": [{"client": []}],
        "servers": [{"url": public_url or "/"}],
    }
    api.init_app(app, spec_kwargs=described)
    api.spec.components.security_scheme("client", TOKEN)
    return api


def docs_door(api: Any, services: Mapping[str, Service], more: Mapping[str, Any] | None = None) -> Blueprint:
    """``/openapi.json`` and ``/docs``, of what is registered with the API by now; ``more``: other paths and schemas."""
    door = Blueprint("docs", __name__, template_folder="templates")
    spec: dict[str, Any] = api.spec.to_dict()
    spec["components"]["schemas"].pop("PaginationMetadata", None)  # flask-smorest brings it, nothing leads to it
    for path, methods in (more or {}).get("paths", {}).items():
        spec["paths"].setdefault(path, {}).update(methods)
    spec["components"]["schemas"] |= (more or {}).get("schemas", {})
    text = orjson.dumps(spec, option=orjson.OPT_NON_STR_KEYS)
    read: dict[str, Any] = orjson.loads(text)

    @door.get("/openapi.json")
    def openapi() -> Response:
        return Response(text, content_type="application/json")

    @door.get("/docs")
    def docs() -> Response:
        return page(
            "docs.html",
            info=read["info"],
            operations=list(operations(read)),
            shapes=list(shapes(read)),
            services=list(services.values()),
            version=SPOKEN,
            systems={"issue": ISSUE_SYSTEM, "card": TOPIC_SYSTEM, "override": OVERRIDE_SYSTEM},
            extensions=(EPIC_TRIGGER, CONFIGURATION),
            ours=EXTENSION,
        )

    return door


def operations(spec: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Every operation as the page shows it."""
    for path, methods in spec["paths"].items():
        for method, one in methods.items():
            body = one.get("requestBody")
            yield {
                "method": method.upper(),
                "path": path,
                "summary": one["summary"],
                "description": one.get("description", ""),
                "body": _kind(body) if body else None,
                "answers": [_answer(spec, *row) for row in sorted(one["responses"].items())],
            }


def shapes(spec: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Every schema as the page shows it, with a row for each field."""
    for name, one in sorted(spec["components"]["schemas"].items()):
        needed = one.get("required", ())
        fields = one.get("properties", {}).items()
        rows = [
            {"name": key, "kind": kind(held), "needed": key in needed, "says": held.get("description", "")}
            for key, held in fields
        ]
        yield {"name": name, "rows": rows}


def kind(schema: Mapping[str, Any]) -> dict[str, str]:
    """What a schema holds, in a word or two, and the name of the shape it leads to."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return {"words": name, "shape": name}
    if "anyOf" in schema:
        return {**kind(schema["anyOf"][0]), "words": " or ".join(kind(one)["words"] for one in schema["anyOf"])}
    if "const" in schema:
        return {"words": str(schema["const"]), "shape": ""}
    if schema.get("type") == "array":
        inner = kind(schema.get("items", {}))
        return {**inner, "words": f"list of {inner['words']}"}
    if "enum" in schema:
        return {"words": " | ".join(map(str, schema["enum"])), "shape": ""}
    return {"words": str(schema.get("format") or schema.get("type") or "anything"), "shape": ""}


def _answer(spec: Mapping[str, Any], status: str, response: Mapping[str, Any]) -> dict[str, Any]:
    if "$ref" in response:
        response = spec["components"]["responses"][response["$ref"].rpartition("/")[2]]
    return {"status": status, "says": response["description"], "kind": _kind(response)}


def _kind(holder: Mapping[str, Any]) -> dict[str, str]:
    """What a body holds: the first of its media types; nothing, where there is none."""
    schemas = [content["schema"] for content in holder.get("content", {}).values()]
    return kind(schemas[0]) if schemas else {"words": "nothing", "shape": ""}
