"""The CDS Hooks door: what is on offer, calls, and what became of the cards.

Who calls is asked first, then the body is read. ``Accept`` is not looked at: some callers say FHIR, some nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

import orjson
import structlog
from flask import Request, Response, g, request
from flask_smorest import Blueprint
from werkzeug.exceptions import HTTPException

from ..cdshooks.call import Call
from ..cdshooks.clients import Client
from ..cdshooks.notices import failure_card
from ..cdshooks.schemas_answer import AnswerSchema, DiscoverySchema, check_answer
from ..cdshooks.schemas_call import call_of, call_schema
from ..cdshooks.schemas_feedback import FeedbackBatchSchema
from ..cdshooks.services import Service, discovery
from ..config import Settings
from ..errors import BaclofenSafetyError
from .auditing import write_down
from .crowding import keep_room
from .parsing import Parser, read_json
from .paths import CDS, is_cds

JSON = "application/json"
ERRORS = (400, 401, 413, 415, 503)
"""Statuses that any POST may meet."""
_log = structlog.get_logger("baclofen_safety")


@dataclass(frozen=True, slots=True)
class Behind:
    """What stands behind the door.

    ``check`` gives the answer to a call; ``authorise`` says who calls, or raises Unauthorized; ``take_feedback`` gets
    service, JSON document, name of the client and aware time, and gives the number of items that were new. Any of them
    may raise BadInput, which has its status, and Unavailable (503).
    """

    check: Callable[[Call, Client], Mapping[str, Any]]
    authorise: Callable[[Request], Client]
    take_feedback: Callable[[Service, object, str, datetime], int]
    clock: Callable[[], datetime]


def cds_door(services: Mapping[str, Service], behind: Behind, settings: Settings) -> Any:
    """Routes under ``/cds-services``, one for each service, so that each is described with its own context.

    To be registered with the API of ``openapi.publish``, on an ``Application``. With ``settings.strict`` every answer
    is held against its schema.
    """
    door = Blueprint("cds", __name__, url_prefix=CDS, description="CDS Hooks")
    door.ARGUMENTS_PARSER = Parser(settings.max_bytes)
    offer = orjson.dumps(discovery(services))

    enter = keep_room(door, settings.cds_at_once)

    def let_in() -> None:
        g.cds_started = time.perf_counter()
        enter()
        if request.method != "OPTIONS":
            g.cds_client = behind.authorise(request)

    def discover() -> Response:
        return Response(offer, content_type=JSON)

    def ask_all() -> None:
        """Also for what is not there: names of services are not to be tried out without a token."""
        if request.routing_exception is not None and is_cds(request.path) and request.method != "OPTIONS":
            behind.authorise(request)

    door.before_app_request(ask_all)
    door.before_request(let_in)
    door.after_request(write_down)
    described = door.response(200, DiscoverySchema, content_type=JSON)(discover)
    told = door.doc(summary="Every service on offer, with what it wants to be sent.", operationId="discover")
    door.add_url_rule("", "discover", told(_with_errors(door, described, 401)), methods=["GET"])
    for service in services.values():
        _add_call(door, service, behind, settings)
        _add_feedback(door, service, behind, settings)
    return door


def _add_call(door: Any, service: Service, behind: Behind, settings: Settings) -> None:
    def call(told: Mapping[str, Any]) -> Response:
        client: Client = g.cds_client
        g.cds_call = call_of(service, told)
        answer = _checked(g.cds_call, client, behind, settings)
        if settings.strict:
            check_answer(answer)
        g.cds_cards = answer["cards"]
        return Response(orjson.dumps(answer), content_type=JSON)

    view = door.response(200, AnswerSchema, content_type=JSON, description="Cards, or none.")(call)
    view = door.arguments(call_schema(service.hook))(view)
    view = _with_errors(door, view, *ERRORS, 412)
    words = f"{service.description} {service.usage}"
    view = door.doc(summary=service.title, description=words, operationId=service.id)(view)
    door.add_url_rule(f"/{service.id}", service.id, view, methods=["POST"])


def _checked(call: Call, client: Client, behind: Behind, settings: Settings) -> Mapping[str, Any]:
    """The answer; when the check breaks, a card that says so: people read no cards as "nothing found"."""
    try:
        return behind.check(call, client)
    except (BaclofenSafetyError, HTTPException):
        raise
    except Exception as error:
        request_id = g.get("request_id", "")
        _log.error("unexpected", request_id=request_id, kind=type(error).__name__, door=call.service.id)
        return {"cards": [failure_card(request_id, call.instance, settings.public_url, client.profile)]}


def _add_feedback(door: Any, service: Service, behind: Behind, settings: Settings) -> None:
    def feedback() -> Response:
        document = read_json(request, settings.max_bytes)
        new = behind.take_feedback(service, document, g.cds_client.name, behind.clock())
        return Response(orjson.dumps({"new": new}), content_type=JSON)

    name = f"{service.id}-feedback"
    taken = {"type": "object", "properties": {"new": {"type": "integer"}}, "required": ["new"]}
    view = door.response(200, taken, content_type=JSON, description="Taken; how many items were new.")(feedback)
    view = _with_errors(door, view, *ERRORS)
    body = {"required": True, "content": {JSON: {"schema": FeedbackBatchSchema}}}
    title = f"{service.title}: what became of its cards"
    view = door.doc(summary=title, operationId=name, requestBody=body)(view)
    door.add_url_rule(f"/{service.id}/feedback", name, view, methods=["POST"])


def _with_errors(door: Any, view: Any, *statuses: int) -> Any:
    """The view, described with these errors; flask-smorest knows them by name."""
    for status in statuses:
        view = door.alt_response(status, HTTPStatus(status).name)(view)
    return view
