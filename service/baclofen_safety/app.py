"""The only place where the parts are joined."""

from __future__ import annotations

import gc
import os
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import structlog
from flask import Flask

from .assessor import UNUSABLE, Assessor, load_assessor
from .cdshooks.checking import Checker
from .cdshooks.client_profiles import load_abilities
from .cdshooks.clients import Clients, load_clients
from .cdshooks.feedback import feedback_taker
from .cdshooks.key_fetch import KeyFetch
from .cdshooks.key_source import KeySource
from .cdshooks.moments import moments
from .cdshooks.notices import OTHER_TOPICS
from .cdshooks.repeats import Repeats
from .cdshooks.services import load_services
from .cdshooks.wording import load_sentences
from .clock import utc_now
from .config import PREFIX, BadSetting, read_settings
from .fhir.client import EhrClient
from .store import Store
from .store.sql import SqlStore
from .web.auth import gatekeeper
from .web.cds import Behind, cds_door
from .web.cors import allow_origins
from .web.counting import count
from .web.errors import answer_errors
from .web.feedback import feedback_door
from .web.fhir import fhir_door
from .web.jobs import Jobs
from .web.openapi import docs_door, publish
from .web.openapi_fhir import description
from .web.ops import ops_door
from .web.paths import Application
from .web.rules import rules_door

COUNTED_IN = "PROMETHEUS_MULTIPROC_DIR"
"""Names the folder in which the workers of one service count; ``serving.py`` sets it."""
_GARBAGE = 10_000
"""Objects more than before at which the collector looks for garbage: the default is met several times in one record."""


def create_app(assessor: Assessor | None = None, clock: Callable[[], datetime] = utc_now) -> Flask:
    """The web application. Without an assessor, settings are read from the environment and knowledge is loaded.

    Raises BadSetting, ClientsError, KnowledgeError, ProfilesError, ServicesError, StoreError, TableError or
    TerminologyError: a service that could judge wrongly does not start.
    """
    load_abilities()
    load_sentences()
    moments()
    if assessor is None:
        structlog.configure(processors=[structlog.processors.add_log_level, structlog.processors.JSONRenderer()])
        assessor = load_assessor(read_settings(os.environ))
        gc.collect()
        gc.freeze()
        gc.set_threshold(_GARBAGE)
    settings = assessor.settings
    clients = load_clients(settings.cds_clients)
    store = SqlStore(settings.store, clock)
    store.ready()
    app = Application("baclofen_safety", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_bytes + 1
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False  # no redirects: their body is HTML
    app.extensions["assessor"] = assessor
    answer_errors(app)
    allow_origins(app, clients.origins)
    app.register_blueprint(ops_door(assessor, store))
    app.register_blueprint(rules_door(assessor))
    jobs = app.extensions["jobs"] = Jobs(app, store, clock, timedelta(hours=settings.keep_jobs_hours))
    app.register_blueprint(fhir_door(assessor, clock, store, jobs))
    services, behind = load_services(), _behind(assessor, clients, store, clock)
    app.register_blueprint(feedback_door(store, assessor.book, behind.authorise))
    api = publish(app, settings.public_url)
    api.register_blueprint(cds_door(services, behind, settings))
    if settings.metrics != "off":
        _measure(app, api, needed=settings.metrics == "on")
    more = description({kind for kind, _ in assessor.artifacts})
    app.register_blueprint(docs_door(api, services, more))
    return app


def started() -> Flask:
    """The application for gunicorn; what keeps it from starting is said in one line, without a trace of the code."""
    try:
        return create_app()
    except UNUSABLE as error:
        raise SystemExit(f"baclofen-safety: {error}") from None


def _measure(app: Flask, api: Any, *, needed: bool) -> None:
    """Add ``/metrics``. Without its package it is left out, or raises BadSetting when it is ``needed``."""
    if find_spec("prometheus_client") is None:
        if needed:
            raise BadSetting(f"{PREFIX}METRICS", 'with "on", the extra baclofen-safety[metrics]')
        return
    from .web.metrics import Meter, metrics_door  # noqa: PLC0415 - the package is optional

    folder = os.environ.get(COUNTED_IN)
    try:
        meter = Meter(Path(folder) if folder else None)
    except OSError:
        raise BadSetting(COUNTED_IN, "a folder the service may write to") from None
    api.register_blueprint(metrics_door(app, meter))


def _behind(assessor: Assessor, clients: Clients, store: Store, clock: Callable[[], datetime]) -> Behind:
    """What stands behind the CDS Hooks door."""
    settings = assessor.settings
    budget = settings.cds_budget_ms / 1000
    ehrs = {
        client.name: EhrClient((*client.servers, *client.networks), budget=budget, insecure=client.insecure)
        for client in (clients.local, *clients.listed)
        if client.servers
    }
    return Behind(
        check=Checker(assessor, ehrs, budget, clock, count, Repeats(store, secrets.token_bytes(), clock)).check,
        authorise=gatekeeper(settings, clients, store, KeySource(KeyFetch(clients)), clock),
        take_feedback=feedback_taker(store, (*assessor.book.sheets, *OTHER_TOPICS)),
        clock=clock,
    )
