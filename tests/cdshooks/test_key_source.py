"""Keys from a listed address: kept ten minutes, asked for once more when a name is unknown, never asked in a row."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from threading import Event, Thread

import pytest

from baclofen_safety.cdshooks.clients import Client
from baclofen_safety.cdshooks.jwks import BadKey, key_of, usable_keys
from baclofen_safety.cdshooks.key_source import KeySource
from cdshooks.signing import Shelf, ec_key, public, rsa_key

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
JKU = "https://ehr.hospital.example/jwks.json"
SPARE = "https://spare.hospital.example/jwks.json"
FIRST, SECOND = public(ec_key("first")), public(rsa_key("sec+ond="))
CLIENT = Client("epic", issuer="i", jku=(JKU, SPARE))


def after(**time: float) -> datetime:
    return NOW + timedelta(**time)


@pytest.fixture
def shelf() -> Shelf:
    shelf = Shelf()
    shelf.sets[JKU] = {"keys": [FIRST]}
    return shelf


@pytest.fixture
def source(shelf: Shelf) -> KeySource:
    return KeySource(shelf)


def test_keys_are_fetched_once_in_ten_minutes(source: KeySource, shelf: Shelf) -> None:
    for minutes in (0, 1, 9.9):
        assert source.find(CLIENT, "first", JKU, after(minutes=minutes)) == FIRST
    assert shelf.asked == [JKU]
    source.find(CLIENT, "first", JKU, after(minutes=10))
    assert shelf.asked == [JKU, JKU]


def test_an_unknown_name_asks_once_more_and_not_again_for_a_while(source: KeySource, shelf: Shelf) -> None:
    source.find(CLIENT, "first", JKU, NOW)
    shelf.sets[JKU] = {"keys": [FIRST, SECOND]}
    assert source.find(CLIENT, "sec+ond=", JKU, after(seconds=29)) is None
    assert source.find(CLIENT, "sec+ond=", JKU, after(seconds=30)) == SECOND
    for second in range(31, 60):
        assert source.find(CLIENT, f"guess {second}", JKU, after(seconds=second)) is None
    assert shelf.asked == [JKU, JKU]
    assert source.find(CLIENT, "guess", JKU, after(seconds=60)) is None
    assert shelf.asked == [JKU] * 3


def test_a_key_taken_away_is_gone_with_the_next_look(source: KeySource, shelf: Shelf) -> None:
    source.find(CLIENT, "first", JKU, NOW)
    shelf.sets[JKU] = {"keys": [SECOND]}
    assert source.find(CLIENT, "first", JKU, after(minutes=10)) is None


def test_an_address_that_is_silent_for_a_while_stops_nobody(source: KeySource, shelf: Shelf) -> None:
    source.find(CLIENT, "first", JKU, NOW)
    del shelf.sets[JKU]
    assert source.find(CLIENT, "first", JKU, after(minutes=59)) == FIRST
    assert source.find(CLIENT, "first", JKU, after(minutes=59, seconds=1)) == FIRST
    assert shelf.asked == [JKU, JKU]
    assert source.find(CLIENT, "first", JKU, after(minutes=60)) is None


def test_every_listed_address_is_looked_at_when_the_token_names_none(source: KeySource, shelf: Shelf) -> None:
    shelf.sets[SPARE] = {"keys": [SECOND]}
    assert source.find(CLIENT, "sec+ond=", None, NOW) == SECOND
    assert source.find(CLIENT, "sec+ond=", JKU, NOW) is None


def test_a_key_of_the_clients_file_is_found_without_asking(source: KeySource, shelf: Shelf) -> None:
    both = Client("epic", issuer="i", keys=(SECOND,), jku=(JKU,))
    assert source.find(both, "sec+ond=", None, NOW) == SECOND
    assert shelf.asked == []
    assert source.find(both, "first", None, NOW) == FIRST


@pytest.mark.parametrize("document", [None, [], 1, "x", {}, {"keys": None}, {"keys": {}}, {"keys": [1, {}, None]}])
def test_what_is_no_key_set_gives_no_key(document: object, source: KeySource, shelf: Shelf) -> None:
    shelf.sets[JKU] = document
    assert source.find(CLIENT, "first", JKU, NOW) is None


def test_of_a_fetched_set_only_what_checks_signatures_is_taken() -> None:
    rows = [
        {"kty": "oct", "kid": "first", "k": "AAAA"},
        {**FIRST, "use": "enc"},
        {**FIRST, "crv": "P-521"},
        {name: value for name, value in FIRST.items() if name != "kid"},
        {**FIRST, "kid": 1},
        {**SECOND, "n": "AQAB"},
        {**SECOND, "n": 5},
        {**FIRST, "x": "!"},
        FIRST,
    ]
    assert usable_keys({"keys": rows}) == (FIRST,)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({**SECOND, "n": SECOND["n"][:340]}, "RSA of at least 2048 bits"),
        ({**SECOND, "alg": "RS512"}, "a key for one of ES384, RS384, ES256, RS256"),
        ({**FIRST, "alg": "ES512"}, "a key for one of"),
        ({**FIRST, "kty": "RSA"}, "not a key that can be read"),
        ({**FIRST, "d": "AAAA"}, "private parts"),
        ({**FIRST, "use": "enc"}, "not for signatures"),
        ({**FIRST, "key_ops": "verify"}, "not for signatures"),
        (None, "a table"),
    ],
    ids=count(),
)
def test_a_key_that_is_refused_says_why(row: object, words: str) -> None:
    with pytest.raises(BadKey, match=words):
        key_of(row)


def test_callers_at_the_same_moment_cost_one_question() -> None:
    asked: list[str] = []
    inside, free = Event(), Event()

    def slow(url: str) -> object:
        asked.append(url)
        inside.set()
        assert free.wait(10)
        return {"keys": [FIRST]}

    source = KeySource(slow)
    found: list[object] = []
    threads = [Thread(target=lambda: found.append(source.find(CLIENT, "first", JKU, NOW))) for _ in range(4)]
    for thread in threads:
        thread.start()
    assert inside.wait(10)
    free.set()
    for thread in threads:
        thread.join(10)
    assert (asked, found) == ([JKU], [FIRST] * 4)
