"""The floor under any service here: the same frame and JSON reader, no judgement. It answers what it was sent."""

from __future__ import annotations

import orjson
from flask import Flask, Response, request


def create_app() -> Flask:
    """One route, the service's own, that reads the body and writes it back."""
    app = Flask("echo", static_folder=None)

    @app.post("/fhir/$assess-medication-safety")
    def echo() -> Response:
        return Response(orjson.dumps(orjson.loads(request.get_data(cache=False))), mimetype="application/fhir+json")

    return app
