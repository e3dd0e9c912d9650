"""Settings from the environment: defaults, and a clear no."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from baclofen_safety.config import BadSetting, Settings, read_settings


def test_nothing_set_gives_the_defaults() -> None:
    assert read_settings({}) == Settings()


def test_everything_set(tmp_path: Path) -> None:
    settings = read_settings(
        {
            "BACLOFEN_SAFETY_MAX_BYTES": "1000",
            "BACLOFEN_SAFETY_MAX_ENTRIES": "10",
            "BACLOFEN_SAFETY_TIME_ZONE": "Europe/Berlin",
            "BACLOFEN_SAFETY_EMERGENCY_NUMBER": "112",
            "BACLOFEN_SAFETY_TERMINOLOGY": str(tmp_path),
            "BACLOFEN_SAFETY_PROFILES": str(tmp_path),
            "BACLOFEN_SAFETY_STRICT": "true",
        }
    )
    assert settings == Settings(1000, 10, ZoneInfo("Europe/Berlin"), "112", tmp_path, tmp_path, True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MAX_BYTES", "many"),
        ("MAX_BYTES", "0"),
        ("MAX_ENTRIES", "-1"),
        ("TIME_ZONE", "Mars/Olympus"),
        ("TERMINOLOGY", "/no/such/folder"),
        ("STRICT", "perhaps"),
    ],
)
def test_refuses(name: str, value: str) -> None:
    with pytest.raises(BadSetting) as caught:
        read_settings({f"BACLOFEN_SAFETY_{name}": value})
    assert caught.value.name == f"BACLOFEN_SAFETY_{name}"
