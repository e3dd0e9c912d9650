"""Settings, read once from the environment by the entry points and handed on as an argument."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from .errors import BaclofenSafetyError

PREFIX = "BACLOFEN_SAFETY_"
MAX_BYTES = 5 * 1024 * 1024
MAX_ENTRIES = 20_000
CDS_BUDGET_MS = 400
EHR_BUDGET_MS = 10_000
KEEP_ANSWERS_DAYS = 7
KEEP_JOBS_HOURS = 24
LONGEST_DAYS = 366
"""The longest that answers may be kept."""
_URL = re.compile(r"[a-z][a-z0-9+]*://")


class BadSetting(BaclofenSafetyError):
    """A setting that cannot be used; ``name`` is its environment variable."""

    def __init__(self, name: str, expected: str) -> None:
        super().__init__(f"{name}: {expected} expected")
        self.name = name


@dataclass(frozen=True, slots=True)
class Settings:
    """How one service runs.

    ``language`` is that of patients whose record names none; ``public_url`` is the address people
    reach this service at; ``policy`` is a site's TOML laid over the knowledge;
    ``terminology`` is a folder of site tables laid over the shipped ones; ``profiles`` replaces the shipped FHIR
    folder; ``strict`` holds what is read and written against the FHIR models on every request;
    ``cds_auth`` ``off`` lets callers on this machine use the CDS Hooks door without a token; ``cds_clients`` is the
    file of those who may call it; ``cds_budget_ms`` is the time for reading what a call lacks from its FHIR server;
    ``cds_at_once`` is how many of its calls a worker has in progress, 0 = as many as it has threads;
    ``store`` is the URL of the database (it may hold a password); ``metrics`` says whether ``/metrics`` is there,
    "auto" where the extra is installed.
    ``store`` is the URL of the database (it may hold a password); ``ehr`` is the base address of the one FHIR server
    that whole records are read from, and private networks it may stand in; ``ehr_budget_ms`` is the time for one;
    ``keep_answers_days`` is how long answers to messages and to requests with an ``Idempotency-Key`` are kept,
    ``keep_jobs_hours`` how long those of ``respond-async`` are: they are patient data at rest.
    """

    max_bytes: int = MAX_BYTES
    max_entries: int = MAX_ENTRIES
    zone: tzinfo = UTC
    emergency_number: str = ""
    language: str = ""
    public_url: str = ""
    policy: Path | None = None
    terminology: Path | None = None
    profiles: Path | None = None
    strict: bool = False
    cds_auth: Literal["jwt", "off"] = "jwt"
    cds_clients: Path | None = None
    cds_budget_ms: int = CDS_BUDGET_MS
    cds_at_once: int = 0
    store: str = field(default="", repr=False)
    metrics: Literal["auto", "on", "off"] = "auto"
    ehr: tuple[str, ...] = ()
    ehr_budget_ms: int = EHR_BUDGET_MS
    keep_answers_days: int = KEEP_ANSWERS_DAYS
    keep_jobs_hours: int = KEEP_JOBS_HOURS


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Settings from ``BACLOFEN_SAFETY_*``. Raises BadSetting."""

    def text(name: str) -> str:
        return environment.get(PREFIX + name, "").strip()

    def number(name: str, default: int, most: int | None = None) -> int:
        value = text(name) or str(default)
        if not value.isdecimal() or int(value) < 1:
            raise BadSetting(PREFIX + name, "a whole number of at least 1")
        if most is not None and int(value) > most:
            raise BadSetting(PREFIX + name, f"a whole number of at most {most}")
        return int(value)

    def folder(name: str) -> Path | None:
        if not text(name):
            return None
        path = Path(text(name))
        if not path.is_dir():
            raise BadSetting(PREFIX + name, "an existing folder")
        return path

    def file(name: str) -> Path | None:
        if not text(name):
            return None
        path = Path(text(name))
        if not path.is_file():
            raise BadSetting(PREFIX + name, "an existing file")
        return path

    if text("STRICT").lower() not in ("", "0", "1", "true", "false"):
        raise BadSetting(PREFIX + "STRICT", "true or false")
    if text("CDS_AUTH") not in ("", "jwt", "off"):
        raise BadSetting(PREFIX + "CDS_AUTH", "jwt or off")
    if text("STORE") and not _URL.match(text("STORE")):
        raise BadSetting(PREFIX + "STORE", "a database URL such as sqlite:////var/lib/baclofen-safety/store.db")
    metrics: Mapping[str, Literal["auto", "on", "off"]] = {"": "auto", "on": "on", "off": "off"}
    if text("METRICS") not in metrics:
        raise BadSetting(PREFIX + "METRICS", "on or off")
    return Settings(
        max_bytes=number("MAX_BYTES", MAX_BYTES),
        max_entries=number("MAX_ENTRIES", MAX_ENTRIES),
        zone=_zone(text("TIME_ZONE")),
        emergency_number=text("EMERGENCY_NUMBER"),
        language=text("LANGUAGE"),
        public_url=_address(text("PUBLIC_URL")),
        policy=file("POLICY"),
        terminology=folder("TERMINOLOGY"),
        profiles=folder("PROFILES"),
        strict=text("STRICT").lower() in ("1", "true"),
        cds_auth="off" if text("CDS_AUTH") == "off" else "jwt",
        cds_clients=file("CDS_CLIENTS"),
        cds_budget_ms=number("CDS_BUDGET_MS", CDS_BUDGET_MS),
        cds_at_once=number("CDS_AT_ONCE", 1) if text("CDS_AT_ONCE") else 0,
        store=text("STORE"),
        metrics=metrics[text("METRICS")],
        ehr=tuple(text("EHR").split()),
        ehr_budget_ms=number("EHR_BUDGET_MS", EHR_BUDGET_MS),
        keep_answers_days=number("KEEP_ANSWERS_DAYS", KEEP_ANSWERS_DAYS, most=LONGEST_DAYS),
        keep_jobs_hours=number("KEEP_JOBS_HOURS", KEEP_JOBS_HOURS, most=LONGEST_DAYS * 24),
    )


def _zone(name: str) -> tzinfo:
    if not name:
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise BadSetting(PREFIX + "TIME_ZONE", "a time zone such as Europe/Berlin") from None


def _address(url: str) -> str:
    if url and not url.startswith(("https://", "http://")):
        raise BadSetting(PREFIX + "PUBLIC_URL", "an address such as https://safety.example.org")
    return url.rstrip("/")
