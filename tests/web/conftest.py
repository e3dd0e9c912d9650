"""A service that keeps answers, and whoever calls it."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from baclofen_safety.assessor import Assessor
from web.kept_apps import Clock, app_at, kept_in


@pytest.fixture
def clock() -> Clock:
    """The time, moved by the test alone."""
    return Clock()


@pytest.fixture
def keeping(assessor: Assessor, tmp_path: Path) -> Assessor:
    """The assessor with a database of the test's own."""
    return kept_in(assessor, tmp_path)


@pytest.fixture
def caller(keeping: Assessor, clock: Clock) -> FlaskClient:
    """Who calls a service that keeps its answers there."""
    return app_at(keeping, clock).test_client()
