"""Ready means that the store answers too; a broken one is told without a word of what it holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from baclofen_safety.app import create_app
from baclofen_safety.assessor import Assessor
from baclofen_safety.config import Settings
from baclofen_safety.fhir.resources import check_output

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def spoil(file: Path) -> None:
    for one in file.parent.glob("kept-of-mrs-secret.db*"):
        one.write_bytes(b"no database " * 1000)


def remove(file: Path) -> None:
    for one in file.parent.glob("kept-of-mrs-secret.db*"):
        one.unlink()


@pytest.mark.parametrize(("harm", "why"), [(spoil, "the database failed"), (remove, "is gone")])
def test_a_broken_store_is_not_ready(
    assessor: Assessor, tmp_path: Path, harm: Callable[[Path], None], why: str
) -> None:
    file = tmp_path / "kept-of-mrs-secret.db"
    settings = Settings(store=f"sqlite:///{file}", cds_auth="off")
    client = create_app(replace(assessor, settings=settings), lambda: NOW).test_client()
    assert client.get("/health/ready").json["status"] == "ready"
    harm(file)
    with capture_logs() as logs:
        answer = client.get("/health/ready")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert check_output(answer.json) == ()
    (issue,) = answer.json["issue"]
    assert issue["code"] == "transient"
    assert why in issue["details"]["text"]
    assert "secret" not in answer.text
    assert [(line["event"], line["door"]) for line in logs] == [("unavailable", "ops.ready")]
    assert client.get("/health/live").status_code == 200
    assert client.get("/version").status_code == 200


def test_a_store_in_memory_is_ready(assessor: Assessor) -> None:
    assert create_app(assessor, lambda: NOW).test_client().get("/health/ready").status_code == 200
