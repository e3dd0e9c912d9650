"""Reading from an EHR, against a real server on loopback that may do anything."""

from __future__ import annotations

import gzip
import json
import logging
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from baclofen_safety.fhir import client as under_test
from baclofen_safety.fhir.client import EhrClient, Fetched
from baclofen_safety.fhir.wire import Problem
from fhir_server import FHIR, Exchange, FhirServer, Json, bundle, outcome

TOKEN = "token-CANARY-1"
SCRIPT = 5.0
"""Seconds a misbehaving server takes; every budget is far below."""
PATIENT = {"resourceType": "Patient", "id": "p1"}
CONDITIONS = [
    {"resourceType": "Condition", "id": f"c{number}", "subject": {"reference": "Patient/p1"}} for number in range(7)
]
SEARCH = "Condition?patient=p1"


@pytest.fixture
def server() -> Iterator[FhirServer]:
    with FhirServer([PATIENT, *CONDITIONS], token=TOKEN) as one:
        yield one


@pytest.fixture
def elsewhere() -> Iterator[FhirServer]:
    with FhirServer([PATIENT, *CONDITIONS]) as one:
        yield one


@pytest.fixture
def ehr(server: FhirServer) -> Iterator[EhrClient]:
    client = EhrClient([server.base], budget=4.0)
    yield client
    client.close()


def ask(ehr: EhrClient, server: FhirServer, query: str = SEARCH, **more: Any) -> Fetched:
    return ehr.fetch(server.base, TOKEN, {"one": query}, **more)["one"]


def ids(fetched: Fetched) -> list[str]:
    assert fetched.resource is not None
    return [entry["resource"]["id"] for entry in fetched.resource["entry"]]


def relations(fetched: Fetched) -> list[str]:
    assert fetched.resource is not None
    return [link["relation"] for link in fetched.resource["link"]]


def test_questions_are_answered_by_their_keys(ehr: EhrClient, server: FhirServer) -> None:
    answers = ehr.fetch(server.base, TOKEN, {"who": "Patient/p1", "what": SEARCH, "none": "Device?patient=p1"})
    assert answers["who"] == Fetched(PATIENT)
    assert (ids(answers["what"]), answers["what"].problem) == ([one["id"] for one in CONDITIONS], "")
    assert (ids(answers["none"]), answers["none"].problem) == ([], "")
    assert {asked.token for asked in server.asked} == {f"Bearer {TOKEN}"}
    assert {asked.headers["Accept"] for asked in server.asked} == {FHIR}
    assert {asked.headers["Cache-Control"] for asked in server.asked} == {"no-cache"}


def test_nothing_asked_opens_no_connection(ehr: EhrClient, server: FhirServer) -> None:
    assert ehr.fetch(server.base, TOKEN, {}) == {}
    assert server.connections == 0


def test_an_absolute_reference_within_the_base_is_read(ehr: EhrClient, server: FhirServer) -> None:
    assert ask(ehr, server, f"{server.base}/Patient/p1") == Fetched(PATIENT)
    assert ask(ehr, server, "Patient/p1/_history/1").problem == "refused"


@pytest.mark.parametrize("token", [None, ""])
def test_without_a_token_no_header_is_sent(ehr: EhrClient, server: FhirServer, token: str | None) -> None:
    server.token = None
    assert ehr.fetch(server.base, token, {"one": "Patient/p1"})["one"].problem == ""
    assert [asked.token for asked in server.asked] == [None]


@pytest.mark.parametrize("token", ["two words", "line\r\nHost: evil", "\u00e9"])
def test_a_token_that_is_none_is_not_sent(ehr: EhrClient, server: FhirServer, token: str) -> None:
    assert ehr.fetch(server.base, token, {"one": "Patient/p1"})["one"] == Fetched(None, "refused")
    assert server.connections == 0


