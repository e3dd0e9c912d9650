"""Settings from the environment: defaults, and a clear no."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from baclofen_safety.config import BadSetting, Settings, read_settings


def test_nothing_set_gives_the_defaults() -> None:
    assert read_settings({}) == Settings()


def test_everything_set(tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.touch()
    settings = read_settings(
        {
            "BACLOFEN_SAFETY_MAX_BYTES": "1000",
            "BACLOFEN_SAFETY_MAX_ENTRIES": "10",
            "BACLOFEN_SAFETY_TIME_ZONE": "Europe/Berlin",
            "BACLOFEN_SAFETY_EMERGENCY_NUMBER": "112",
            "BACLOFEN_SAFETY_LANGUAGE": "es",
            "BACLOFEN_SAFETY_PUBLIC_URL": "https://safety.example.org/",
            "BACLOFEN_SAFETY_POLICY": str(policy),
            "BACLOFEN_SAFETY_TERMINOLOGY": str(tmp_path),
            "BACLOFEN_SAFETY_PROFILES": str(tmp_path),
            "BACLOFEN_SAFETY_STRICT": "true",
            "BACLOFEN_SAFETY_CDS_AUTH": "off",
            "BACLOFEN_SAFETY_CDS_CLIENTS": str(policy),
            "BACLOFEN_SAFETY_CDS_BUDGET_MS": "250",
            "BACLOFEN_SAFETY_CDS_AT_ONCE": "3",
            "BACLOFEN_SAFETY_STORE": "sqlite:////tmp/store.db",
            "BACLOFEN_SAFETY_METRICS": "off",
            "BACLOFEN_SAFETY_KEEP_ANSWERS_DAYS": "30",
            "BACLOFEN_SAFETY_KEEP_JOBS_HOURS": "2",
        }
    )
    assert settings == Settings(
        max_bytes=1000,
        max_entries=10,
        zone=ZoneInfo("Europe/Berlin"),
        emergency_number="112",
        language="es",
        public_url="https://safety.example.org",
        policy=policy,
        terminology=tmp_path,
        profiles=tmp_path,
        strict=True,
        cds_auth="off",
        cds_clients=policy,
        cds_budget_ms=250,
        cds_at_once=3,
        store="sqlite:////tmp/store.db",
        metrics="off",
        keep_answers_days=30,
        keep_jobs_hours=2,
    )
    assert "store.db" not in repr(settings)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KEEP_ANSWERS_DAYS", "0"),
        ("KEEP_ANSWERS_DAYS", "367"),
        ("KEEP_JOBS_HOURS", "8785"),
        ("MAX_BYTES", "many"),
        ("MAX_BYTES", "0"),
        ("MAX_ENTRIES", "-1"),
        ("TIME_ZONE", "Mars/Olympus"),
        ("PUBLIC_URL", "safety.example.org"),
        ("POLICY", "/no/such/file.toml"),
        ("TERMINOLOGY", "/no/such/folder"),
        ("STRICT", "perhaps"),
        ("CDS_AUTH", "none"),
        ("CDS_AUTH", "OFF"),
        ("CDS_CLIENTS", "/no/such/clients.toml"),
        ("CDS_BUDGET_MS", "0"),
        ("CDS_AT_ONCE", "0"),
        ("CDS_BUDGET_MS", "0.4"),
        ("STORE", "store.db"),
        ("METRICS", "yes"),
    ],
)
def test_refuses(name: str, value: str) -> None:
    with pytest.raises(BadSetting) as caught:
        read_settings({f"BACLOFEN_SAFETY_{name}": value})
    assert caught.value.name == f"BACLOFEN_SAFETY_{name}"
