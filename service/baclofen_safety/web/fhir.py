"""The FHIR door: the operation, the capability statement and the published artifacts. Here they are joined."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint

from ..assessor import Assessor
from .fhir_artifacts import offer_artifacts
from .fhir_batch import offer_batch
from .fhir_operation import offer_operation

Clock = Callable[[], datetime]


def fhir_door(assessor: Assessor, clock: Clock) -> Blueprint:
    """Routes under ``/fhir``. ``clock`` gives the aware time of a request that names none."""
    door = Blueprint("fhir", __name__, url_prefix="/fhir")
    offer_operation(door, assessor, clock)
    offer_artifacts(door, assessor)
    offer_batch(door, assessor)
    return door
