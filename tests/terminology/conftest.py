"""One terminology for all tests of this folder: it is immutable."""

from __future__ import annotations

import pytest

from baclofen_safety.terminology.lookup import Terminology


@pytest.fixture(scope="session")
def terms() -> Terminology:
    """The shipped tables, nothing laid over."""
    return Terminology.load()
