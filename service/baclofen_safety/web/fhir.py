"""The FHIR door: the operation, the capability statement and the published artifacts. Here they are joined."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from flask import Blueprint

from ..assessor import Assessor
from ..store import Store
from .fhir_artifacts import offer_artifacts
from .fhir_batch import offer_batch
from .fhir_jobs import offer_jobs
from .fhir_messages import offer_messages
from .fhir_operation import offer_operation
from .jobs import Jobs
from .once import answering_once

Clock = Callable[[], datetime]


def fhir_door(assessor: Assessor, clock: Clock, store: Store, jobs: Jobs) -> Blueprint:
    """Routes under ``/fhir``. ``clock`` gives the aware time of a request that names none."""
    door = Blueprint("fhir", __name__, url_prefix="/fhir")
    kept_for = timedelta(days=assessor.settings.keep_answers_days)
    once = answering_once(store.answers, clock, kept_for)
    offer_operation(door, assessor, clock, jobs, once)
    offer_jobs(door, jobs, assessor.settings)
    offer_messages(door, assessor, clock, store.answers)
    offer_artifacts(door, assessor)
    offer_batch(door, assessor, once)
    return door
