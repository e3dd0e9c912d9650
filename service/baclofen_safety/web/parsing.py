"""webargs with our reader and our errors: no duplicate keys, no NaN, and nothing of the input in an answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from flask import Request
from marshmallow import Schema, ValidationError
from webargs.flaskparser import FlaskParser

from ..cdshooks.schemas import refusal
from ..fhir.decoding import decode
from .media import body_of, check_body


def read_json(request: Request, max_bytes: int) -> Any:
    """The JSON of a body. Raises UnsupportedMediaType, BadSyntax and TooLarge."""
    check_body(request)
    return decode(body_of(request), max_bytes=max_bytes)


class Parser(FlaskParser):
    """Reads the body of a call through its schema."""

    DEFAULT_VALIDATION_STATUS = 400

    def __init__(self, max_bytes: int) -> None:
        super().__init__()
        self.max_bytes = max_bytes

    def load_json(self, req: Request, schema: Schema) -> Any:
        return read_json(req, self.max_bytes)

    def handle_error(
        self,
        error: ValidationError,
        req: Request,
        schema: Schema,
        *,
        error_status_code: int | None,
        error_headers: Mapping[str, str] | None,
    ) -> NoReturn:
        raise refusal("call", error.messages_dict["json"]) from None
