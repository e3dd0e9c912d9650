"""Key sets over the wire: from the listed address and nowhere else, in time or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from time import monotonic

import pytest

from baclofen_safety.cdshooks.clients import Client, Clients
from baclofen_safety.cdshooks.key_fetch import MOST_BYTES, KeyFetch
from baclofen_safety.cdshooks.key_source import KeySource
from cdshooks.signing import ec_key, public
from fhir_server import Exchange, FhirServer

KEYS = {"keys": [public(ec_key())]}


def client(url: str, *networks: str) -> Client:
    return Client("a", issuer="i", jku=(url,), networks=networks)


def serving(answer: Callable[[Exchange], None]) -> FhirServer:
    return FhirServer(faults={"jwks.json": answer, "other.json": good})


def good(exchange: Exchange) -> None:
    exchange.say(200, KEYS)


def test_a_listed_address_is_read() -> None:
    with serving(good) as server:
        url = f"{server.base}/jwks.json"
        one = client(url)
        source = KeySource(KeyFetch(Clients((one,))))
        assert source.find(one, "44823f3d", url, datetime(2026, 11, 20, tzinfo=UTC)) == KEYS["keys"][0]
        assert [asked.token for asked in server.asked] == [None]


def test_no_other_address_is_opened() -> None:
    with serving(good) as server:
        fetch = KeyFetch(Clients((client(f"{server.base}/jwks.json"),)))
        for url in (f"{server.base}/other.json", f"{server.base}/jwks.json/x", f"{server.base}/jwks.json?x=1"):
            assert fetch(url) is None
        assert server.asked == []


@pytest.mark.parametrize(
    "answer",
    [
        lambda exchange: exchange.say(404, KEYS),
        lambda exchange: exchange.say(500, KEYS),
        lambda exchange: exchange.send(302, b"", {"Location": "other.json"}),
        lambda exchange: exchange.send(200, b"<html>", {}),
        lambda exchange: exchange.send(200, b'{"keys": [], "keys": []}', {}),
        lambda exchange: exchange.send(200, json.dumps({**KEYS, "x": "x" * MOST_BYTES}).encode(), {}),
    ],
    ids=["404", "500", "redirect", "html", "twice", "large"],
)
def test_what_is_no_key_set_is_none(answer: Callable[[Exchange], None]) -> None:
    with serving(answer) as server:
        assert KeyFetch(Clients((client(f"{server.base}/jwks.json"),)))(f"{server.base}/jwks.json") is None
        assert len(server.asked) == 1


def test_a_server_that_answers_byte_by_byte_holds_nobody() -> None:
    def drip(exchange: Exchange) -> None:
        exchange.send_response(200)
        exchange.send_header("Content-Length", "1000")
        exchange.end_headers()
        while not exchange.server.closing.wait(0.02):
            exchange.wfile.write(b" ")

    with serving(drip) as server:
        begun = monotonic()
        fetch = KeyFetch(Clients((client(f"{server.base}/jwks.json"),)), budget=0.2)
        assert fetch(f"{server.base}/jwks.json") is None
        assert monotonic() - begun < 2


@pytest.mark.parametrize(("networks", "opened"), [((), False), (("10.0.0.0/8",), False), (("127.0.0.0/8",), True)])
def test_a_name_leads_inside_only_where_the_client_says_so(networks: tuple[str, ...], opened: bool) -> None:
    """No key comes of it either way: the server here does not speak TLS."""
    with serving(good) as server:
        url = f"https://ehr.hospital.example:{server.port}/jwks.json"
        fetch = KeyFetch(Clients((client(url, *networks),)), resolve=lambda host, port: ("127.0.0.1",))
        assert fetch(url) is None
        assert bool(server.connections) is opened