def test_pages_become_one_bundle(ehr: EhrClient, server: FhirServer) -> None:
    server.page = 3
    fetched = ask(ehr, server)
    assert fetched.problem == ""
    assert ids(fetched) == [one["id"] for one in CONDITIONS]
    assert relations(fetched) == ["self"]
    assert fetched.resource is not None
    assert fetched.resource["total"] == 7
    assert len(server.asked) == 3


def test_a_next_link_may_be_relative(ehr: EhrClient, server: FhirServer) -> None:
    def paged(one: Exchange) -> None:
        links = [] if "page=2" in one.path else [{"relation": "next", "url": "Condition?page=2"}]
        one.say(200, bundle(CONDITIONS[:1], links=links, total=2))

    server.faults["Condition"] = paged
    assert (ids(ask(ehr, server)), ask(ehr, server).problem) == (["c0", "c0"], "")


def test_connections_stay_open_between_calls(ehr: EhrClient, server: FhirServer) -> None:
    for _ in range(3):
        assert ask(ehr, server).problem == ""
    assert (len(server.asked), server.connections) == (3, 1)


def answering(status: int, body: bytes, **headers: str) -> Callable[[Exchange], None]:
    return lambda one: one.send(status, body, {name.replace("_", "-"): value for name, value in headers.items()})


def saying(document: object) -> Callable[[Exchange], None]:
    return lambda one: one.say(200, document)


def hanging_up(one: Exchange) -> None:
    one.close_connection = True


def resetting(one: Exchange) -> None:
    one.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    one.connection.close()
    one.close_connection = True


def cut_short(one: Exchange) -> None:
    one.send(200, b'{"resourceType"', {"Content-Length": "5000"})
    one.close_connection = True


def no_http(one: Exchange) -> None:
    one.wfile.write(b"\x00\x01 hello\r\n\r\n")
    one.close_connection = True


