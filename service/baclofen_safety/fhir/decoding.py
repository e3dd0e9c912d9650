"""From the bytes of a request to JSON we are willing to read.

orjson keeps the last of two equal keys in silence, so strings are counted before and after: a key that was dropped took
its two quotes with it, and nothing else can. Unequal counts send the text through the slow reader that names the place.
"""

from __future__ import annotations

import json
import re
from typing import Any

import orjson

from ..errors import BODY, BadSyntax, TooLarge
from .resource_types import KNOWN_TYPES

_ELEMENT = re.compile(r"_?[a-z][A-Za-z0-9]{0,40}", re.ASCII)


def decode(body: bytes, *, max_bytes: int) -> Any:
    """The JSON value of a UTF-8 body.

    Raises BadSyntax (not UTF-8, broken, NaN, duplicate keys) and TooLarge (bytes, nesting); the texts name line and
    column or key, never a value.
    """
    if len(body) > max_bytes:
        raise TooLarge(f"The body is longer than {max_bytes} bytes, the most that are read.")
    if not body.strip():
        raise BadSyntax("The body is empty; a JSON object was expected.")
    if body.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        raise BadSyntax("The body starts with a byte order mark; UTF-8 without one was expected.")
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise _explain(body, error) from None
    try:
        again = orjson.dumps(value)
    except (TypeError, orjson.JSONEncodeError):
        raise TooLarge("The JSON is nested too deeply to be read.") from None
    if _quotes(body) != _quotes(again):
        _check_keys(body)
    return value


def _quotes(text: bytes) -> int:
    """How many quotes open or close a string of a JSON text: all but those a backslash escapes."""
    if b"\\" not in text:
        return text.count(b'"')
    single = text.replace(b"\\\\", b"")
    return single.count(b'"') - single.count(b'\\"')


def _explain(body: bytes, error: orjson.JSONDecodeError) -> BadSyntax | TooLarge:
    try:
        body.decode("utf-8", "strict")
    except UnicodeDecodeError as wrong:
        return BadSyntax(f"The body is not UTF-8: byte {wrong.start} cannot be read.")
    if "depth limit" in str(error):
        return TooLarge("The JSON is nested too deeply to be read.")
    return BadSyntax(f"The body is not JSON: line {error.lineno}, column {error.colno}.")


def _check_keys(body: bytes) -> None:
    """Read again with the standard library, which shows every pair."""
    try:
        json.loads(body, object_pairs_hook=_refuse_twins, parse_float=str, parse_int=str)
    except RecursionError:
        raise TooLarge("The JSON is nested too deeply to be read.") from None
    except ValueError:
        raise BadSyntax("The body is not JSON.") from None


def _refuse_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _ in pairs]
        twin = next(name for name in names if names.count(name) > 1)
        kind = made.get("resourceType")
        where = f" in a {kind}" if isinstance(kind, str) and kind in KNOWN_TYPES else ""
        if not _ELEMENT.fullmatch(twin):
            raise BadSyntax(f"A key that is no element of FHIR stands twice in one object{where}.")
        place = f"{kind}.{twin}".removesuffix(".resourceType") if where else BODY
        raise BadSyntax(f"The key {twin!r} stands twice in one object{where}.", [place])
    return made
