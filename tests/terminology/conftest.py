"""One terminology for all tests of this folder: it is immutable."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from baclofen_safety.terminology.lookup import Terminology


@pytest.fixture(scope="session")
def terms() -> Terminology:
    """The shipped tables, nothing laid over."""
    return Terminology.load()


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Collect the wider run only when its source folder is named; without it there is nothing to skip."""
    if file_path.name == "source_folder.py" and "BACLOFEN_SAFETY_TERMINOLOGY_SOURCE" in os.environ:
        return pytest.Module.from_parent(parent, path=file_path)
    return None
