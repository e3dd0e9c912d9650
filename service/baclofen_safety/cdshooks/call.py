"""One call of a service, as the door hands it on: checked for shape, nothing of it judged yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .services import Service

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Authorization:
    """How the EHR lets us read: the token is never stored, logged or handed to another address."""

    token: str = field(repr=False)
    scopes: frozenset[str] = frozenset()
    patient: str | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A call. ``patient_id``, ``encounter_id`` are bare ids; ``user_id`` is ``Type/id`` or None.

    ``prefetch`` holds every key as it was sent (a resource, None, or anything else), also such as nobody asked for.
    ``moment`` is Epic's word for what happened (``admission``, ``discharge``, ``transfer``) when a patient-view
    stands for it.
    """

    service: Service
    instance: str
    patient_id: str
    context: Json
    user_id: str | None = None
    encounter_id: str | None = None
    prefetch: Json = field(default_factory=dict)
    server: str | None = None
    authorization: Authorization | None = None
    moment: str | None = None
    extension: Json = field(default_factory=dict)

    @property
    def happened(self) -> str:
        """What happened, as tables name it: Epic's word, else the hook."""
        return self.moment or self.service.hook