FAULTS: Mapping[str, tuple[Callable[[Exchange], None], Problem]] = {
    "202": (answering(202, b"{}"), "unreadable"),
    "206": (answering(206, b"{}"), "unreadable"),
    "400": (answering(400, b"{}"), "refused"),
    "401": (answering(401, b"{}"), "refused"),
    "403": (answering(403, b"{}"), "refused"),
    "404": (answering(404, b"{}"), "refused"),
    "410": (answering(410, b"{}"), "refused"),
    "429": (answering(429, b"{}"), "failed"),
    "408": (answering(408, b"{}"), "failed"),
    "outcome not found": (saying(outcome("not-found")), "failed"),
    "500": (answering(500, b"{}"), "failed"),
    "503": (answering(503, b"{}"), "failed"),
    "html": (answering(200, b"<html>Log in</html>", Content_Type="text/html"), "unreadable"),
    "empty": (answering(200, b""), "unreadable"),
    "truncated JSON": (answering(200, b'{"resourceType": "Bundle", "type": "sea'), "unreadable"),
    "twin keys": (
        answering(200, b'{"resourceType": "Bundle", "type": "searchset", "type": "searchset"}'),
        "unreadable",
    ),
    "not a number": (answering(200, b'{"resourceType": "Bundle", "type": "searchset", "total": NaN}'), "unreadable"),
    "not UTF-8": (answering(200, json.dumps(PATIENT).encode("utf-16")), "unreadable"),
    "nested": (answering(200, b"[" * 5000 + b"]" * 5000), "too-large"),
    "gzip that is none": (answering(200, b"{}", Content_Encoding="gzip"), "unreadable"),
    "other type": (saying(CONDITIONS[0]), "unreadable"),
    "other bundle": (saying({"resourceType": "Bundle", "type": "history"}), "unreadable"),
    "list": (saying([]), "unreadable"),
    "null": (saying(None), "unreadable"),
    "links no list": (
        saying({"resourceType": "Bundle", "type": "searchset", "link": {"relation": "next"}}),
        "unreadable",
    ),
    "entries no objects": (saying({"resourceType": "Bundle", "type": "searchset", "entry": [1]}), "unreadable"),
    "outcome": (saying(outcome("processing")), "failed"),
    "hangs up": (hanging_up, "failed"),
    "resets": (resetting, "failed"),
    "cut short": (cut_short, "failed"),
    "no HTTP": (no_http, "failed"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_a_problem_and_no_resource(ehr: EhrClient, server: FhirServer, name: str) -> None:
    server.faults["Condition"], problem = FAULTS[name]
    answers = ehr.fetch(server.base, TOKEN, {"bad": SEARCH, "good": "Patient/p1"})
    assert answers == {"bad": Fetched(None, problem), "good": Fetched(PATIENT)}


@pytest.mark.parametrize(
    ("code", "problem"),
    [("not-found", "refused"), ("forbidden", "refused"), ("throttled", "failed"), (["x"], "failed")],
)
def test_a_read_that_is_denied_in_words_is_refused(
    ehr: EhrClient, server: FhirServer, code: Any, problem: Problem
) -> None:
    server.faults["Patient"] = saying({"resourceType": "OperationOutcome", "issue": [{"code": code}]})
    assert ask(ehr, server, "Patient/p1") == Fetched(None, problem)


@pytest.mark.parametrize("said", [{**PATIENT, "id": "p2"}, {"resourceType": "Patient"}, CONDITIONS[0]])
def test_a_read_that_brings_something_else_is_unreadable(ehr: EhrClient, server: FhirServer, said: Json) -> None:
    server.faults["Patient"] = saying(said)
    assert ask(ehr, server, "Patient/p1") == Fetched(None, "unreadable")


def test_a_connection_that_the_server_closed_is_opened_again(ehr: EhrClient, server: FhirServer) -> None:
    def once(one: Exchange) -> None:
        del server.faults["Condition"]
        resetting(one)

    server.faults["Condition"] = once
    assert ask(ehr, server).problem == ""
    assert len(server.asked) == 2


def test_it_is_tried_again_once_only(ehr: EhrClient, server: FhirServer) -> None:
    server.faults["Condition"] = resetting
    assert ask(ehr, server).problem == "failed"
    assert len(server.asked) == 2


def test_an_answer_with_a_status_is_not_asked_for_again(ehr: EhrClient, server: FhirServer) -> None:
    server.faults["Condition"] = answering(503, b"", Retry_After="0")
    assert ask(ehr, server).problem == "failed"
    assert len(server.asked) == 1


def test_nobody_listens() -> None:
    with FhirServer() as gone:
        base = gone.base
    assert EhrClient([base], budget=4.0).fetch(base, TOKEN, {"one": SEARCH}) == {"one": Fetched(None, "failed")}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_never_followed(ehr: EhrClient, server: FhirServer, elsewhere: FhirServer, status: int) -> None:
    for target in (f"{elsewhere.base}/{SEARCH}", f"{server.base}/Condition?patient=p2"):
        server.faults["Condition"] = answering(status, b"", Location=target)
        assert ask(ehr, server) == Fetched(None, "not-allowed")
    assert (elsewhere.connections, len(server.asked)) == (0, 2)


def linking(url: Callable[[Exchange], str]) -> Callable[[Exchange], None]:
    return lambda one: one.say(200, bundle(CONDITIONS[:1], links=[{"relation": "next", "url": url(one)}], total=9))


def test_next_to_another_origin_is_not_followed(ehr: EhrClient, server: FhirServer, elsewhere: FhirServer) -> None:
    server.faults["Condition"] = linking(lambda one: f"{elsewhere.base}/{SEARCH}")
    fetched = ask(ehr, server)
    assert (fetched.problem, ids(fetched), relations(fetched)) == ("not-allowed", ["c0"], ["next"])
    assert (elsewhere.connections, len(server.asked)) == (0, 1)


def test_next_that_is_no_address_leaves_the_answer_partial(ehr: EhrClient, server: FhirServer) -> None:
    page = bundle(CONDITIONS[:1], links=[{"relation": "next"}], total=9)
    server.faults["Condition"] = saying(page)
    fetched = ask(ehr, server)
    assert (fetched.problem, relations(fetched)) == ("not-allowed", ["next"])


def test_next_that_leads_back_ends(ehr: EhrClient, server: FhirServer) -> None:
    server.faults["Condition"] = linking(lambda one: f"Condition?page={'a' if 'page=b' in one.path else 'b'}")
    fetched = ask(ehr, server)
    assert (fetched.problem, ids(fetched), relations(fetched)) == ("too-many-pages", ["c0"] * 3, ["next"])


@pytest.mark.parametrize(("pages", "problem"), [(50, ""), (51, "too-many-pages")])
def test_fifty_pages_are_read(ehr: EhrClient, server: FhirServer, pages: int, problem: str) -> None:
    many = [{**CONDITIONS[0], "id": f"c{number}"} for number in range(pages)]
    server.resources, server.page = many, 1
    fetched = ask(ehr, server)
    assert (fetched.problem, len(ids(fetched)), len(server.asked)) == (problem, 50, 50)
    assert ("next" in relations(fetched)) == bool(problem)


def test_a_page_that_fails_leaves_the_ones_before(ehr: EhrClient, server: FhirServer) -> None:
    def second_fails(one: Exchange) -> None:
        if "page=2" in one.path:
            one.say(500, outcome("exception"))
        else:
            linking(lambda _: "Condition?page=2")(one)

    server.faults["Condition"] = second_fails
    fetched = ask(ehr, server)
    assert (fetched.problem, ids(fetched), relations(fetched)) == ("failed", ["c0"], ["next"])


def test_too_large(ehr: EhrClient, server: FhirServer) -> None:
    server.faults["Condition"] = answering(200, b" " * (under_test.MOST_BYTES + 1))
    assert ask(ehr, server) == Fetched(None, "too-large")


def test_pages_of_one_question_are_too_large_together(ehr: EhrClient, server: FhirServer) -> None:
    padding = b" " * (under_test.MOST_BYTES // 2)

    def large(one: Exchange) -> None:
        number = len(server.asked)
        links = [{"relation": "next", "url": f"Condition?page={number}"}]
        one.send(200, json.dumps(bundle(CONDITIONS[:1], links=links, total=9)).encode() + padding)

    server.faults["Condition"] = large
    fetched = ask(ehr, server)
    assert (fetched.problem, ids(fetched), relations(fetched)) == ("too-large", ["c0"], ["next"])


def test_gzip_is_read(ehr: EhrClient, server: FhirServer) -> None:
    server.faults["Patient"] = answering(200, gzip.compress(json.dumps(PATIENT).encode()), Content_Encoding="gzip")
    assert ask(ehr, server, "Patient/p1") == Fetched(PATIENT)


def test_a_gzip_bomb_is_too_large(ehr: EhrClient, server: FhirServer) -> None:
    server.faults["Condition"] = answering(200, gzip.compress(b" " * 40_000_000, 1), Content_Encoding="gzip")
    assert ask(ehr, server) == Fetched(None, "too-large")


class Slow:
    """A script of SCRIPT seconds: writes ``first``, then ``drop`` again and again. Notes whether it came to its end."""

    def __init__(self, first: bytes, drop: bytes) -> None:
        self.first, self.drop = first, drop
        self.ended, self.cut = threading.Event(), threading.Event()

    def __call__(self, one: Exchange) -> None:
        one.close_connection = True
        try:
            one.wfile.write(self.first)
            for _ in range(round(SCRIPT / 0.02)):
                if one.server.closing.wait(0.02):
                    return
                one.wfile.write(self.drop)
        except OSError:
            self.cut.set()
        self.ended.set()


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\n"
SLOW = {
    "hangs": (b"", b""),
    "drips in the status line": (b"", b"H"),
    "drips in the headers": (HEAD + b"X-More: ", b"x"),
    "drips headers": (HEAD, b"X: y\r\n"),
    "drips in the body": (HEAD + b"Content-Length: 100000\r\n\r\n", b" "),
    "drips without length": (HEAD + b"\r\n", b" "),
    "drips chunks": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
}


@pytest.mark.parametrize("name", SLOW)
def test_the_budget_holds(ehr: EhrClient, server: FhirServer, name: str) -> None:
    slow = Slow(*SLOW[name])
    server.faults["Condition"] = slow
    answers = ehr.fetch(server.base, TOKEN, {"slow": SEARCH, "good": "Patient/p1"}, budget=0.4)
    assert not slow.ended.is_set()
    assert answers == {"slow": Fetched(None, "timeout"), "good": Fetched(PATIENT)}
    if slow.drop:
        assert slow.cut.wait(SCRIPT), "the connection is shut, so that no thread is held"
    assert ask(ehr, server, "Patient/p1") == Fetched(PATIENT)


def test_the_budget_is_for_all_pages_together(ehr: EhrClient, server: FhirServer) -> None:
    slow = Slow(b"", b"")

    def second_hangs(one: Exchange) -> None:
        (slow if "page=2" in one.path else linking(lambda _: "Condition?page=2"))(one)

    server.faults["Condition"] = second_hangs
    fetched = ask(ehr, server, budget=0.4)
    assert not slow.ended.is_set()
    assert (fetched.problem, ids(fetched), relations(fetched)) == ("timeout", ["c0"], ["next"])


def test_pages_that_never_end_end_with_the_budget(server: FhirServer) -> None:
    server.faults["Condition"] = linking(lambda one: f"Condition?page={len(server.asked)}")
    client = EhrClient([server.base], budget=0.0)
    assert ask(client, server) == Fetched(None, "timeout")
    assert server.asked == []


def test_a_name_server_that_hangs_is_within_the_budget() -> None:
    over = threading.Event()

    def slow(host: str, port: int) -> tuple[str, ...]:
        over.wait(SCRIPT)
        return ("127.0.0.1",)

    client = EhrClient(["https://ehr.example.org/fhir"], budget=0.2, resolve=slow)
    assert client.fetch("https://ehr.example.org/fhir", TOKEN, {"one": SEARCH}) == {"one": Fetched(None, "timeout")}
    assert not over.is_set()
    over.set()


def test_a_name_that_is_unknown() -> None:
    def unknown(host: str, port: int) -> tuple[str, ...]:
        raise socket.gaierror

    client = EhrClient(["https://ehr.example.org/fhir"], budget=4.0, resolve=unknown)
    assert client.fetch("https://ehr.example.org/fhir", TOKEN, {"one": SEARCH}) == {"one": Fetched(None, "failed")}


def test_the_environment_has_no_say(
    ehr: EhrClient, server: FhirServer, elsewhere: FhirServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{elsewhere.port}")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    assert ask(ehr, server, "Patient/p1") == Fetched(PATIENT)
    assert (server.connections, elsewhere.connections) == (1, 0)


def test_no_cookie_is_kept(ehr: EhrClient, server: FhirServer) -> None:
    server.faults["Patient"] = answering(200, json.dumps(PATIENT).encode(), Set_Cookie="session=1; Path=/")
    ask(ehr, server, "Patient/p1")
    ask(ehr, server, "Patient/p1")
    assert not any("Cookie" in asked.headers for asked in server.asked)


def test_nothing_is_logged_or_shown(ehr: EhrClient, server: FhirServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server.faults["Device"] = no_http
    server.resources.append({**PATIENT, "id": "CANARY"})
    queries = {"a": "Patient/CANARY", "b": "Device?patient=CANARY", "c": "//CANARY"}
    answers = ehr.fetch(server.base, TOKEN, queries)
    assert [answers[key].problem for key in queries] == ["", "failed", "not-allowed"]
    assert "CANARY" not in caplog.text + repr(answers) + repr(ehr)
