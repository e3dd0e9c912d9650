"""What the public CDS Hooks sandbox sent from a browser, sent again to the whole application at the hour it was sent.

``sandbox/*.json`` hold two walks: patient-view, order-select and order-sign, suggestions taken, cards overridden and
dismissed; without tokens and with them. Of a token its header and claims are kept; it is signed anew with a key of the
test, which stands in the clients file in place of the sandbox's.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from baclofen_safety.app import create_app
from baclofen_safety.assessor import Assessor
from baclofen_safety.config import Settings
from cdshooks.signing import SANDBOX, ec_key, public, signed

Json = dict[str, Any]
FOLDER = Path(__file__).parent / "sandbox"
WALKS = {
    name: json.loads((FOLDER / f"{name}.json").read_text("utf-8"))["exchanges"]
    for name in ("without_tokens", "with_tokens")
}
PAGE, SERVICE = "http://127.0.0.1:18731", "http://127.0.0.1:18733"
RENAL, OPIOID, NOT_CHECKED = "BAC-RENAL-03", "BAC-DDI-01", "not-checked"
EXTENSION = "example.baclofen-safety"
KID = "44823f3d-0b01-4a6c-a80e-b9d3e8a7226f"
KEY = ec_key(KID)
REASONS = "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"


@dataclass(slots=True)
class Stage:
    """The application at an hour that can be set."""

    client: FlaskClient = field(init=False)
    now: datetime = datetime(2026, 11, 21, tzinfo=UTC)

    def send(self, sent: Json, *, token: str | None = None, origin: str = PAGE) -> TestResponse:
        """One recorded request, at its hour."""
        self.now = datetime.fromisoformat(sent["at"])
        headers = {**sent["headers"], "Origin": origin}
        if token or "token" in sent:
            headers["Authorization"] = f"Bearer {token or signed_anew(sent)}"
        body = json.dumps(sent["body"]) if "body" in sent else None
        return self.client.open(sent["path"], method=sent["method"], headers=headers, data=body)


def signed_anew(sent: Json, **other: object) -> str:
    return signed(sent["token"]["header"], sent["token"]["claims"] | other, KEY)


def stage(assessor: Assessor, folder: Path, walk: str) -> Stage:
    made = Stage()
    (folder / "sandbox.jwks.json").write_text(json.dumps({"keys": [public(KEY)]}), "utf-8")
    issued = f'issuer = "{SANDBOX}"\nkeys = "sandbox.jwks.json"\n' if walk == "with_tokens" else ""
    clients = folder / "clients.toml"
    clients.write_text(
        f'[[client]]\nname = "sandbox"\nprofile = "sandbox"\norigins = ["{PAGE}"]\n{issued}', encoding="utf-8"
    )
    settings = Settings(
        cds_auth="jwt" if issued else "off",
        cds_clients=clients,
        public_url=SERVICE,
        store=f"sqlite:///{folder / 'cds.db'}",
        strict=True,
    )
    made.client = create_app(replace(assessor, settings=settings), lambda: made.now).test_client()
    return made


@pytest.fixture(params=WALKS)
def walk(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def ready(assessor: Assessor, tmp_path: Path, walk: str) -> Stage:
    return stage(assessor, tmp_path, walk)


@pytest.fixture
def guarded(assessor: Assessor, tmp_path: Path) -> Stage:
    return stage(assessor, tmp_path, "with_tokens")


def calls(walk: str, step: str) -> list[Json]:
    """The hook calls of a step, without discovery, preflights and feedback."""
    return [one for one in WALKS[walk] if one["step"] == step and "prefetch" in one.get("body", {})]


def rules_of(card: Json) -> list[str]:
    return [rule["id"] for rule in card["extension"][EXTENSION].get("rules", ())]


def in_short(card: Json) -> tuple[str, str, list[str]]:
    return card["uuid"], card["indicator"], rules_of(card)


def test_every_request_is_answered_as_it_was(ready: Stage, walk: str) -> None:
    for sent in WALKS[walk]:
        answer, told = ready.send(sent), sent["answer"]
        at = f"{sent['step']} {sent['method']} {sent['path']}"
        assert answer.status_code == told["status"], at
        assert answer.headers["Access-Control-Allow-Origin"] == PAGE, at
        if sent["method"] == "OPTIONS":
            wanted = sent["headers"]["Access-Control-Request-Headers"].split(",")
            assert {*wanted} <= {*answer.headers["Access-Control-Allow-Headers"].lower().split(", ")}, at
        if "cards" in told:
            recorded = [(one["uuid"], one["indicator"], one["rules"]) for one in told["cards"]]
            assert [in_short(card) for card in answer.get_json()["cards"]] == recorded, at
        if "services" in told:
            assert {*told["services"]} <= {one["id"] for one in answer.get_json()["services"]}
        if "new" in told:
            assert answer.get_json() == {"new": told["new"]}, at


def test_cards_at_the_right_moments_and_none_at_the_others(ready: Stage, walk: str) -> None:
    shown = {
        step: [[rules_of(card) for card in ready.send(sent).get_json()["cards"]] for sent in calls(walk, step)]
        for step in ("patient-view-quiet", "patient-view", "order-select", "order-sign")
    }
    hazards = [[RENAL], [OPIOID], []]
    assert shown == {
        "patient-view-quiet": [[]],  # takes no baclofen
        "patient-view": [hazards],
        "order-select": [[], hazards],  # nothing chosen yet; then baclofen
        "order-sign": [hazards],
    }


def test_two_pills_three_times_a_day_are_a_dose(ready: Stage, walk: str) -> None:
    (sent,) = calls(walk, "order-sign")
    first, *_ = ready.send(sent).get_json()["cards"]
    assert first["summary"].startswith("Baclofen 10 mg tablet, 60 mg/day: eGFR 18.6")
    actions = [action for one in first["suggestions"] for action in one["actions"]]
    assert ("delete", "MedicationRequest/request-123") in {(one["type"], one.get("resourceId")) for one in actions}
    assert "update" not in {one["type"] for one in actions}, "the sandbox would leave the dose as it is"


def test_a_removed_draft_is_clear(ready: Stage, walk: str) -> None:
    (sent,) = calls(walk, "order-select-remove")
    assert ready.send(sent).get_json() == {"cards": []}


def test_feedback_is_counted_for_the_rules_of_the_cards(ready: Stage, walk: str) -> None:
    for sent in WALKS[walk]:
        ready.send(sent)
    figures = {one["rule"]: one for one in summary_of(ready).get_json()["rules"]}
    counted = {rule: (one["accepted"], one["overridden"], one["unexplained"]) for rule, one in figures.items()}
    assert counted == {RENAL: (2, 2, 0), OPIOID: (0, 1, 0), NOT_CHECKED: (1, 1, 1)}
    reasons = {(one["system"], one["code"]): one["display"] for one in figures[RENAL]["reasons"]}
    assert reasons == {
        (REASONS, "expert-contradicts"): "Advice from expert contradicts the recommended action",
        (REASONS, "mitigate-risk-negative-outcome"): "Action taken to mitigate risk of negative outcome",
    }
    services = {one["service"]: (one["accepted"], one["overridden"]) for one in figures[RENAL]["services"]}
    assert services == {
        "baclofen-patient-view": (0, 1),
        "baclofen-order-select": (2, 0),
        "baclofen-order-sign": (0, 1),
    }


def summary_of(ready: Stage) -> TestResponse:
    """Asked for with a token of our own: the sandbox never asks."""
    first = next(one for one in WALKS["with_tokens"] if "token" in one)
    path, moment = "/feedback/summary", int(ready.now.timestamp())
    token = signed_anew(first, aud=SERVICE + path, iat=moment, exp=moment + 300, jti="figures")
    return ready.client.get(path, headers={"Authorization": f"Bearer {token}"})


def bad_tokens() -> Iterator[Any]:
    (sent,) = calls("with_tokens", "order-sign")
    header, claims = sent["token"]["header"], sent["token"]["claims"]
    yield pytest.param(signed_anew(sent, aud=claims["aud"] + "/feedback"), id="for another address")
    yield pytest.param(signed_anew(sent, iss="https://elsewhere.example"), id="of another issuer")
    yield pytest.param(signed(header, claims, ec_key("stranger")), id="another key")
    yield pytest.param("a.b.c", id="no token")


@pytest.mark.parametrize("token", list(bad_tokens()))
def test_a_token_that_does_not_fit_is_refused(guarded: Stage, token: str) -> None:
    (sent,) = calls("with_tokens", "order-sign")
    assert refused(guarded.send(sent, token=token))
    assert guarded.send(sent).status_code == 200


def test_a_recorded_token_is_good_once_and_in_its_hour(guarded: Stage) -> None:
    (sent,) = calls("with_tokens", "order-sign")
    late = datetime.fromisoformat(sent["at"]) + timedelta(minutes=10)
    assert refused(guarded.send(sent | {"at": late.isoformat()}))
    assert guarded.send(sent).status_code == 200
    assert refused(guarded.send(sent))


def refused(answer: TestResponse) -> bool:
    """Without a card; the page may read that it was refused."""
    return (answer.status_code, answer.headers.get("Access-Control-Allow-Origin")) == (401, PAGE)


def test_a_page_elsewhere_is_not_let_in(ready: Stage, walk: str) -> None:
    for sent in WALKS[walk][:2]:
        assert "Access-Control-Allow-Origin" not in ready.send(sent, origin="http://elsewhere.example").headers


def test_the_tokens_recorded_are_the_sandboxs() -> None:
    """As it makes them: five minutes, one for each address, each with an id of its own."""
    tokens = [(one["path"], one["token"]) for one in WALKS["with_tokens"] if one["method"] != "OPTIONS"]
    assert tokens
    assert {token["header"]["alg"] for _, token in tokens} == {"ES384"}
    assert {token["header"]["kid"] for _, token in tokens} == {KID}
    assert {token["claims"]["exp"] - token["claims"]["iat"] for _, token in tokens} == {300}
    assert [token["claims"]["aud"] for _, token in tokens] == [SERVICE + path for path, _ in tokens]
    assert len({token["claims"]["jti"] for _, token in tokens}) == len(tokens)
