"""Writing: ids."""

from __future__ import annotations

from uuid import NAMESPACE_URL, uuid5

from hypothesis import given
from hypothesis import strategies as st

from baclofen_safety.fhir.outcome import CANONICAL
from baclofen_safety.fhir.writing import name_uuid


@given(st.text())
def test_ids_are_those_of_the_standard_library(name: str) -> None:
    try:
        name.encode()
    except UnicodeEncodeError:
        return
    assert name_uuid(name) == str(uuid5(uuid5(NAMESPACE_URL, CANONICAL), name))
