"""Numbers as JSON sends them: decimals without surprises."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation


def read_number(value: object) -> Decimal | None:
    """A finite decimal from a JSON number (a float by its shortest text) or a numeric string; else None."""
    if type(value) is bool:
        return None
    if type(value) in (int, float):
        text = repr(value)
    elif type(value) is str:
        text = value.strip()
    elif type(value) is Decimal:
        return value if value.is_finite() else None
    else:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < Decimal("1e12") else None


def brief(value: Decimal) -> str:
    """A number as people read it: as sent, but for digits beyond the fourth decimal."""
    exponent = value.as_tuple().exponent
    return str(value if not isinstance(exponent, int) or exponent >= -4 else round(value, 4))
