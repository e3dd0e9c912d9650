"""The floor under any service here: the same frame, no judgement. It answers what it was sent."""

from __future__ import annotations

import json
from types import SimpleNamespace

import orjson
from flask import Flask, Response, request


def create_app() -> Flask:
    """The service's own routes: bodies are read and written back."""
    app = Flask("echo", static_folder=None)
    app.extensions["jobs"] = SimpleNamespace(wake=lambda: None)  # a worker of the service's settings wakes them

    @app.post("/fhir/$assess-medication-safety")
    def echo() -> Response:
        return Response(orjson.dumps(orjson.loads(request.get_data(cache=False))), mimetype="application/fhir+json")

    @app.post("/cds-services/<service>")
    def call(service: str) -> Response:
        return Response(json.dumps(json.loads(request.get_data(cache=False))), mimetype="application/json")

    return app
