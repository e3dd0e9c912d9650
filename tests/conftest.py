"""Shared parts: one assessor for the whole run, and the web application around it."""

from __future__ import annotations

from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings

import cases
from baclofen_safety.app import create_app
from baclofen_safety.assessor import Assessor, load_assessor
from baclofen_safety.config import Settings

settings.register_profile("house", derandomize=True, deadline=None, database=None)
settings.load_profile("house")


@pytest.fixture(scope="session")
def assessor() -> Assessor:
    return load_assessor(Settings(strict=True))


@pytest.fixture(scope="session")
def app(assessor: Assessor) -> Flask:
    return create_app(assessor, clock=lambda: datetime.fromisoformat(cases.AS_OF))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
