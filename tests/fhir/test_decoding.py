"""Bytes to JSON: what is refused, and that the place is named."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baclofen_safety.errors import BadInput, BadSyntax, TooLarge
from baclofen_safety.fhir.decoding import decode

LIMIT = 1_000_000


@pytest.mark.parametrize(
    ("body", "error", "words"),
    [
        (b"", BadSyntax, "empty"),
        (b"   \n", BadSyntax, "empty"),
        (b"{", BadSyntax, "line 1, column"),
        (b'{"a": NaN}', BadSyntax, "line 1, column"),
        (b'{"a": 1,}', BadSyntax, "line 1, column"),
        (b'{"a": 1, "a": 2}', BadSyntax, "'a' stands twice"),
        (b'{"resourceType": "Patient", "x": {"b" : 1, "b": 1}}', BadSyntax, "'b' stands twice"),
        (b'[{"status": "a\\u0022:", "status": 2}]', BadSyntax, "'status' stands twice"),
        (b'{"\\u0061": 1, "a": 2}', BadSyntax, "'a' stands twice"),
        (b'{"a\\"": 1, "a\\"": 2}', BadSyntax, "stands twice"),
        (b'{"a\\\\": 1, "a\\\\": 2}', BadSyntax, "stands twice"),
        (b'{"a": "\\\\\\"", "b": 1, "b": "\\\\"}', BadSyntax, "'b' stands twice"),
        (b'{"b": "\\u005c\\u0022", "b": 1}', BadSyntax, "'b' stands twice"),
        ("{}".encode("utf-16"), BadSyntax, "byte order mark"),
        (b"\xef\xbb\xbf{}", BadSyntax, "byte order mark"),
        (b'{"a": "\xff"}', BadSyntax, "not UTF-8: byte 7"),
        (b"[" * 2000 + b"]" * 2000, TooLarge, "nested too deeply"),
        (b"[" * 300 + b"]" * 300, TooLarge, "nested too deeply"),
        (b" " * LIMIT + b"{}", TooLarge, "the most that are read"),
    ],
)
def test_refuses(body: bytes, error: type[BadInput], words: str) -> None:
    with pytest.raises(error) as caught:
        decode(body, max_bytes=LIMIT)
    assert words in caught.value.text


@pytest.mark.parametrize(
    "text",
    [
        '{"a": "b\\": c"}',
        '{"a" : 1}',
        '{"a": "\\u0022:"}',
        '{"a":{"a":1}}',
        '{"a\\\\": "\\\\\\"", "b\\\\\\"": "\\u005c\\u005C\\""}',
        '{"a": "\\/\\n\\u0001\\u007f"}',
    ],
)
def test_reads_what_only_looks_odd(text: str) -> None:
    assert decode(text.encode(), max_bytes=LIMIT) == json.loads(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(JSON, st.booleans(), st.booleans())
def test_reads_every_json_text_as_the_standard_library_does(value: object, ascii_only: bool, indent: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=2 if indent else None)
    try:
        body = text.encode()
    except UnicodeEncodeError:
        return
    if "\\ud" in text:  # a lone half of a surrogate pair is not UTF-8
        return
    assert decode(body, max_bytes=LIMIT) == json.loads(text)


@given(st.dictionaries(st.text(max_size=5), JSON, min_size=1, max_size=3), st.data())
def test_a_key_that_stands_twice_is_never_read_in_silence(value: dict[str, object], data: st.DataObject) -> None:
    twin = data.draw(st.sampled_from(sorted(value)))
    pairs = [*value.items(), (twin, None)]
    text = "{" + ",".join(f"{json.dumps(key)}:{json.dumps(one)}" for key, one in pairs) + "}"
    if "\\ud" in text:
        return
    with pytest.raises(BadSyntax, match="stands twice"):
        decode(text.encode(), max_bytes=LIMIT)
