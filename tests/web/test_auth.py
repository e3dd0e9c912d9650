"""The gate: a header, a token, a machine; the answer says nothing, the log says why."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask, Response, jsonify, request
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from baclofen_safety.cdshooks.clients import Client, Clients
from baclofen_safety.cdshooks.key_source import KeySource
from baclofen_safety.cdshooks.tokens import TokenMemory
from baclofen_safety.config import BadSetting, Settings
from baclofen_safety.store.sql import SqlStore
from baclofen_safety.web.auth import gatekeeper
from baclofen_safety.web.errors import answer_errors
from cdshooks.signing import SANDBOX, Notes, Shelf, ec_key, public, signed

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
T = int(NOW.timestamp())
PUBLIC = "https://safety.example.org/baclofen"
CLIENTS = Clients((Client("sandbox", issuer=SANDBOX, keys=(public(ec_key()),)),), Client("here"))
JWT = Settings(public_url=PUBLIC)
OFF = Settings(cds_auth="off")


def clock() -> datetime:
    return NOW


def token(path: str = "/cds-services", public_url: str = PUBLIC, jti: str = "1") -> str:
    claims = {"iss": SANDBOX, "aud": public_url + path, "iat": T, "exp": T + 300, "jti": jti}
    return signed({"alg": "ES384", "typ": "JWT", "kid": "44823f3d"}, claims, ec_key())


def door(
    folder: Path, settings: Settings = JWT, clients: Clients = CLIENTS, memory: TokenMemory | None = None
) -> Flask:
    app = Flask("door")
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    answer_errors(app)
    authorise = gatekeeper(settings, clients, memory or Notes(folder), KeySource(Shelf()), clock)

    @app.get("/cds-services")
    @app.get("/cds-services/<name>/feedback")
    def who(name: str = "") -> Response:
        return jsonify(client=authorise(request).name)

    return app


def ask(
    app: Flask, headers: Mapping[str, str] | list[tuple[str, str]], path: str = "/cds-services", peer: str = "10.0.0.9"
) -> TestResponse:
    return app.test_client().get(path, headers=headers, environ_base={"REMOTE_ADDR": peer})


def refusal(app: Flask, headers: Mapping[str, str] | list[tuple[str, str]], peer: str = "10.0.0.9") -> str:
    """The reason in the log of a call that was refused, and that the answer holds nothing of it."""
    with capture_logs() as logs:
        answer = ask(app, headers, peer=peer)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.headers["Content-Type"].startswith("application/fhir+json")
    (issue,) = answer.get_json()["issue"]
    assert (issue["code"], issue["details"]["text"]) == ("login", "Authentication is required.")
    (line,) = logs
    assert line["event"] == "unauthorised"
    assert line["request_id"] == answer.headers["X-Request-ID"]
    sent = [value for value in dict(headers).values() if len(value) > 20]
    assert not any(value in json.dumps(logs) + answer.get_data(as_text=True) for value in sent)
    assert line["reason"] not in answer.get_data(as_text=True)
    return str(line["reason"])


@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "BEARER  "])
def test_a_token_lets_in(scheme: str, tmp_path: Path) -> None:
    """The name of a scheme has no case (RFC 9110, 11.1)."""
    answer = ask(door(tmp_path), {"Authorization": scheme + token()})
    assert answer.get_json() == {"client": "sandbox"}


@pytest.mark.parametrize("path", ["/cds-services/", "/cds-services/x/feedback", "/cds-services/x/feedback/"])
def test_the_audience_is_the_public_address_of_what_is_called(path: str, tmp_path: Path) -> None:
    headers = {"Authorization": f"Bearer {token(path)}", "Host": "internal:8080"}
    assert ask(door(tmp_path), headers, path).get_json() == {"client": "sandbox"}


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("", "header"),
        ("Bearer", "header"),
        ("Bearer ", "header"),
        ("Basic dXNlcjpwYXNz", "header"),
        ("Token abc", "header"),
        ("Bearer a b", "header"),
        (f"Bearer{token()}", "header"),
        (f"Bearer {token()}, Bearer {token(jti='2')}", "header"),
        (f"Bearer {token()},Bearer {token(jti='2')}", "header"),
        (f"Bearer {token()},", "malformed"),
        (f'Bearer "{token()}"', "malformed"),
        ("Bearer null", "malformed"),
        (f"Bearer {token('/cds-services/x')}", "audience"),
        (f"Bearer {token(public_url='http://localhost')}", "audience"),
        (f"Bearer {token(public_url='https://evil.example')}", "audience"),
    ],
    ids=range(15),
)
def test_refuses(header: str, reason: str, tmp_path: Path) -> None:
    assert refusal(door(tmp_path), {"Authorization": header}) == reason


def test_neither_host_nor_proxy_headers_make_the_audience(tmp_path: Path) -> None:
    evil = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": "/baclofen"}
    bearer = {"Authorization": f"Bearer {token(public_url='https://evil.example/baclofen')}"}
    assert refusal(door(tmp_path), {**bearer, **evil}) == "audience"


def test_without_a_token_nobody_is_let_in_not_even_from_this_machine(tmp_path: Path) -> None:
    assert refusal(door(tmp_path), {}) == "absent"
    assert refusal(door(tmp_path), {}, peer="127.0.0.1") == "absent"
    assert ask(door(tmp_path), {}, f"/cds-services?access_token={token()}").status_code == 401


def test_two_authorization_headers_are_refused(tmp_path: Path) -> None:
    twice = [("Authorization", f"Bearer {token()}"), ("Authorization", f"Bearer {token(jti='2')}")]
    assert refusal(door(tmp_path), twice) == "header"


def test_the_second_use_is_refused_also_by_another_worker_and_after_a_restart(tmp_path: Path) -> None:
    headers = {"Authorization": f"Bearer {token()}"}
    with closing(SqlStore(f"sqlite:///{tmp_path}/store.db", clock)) as first:
        assert ask(door(tmp_path, memory=first), headers).status_code == 200
        with closing(SqlStore(f"sqlite:///{tmp_path}/store.db", clock)) as second:
            assert refusal(door(tmp_path, memory=second), headers) == "replay"
    with closing(SqlStore(f"sqlite:///{tmp_path}/store.db", clock)) as restarted:
        assert refusal(door(tmp_path, memory=restarted), headers) == "replay"
        assert ask(door(tmp_path, memory=restarted), {"Authorization": f"Bearer {token(jti='2')}"}).status_code == 200


def test_the_log_names_a_known_client(tmp_path: Path) -> None:
    with capture_logs() as logs:
        ask(door(tmp_path), {"Authorization": f"Bearer {token('/x')}"})
    assert (logs[0]["client"], logs[0]["door"], logs[0]["log_level"]) == ("sandbox", "who", "warning")


def test_without_clients_nobody_may_call(tmp_path: Path) -> None:
    closed = door(tmp_path, Settings(), Clients())
    assert refusal(closed, {"Authorization": f"Bearer {token()}"}, peer="127.0.0.1") == "issuer"


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"])
def test_switched_off_this_machine_needs_no_token(peer: str, tmp_path: Path) -> None:
    app = door(tmp_path, OFF)
    assert ask(app, {}, peer=peer).get_json() == {"client": "here"}
    assert ask(app, {"Authorization": "Bearer whatever"}, peer=peer).get_json() == {"client": "here"}


def test_what_clients_send_of_themselves_tells_of_no_proxy(tmp_path: Path) -> None:
    sent = {"Accept": "*/*", "User-Agent": "x", "Origin": "http://localhost:8080", "X-Request-ID": "1", "Referer": "x"}
    assert ask(door(tmp_path, OFF), sent, peer="127.0.0.1").status_code == 200


@pytest.mark.parametrize("peer", ["10.0.0.9", "192.168.1.2", "::ffff:10.0.0.9", "fe80::1", "", "localhost.evil"])
def test_switched_off_another_machine_is_refused(peer: str, tmp_path: Path) -> None:
    assert refusal(door(tmp_path, OFF), {}, peer=peer) == "not-local"
    assert refusal(door(tmp_path, OFF), {"Authorization": f"Bearer {token()}"}, peer=peer) == "not-local"


@pytest.mark.parametrize(
    "name",
    [
        *("Forwarded", "X-Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "x-forwarded-new"),
        *("X-Real-IP", "Via", "CF-Connecting-IP", "CF-Ray", "CDN-Loop", "True-Client-IP", "X-Client-IP"),
        *("X-Cluster-Client-IP", "Fastly-Client-IP", "Fly-Client-IP", "WL-Proxy-Client-IP", "X-Original-Forwarded-For"),
        *("X-Envoy-External-Address", "X-Amzn-Trace-Id", "X-Azure-ClientIP", "X-Remote-Addr"),
    ],
)
def test_switched_off_what_a_proxy_passes_on_is_refused(name: str, tmp_path: Path) -> None:
    assert refusal(door(tmp_path, OFF), {name: "127.0.0.1"}, peer="127.0.0.1") == "not-local"
    assert refusal(door(tmp_path, OFF), {name: ""}, peer="127.0.0.1") == "not-local"


def test_tokens_cannot_be_checked_without_our_own_address(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="PUBLIC_URL"):
        door(tmp_path, Settings())
    assert ask(door(tmp_path, OFF), {}, peer="::1").status_code == 200


def test_tokens_cannot_be_checked_with_a_memory_of_one_worker(tmp_path: Path) -> None:
    with closing(SqlStore("sqlite://", clock)) as forgetful:
        with pytest.raises(BadSetting, match="STORE"):
            door(tmp_path, memory=forgetful)
        assert ask(door(tmp_path, OFF, memory=forgetful), {}, peer="::1").status_code == 200
        assert refusal(door(tmp_path, JWT, Clients(), forgetful), {}) == "absent"
