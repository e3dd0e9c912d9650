"""Numbers for people."""

from decimal import Decimal

import pytest

from baclofen_safety.fhir.numbers import brief


@pytest.mark.parametrize(
    ("sent", "said"), [("1.4", "1.4"), ("124", "124"), ("5.6893392341196884", "5.6893"), ("1E+2", "1E+2")]
)
def test_brief(sent: str, said: str) -> None:
    assert brief(Decimal(sent)) == said
