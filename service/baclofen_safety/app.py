"""The only place where the parts are joined."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from datetime import datetime

import structlog
from flask import Flask

from .assessor import Assessor, load_assessor
from .clock import utc_now
from .config import read_settings
from .web.errors import answer_errors
from .web.fhir import fhir_door
from .web.ops import ops_door
from .web.rules import rules_door


def create_app(assessor: Assessor | None = None, clock: Callable[[], datetime] = utc_now) -> Flask:
    """The web application. Without an assessor, settings are read from the environment and knowledge is loaded.

    Raises BadSetting, KnowledgeError, ProfilesError or TerminologyError: a service that could judge wrongly does
    not start.
    """
    if assessor is None:
        structlog.configure(processors=[structlog.processors.add_log_level, structlog.processors.JSONRenderer()])
        assessor = load_assessor(read_settings(os.environ))
        gc.collect()
        gc.freeze()
    app = Flask("baclofen_safety", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = assessor.settings.max_bytes + 1
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False  # no redirects: their body is HTML
    app.extensions["assessor"] = assessor
    answer_errors(app)
    app.register_blueprint(ops_door(assessor))
    app.register_blueprint(rules_door(assessor))
    app.register_blueprint(fhir_door(assessor, clock))
    return app
