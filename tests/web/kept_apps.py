"""Applications that keep answers in one database, as several workers do or one service after a restart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

import cases
from baclofen_safety.app import create_app
from baclofen_safety.assessor import Assessor

PATIENCE = 60
"""Seconds after which a test gives up on a thread."""


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = datetime.fromisoformat(cases.AS_OF)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


class Stand:
    """Stands where the assessor stands; ``answer`` is what a test wants to happen before or instead of judging."""

    def __init__(self, assessor: Assessor, answer: Callable[..., Any]) -> None:
        self.settings = assessor.settings
        self.profiles = assessor.profiles
        self.book = assessor.book
        self.artifacts = assessor.artifacts
        self.answer = answer


def kept_in(assessor: Assessor, folder: Path, **settings: Any) -> Assessor:
    """The assessor with a database in a folder."""
    store = f"sqlite:///{folder / 'kept.db'}"
    return replace(assessor, settings=replace(assessor.settings, store=store, **settings))


def app_at(assessor: Any, clock: Clock) -> Flask:
    return create_app(assessor, clock=clock)


def polled(client: FlaskClient, address: str, clock: Clock) -> Any:
    """What a job comes to, for a caller who waits as told."""
    for _ in range(3_000):
        clock.move(seconds=2)
        answer = client.get(address)
        if answer.status_code != 202:
            return answer
    raise AssertionError("the job is never done")
