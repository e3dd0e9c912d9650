"""Tokens: the shapes real callers send are let in, everything else is not, and the reason is the right one."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baclofen_safety.cdshooks.clients import Client, Clients
from baclofen_safety.cdshooks.key_source import KeySource
from baclofen_safety.cdshooks.tokens import Trust, verify
from baclofen_safety.errors import Unauthorized
from cdshooks.signing import EPIC, EPIC_KID, SANDBOX, Notes, Shelf, ec_key, part, public, rsa_key, signed

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
T = int(NOW.timestamp())
ENDPOINT = "https://safety.example.org/cds-services/baclofen-order-sign"
JKU = "https://ehr.hospital.example/jwks.json"
OTHER_JKU = "https://sandbox.cds-hooks.org/.well-known/jwks.json"
STRANGER = ec_key("stranger")

CLIENTS = Clients(
    (
        Client("sandbox", "sandbox", issuer=SANDBOX, keys=(public(ec_key()),)),
        Client(
            "epic",
            "epic",
            issuer=EPIC,
            keys=(public(rsa_key()),),
            jku=(JKU,),
            tenants=frozenset({"north", "south"}),
            audiences=frozenset({"baclofen"}),
        ),
        Client(
            "old",
            issuer="old",
            keys=(public(rsa_key()), public(ec_key("p256", "P-256"))),
            algorithms=("RS256", "ES256"),
            max_age=86_400,
        ),
        Client("elsewhere", issuer="elsewhere", jku=(OTHER_JKU,)),
    )
)
GONE = object()
"""Takes a field away."""


def changed(table: Mapping[str, Any], change: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in {**table, **(change or {})}.items() if value is not GONE}


def sandbox(header: Mapping[str, Any] | None = None, claims: Mapping[str, Any] | None = None) -> str:
    """As the public sandbox sends it: ES384, 300 s, jku at its site."""
    head = {"alg": "ES384", "typ": "JWT", "kid": "44823f3d", "jku": OTHER_JKU}
    body = {"iss": SANDBOX, "aud": ENDPOINT, "exp": T + 300, "iat": T, "jti": "d1b2c3"}
    return signed(changed(head, header), changed(body, claims), ec_key())


def epic(header: Mapping[str, Any] | None = None, claims: Mapping[str, Any] | None = None) -> str:
    """As Epic sends it: RS384, valid from five minutes before, for fifteen, a kid with + and =."""
    head = {"alg": "RS384", "typ": "JWT", "kid": EPIC_KID}
    body = {"iss": EPIC, "sub": EPIC, "aud": ENDPOINT, "nbf": T - 300, "iat": T, "exp": T + 900, "jti": "6f-1"}
    return signed(changed(head, header), changed({**body, "tenant": "north"}, claims), rsa_key())


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def trust(tmp_path: Path, shelf: Shelf) -> Trust:
    return Trust(CLIENTS, KeySource(shelf), Notes(tmp_path))


def refused(token: str, trust: Trust, endpoint: str = ENDPOINT, now: datetime = NOW) -> tuple[str, str]:
    """Reason and client of the refusal."""
    with pytest.raises(Unauthorized) as caught:
        verify(token, endpoint, now, trust)
    assert (caught.value.status, caught.value.text) == (401, "Authentication is required.")
    return caught.value.reason, caught.value.client


@pytest.mark.parametrize(
    ("token", "name"),
    [
        (sandbox(), "sandbox"),
        (sandbox(claims={"aud": ["https://other.example.org", ENDPOINT]}), "sandbox"),
        (sandbox({"x-ours": 1}), "sandbox"),
        (sandbox({"jku": GONE}), "sandbox"),
        (sandbox(claims={"iat": T - 300 - 59, "exp": T - 59}), "sandbox"),
        (sandbox(claims={"iat": T + 60, "exp": T + 360, "nbf": T + 60}), "sandbox"),
        (sandbox(claims={"iat": T + 0.5, "exp": T + 300.5}), "sandbox"),
        (sandbox(claims={"tenant": "anything"}), "sandbox"),
        (epic(), "epic"),
        (epic({"jku": JKU}), "epic"),
        (epic(claims={"aud": "baclofen"}), "epic"),
        (epic(claims={"exp": T + 960, "tenant": "south"}), "epic"),
        (
            signed(
                {"alg": "RS256", "typ": "JWT", "kid": EPIC_KID},
                {"iss": "old", "aud": ENDPOINT, "iat": T, "exp": T + 86_400, "jti": "1"},
                rsa_key(),
            ),
            "old",
        ),
        (
            signed(
                {"alg": "ES256", "typ": "JWT", "kid": "p256"},
                {"iss": "old", "aud": ENDPOINT, "iat": T, "exp": T + 60, "jti": "2"},
                ec_key("p256", "P-256"),
            ),
            "old",
        ),
    ],
    ids=count(),
)
def test_lets_in(token: str, name: str, trust: Trust, shelf: Shelf) -> None:
    assert verify(token, ENDPOINT, NOW, trust).name == name
    assert shelf.asked == []


@pytest.mark.parametrize("called", [f"{ENDPOINT}/", ENDPOINT.replace("/bac", "//bac"), f"{ENDPOINT}/feedback"])
def test_the_audience_is_the_address_called_whatever_its_slashes(called: str, trust: Trust) -> None:
    assert verify(sandbox(claims={"aud": called}), called, NOW, trust).name == "sandbox"
    plain = f"{ENDPOINT}/feedback" if called.endswith("feedback") else ENDPOINT
    assert verify(sandbox(claims={"aud": plain, "jti": "2"}), called, NOW, trust).name == "sandbox"
    assert verify(sandbox(claims={"aud": called, "jti": "3"}), plain, NOW, trust).name == "sandbox"


@pytest.mark.parametrize(
    ("header", "claims", "reason"),
    [
        ({"typ": GONE}, {}, "type"),
        ({"typ": "at+jwt"}, {}, "type"),
        ({"typ": "jwt"}, {}, "type"),
        ({"kid": GONE}, {}, "key-name"),
        ({"kid": 1}, {}, "key-name"),
        ({"kid": "44823F3D"}, {}, "key-unknown"),
        ({"kid": ""}, {}, "key-unknown"),
        ({"jku": 1}, {}, "key-name"),
        ({"zip": "DEF"}, {}, "critical"),
        ({"enc": "A128GCM"}, {}, "critical"),
        ({"b64": True}, {}, "critical"),
        ({}, {"iss": "https://sandbox.cds-hooks.org/"}, "issuer"),
        ({}, {"iss": GONE}, "issuer"),
        ({}, {"iss": None}, "issuer"),
        ({}, {"iss": [SANDBOX]}, "issuer"),
        ({}, {"aud": GONE}, "audience"),
        ({}, {"aud": None}, "audience"),
        ({}, {"aud": ""}, "audience"),
        ({}, {"aud": []}, "audience"),
        ({}, {"aud": {"0": ENDPOINT}}, "audience"),
        ({}, {"aud": [[ENDPOINT]]}, "audience"),
        ({}, {"aud": "https://safety.example.org/cds-services"}, "audience"),
        ({}, {"aud": f"{ENDPOINT}/feedback"}, "audience"),
        ({}, {"aud": f"{ENDPOINT}?x=1"}, "audience"),
        ({}, {"aud": ENDPOINT.replace("https", "http")}, "audience"),
        ({}, {"aud": ENDPOINT.replace("safety", "SAFETY")}, "audience"),
        ({}, {"aud": "baclofen"}, "audience"),
        ({}, {"exp": GONE}, "exp-unreadable"),
        ({}, {"exp": str(T + 300)}, "exp-unreadable"),
        ({}, {"exp": True}, "exp-unreadable"),
        ({}, {"exp": 1e300}, "exp-unreadable"),
        ({}, {"exp": T * 1000}, "exp-unreadable"),
        ({}, {"iat": T - 400, "exp": T - 60}, "expired"),
        ({}, {"iat": GONE}, "iat-unreadable"),
        ({}, {"iat": -1}, "iat-unreadable"),
        ({}, {"iat": T + 61, "exp": T + 300}, "not-yet"),
        ({}, {"nbf": T + 61}, "not-yet"),
        ({}, {"nbf": "now"}, "nbf-unreadable"),
        ({}, {"nbf": None}, "nbf-unreadable"),
        ({}, {"exp": T + 961}, "lifetime"),
        ({}, {"iat": T + 10, "exp": T + 10}, "lifetime"),
        ({}, {"iat": T + 30, "exp": T + 10}, "lifetime"),
        ({}, {"jti": GONE}, "jti"),
        ({}, {"jti": ""}, "jti"),
        ({}, {"jti": 7}, "jti"),
        ({}, {"jti": "x" * 257}, "jti"),
    ],
)
def test_refuses(header: Mapping[str, Any], claims: Mapping[str, Any], reason: str, trust: Trust, shelf: Shelf) -> None:
    assert refused(sandbox(header, claims), trust)[0] == reason
    assert shelf.asked == []


def resealed(token: str, header: object) -> str:
    """The token under another header; the signature stays."""
    _, claims, signature = token.split(".")
    return f"{part(header)}.{claims}.{signature}"


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"tenant": GONE}, "tenant"),
        ({"tenant": "east"}, "tenant"),
        ({"tenant": "North"}, "tenant"),
        ({"tenant": None}, "tenant"),
        ({"tenant": ["north"]}, "tenant"),
        ({"tenant": {}}, "tenant"),
        ({"exp": T + 961}, "lifetime"),
        ({"aud": "Baclofen"}, "audience"),
        ({"iss": SANDBOX}, "key-unknown"),
    ],
)
def test_refuses_of_epic(claims: Mapping[str, Any], reason: str, trust: Trust) -> None:
    assert refused(epic(claims=claims), trust)[0] == reason


def test_an_unlisted_algorithm_is_refused_although_the_key_fits(trust: Trust) -> None:
    assert refused(epic({"alg": "RS256"}), trust) == ("algorithm", "epic")
    claims = {"iss": "old", "aud": ENDPOINT, "iat": T, "exp": T + 60, "jti": "1"}
    token = signed({"alg": "RS384", "typ": "JWT", "kid": EPIC_KID}, claims, rsa_key())
    assert refused(token, trust) == ("algorithm", "old")


@pytest.mark.parametrize(
    "name", ["none", "None", "NONE", "RS512", "PS384", "es384", "", None, GONE, ["ES384"], {"a": 1}]
)
def test_no_signature_is_no_algorithm(name: object, trust: Trust) -> None:
    _, claims, signature = sandbox().split(".")
    header = changed({"typ": "JWT", "kid": "44823f3d"}, {"alg": name})
    assert refused(f"{part(header)}.{claims}.{signature}", trust) == ("algorithm", "")
    assert refused(f"{part(header)}.{claims}.", trust) == ("malformed", "")


@pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512"])
def test_the_public_key_is_no_shared_secret(digest: str, trust: Trust) -> None:
    claims = sandbox().split(".")[1]
    text = f"{part({'alg': f'HS{digest[3:]}', 'typ': 'JWT', 'kid': '44823f3d'})}.{claims}"
    for secret in (ec_key().as_pem(private=False), json.dumps(public(ec_key())).encode(), b""):
        seal = hmac.new(secret, text.encode(), digest).digest()
        assert refused(f"{text}.{part(seal)}", trust) == ("algorithm", "")


def test_crit_is_refused_whatever_it_lists(trust: Trust) -> None:
    for critical in (["exp"], ["b64"], [], "b64"):
        header = {"alg": "ES384", "typ": "JWT", "kid": "44823f3d", "crit": critical, "b64": False}
        assert refused(resealed(sandbox(), header), trust) == ("critical", "")


def test_a_key_of_another_client_opens_nothing(trust: Trust) -> None:
    head = {"alg": "ES384", "typ": "JWT", "kid": "44823f3d"}
    body = {"iss": SANDBOX, "aud": ENDPOINT, "exp": T + 300, "iat": T, "jti": "1"}
    assert refused(signed(head, body, STRANGER), trust) == ("signature", "sandbox")
    assert refused(epic(claims={"iss": SANDBOX}), trust) == ("key-unknown", "sandbox")
    assert refused(sandbox({"kid": EPIC_KID, "jku": GONE}, {"iss": EPIC, "tenant": "north"}), trust) == (
        "key-unfit",
        "epic",
    )


def test_a_changed_claim_breaks_the_signature(trust: Trust) -> None:
    head, body, seal = sandbox().split(".")
    claims = {"iss": SANDBOX, "aud": ENDPOINT, "exp": T + 301, "iat": T, "jti": "d1b2c3"}
    assert refused(f"{head}.{part(claims)}.{seal}", trust) == ("signature", "sandbox")
    assert refused(f"{head}.{body}.{part(bytes(96))}", trust) == ("signature", "sandbox")
    assert refused(f"{head}.{body}.{seal[:-4]}", trust) == ("signature", "sandbox")
    assert verify(f"{head}.{body}.{seal}", ENDPOINT, NOW, trust).name == "sandbox"


def test_a_key_sent_along_is_not_looked_at(trust: Trust) -> None:
    head = {"alg": "ES384", "typ": "JWT", "kid": "mine", "jwk": public(STRANGER), "x5u": "https://evil.example"}
    body = {"iss": SANDBOX, "aud": ENDPOINT, "exp": T + 300, "iat": T, "jti": "1"}
    assert refused(signed(head, body, STRANGER), trust) == ("key-unknown", "sandbox")
    assert refused(signed({**head, "kid": "44823f3d"}, body, STRANGER), trust) == ("signature", "sandbox")


def test_an_unlisted_jku_is_never_opened(trust: Trust, shelf: Shelf) -> None:
    for address in ("https://evil.example/jwks", f"{JKU}/", JKU.upper(), "http://169.254.169.254/", OTHER_JKU, ""):
        shelf.sets[address] = {"keys": [public(rsa_key())]}
        assert refused(epic({"jku": address}), trust) == ("jku", "epic")
    assert refused(sandbox({"kid": "new"}), trust) == ("key-unknown", "sandbox")
    assert shelf.asked == []


def test_a_token_is_taken_once(trust: Trust, tmp_path: Path, shelf: Shelf) -> None:
    token = sandbox()
    verify(token, ENDPOINT, NOW, trust)
    assert refused(token, trust) == ("replay", "sandbox")
    restarted = Trust(CLIENTS, KeySource(shelf), Notes(tmp_path))
    assert refused(token, restarted) == ("replay", "sandbox")
    again = sandbox(claims={"aud": f"{ENDPOINT}/feedback"})
    assert refused(again, restarted, f"{ENDPOINT}/feedback") == ("replay", "sandbox")


def test_another_issuer_may_use_the_same_jti(trust: Trust) -> None:
    verify(sandbox(), ENDPOINT, NOW, trust)
    assert verify(epic(claims={"jti": "d1b2c3"}), ENDPOINT, NOW, trust).name == "epic"


def test_a_refused_token_uses_nothing_up(trust: Trust) -> None:
    head, body, _ = sandbox().split(".")
    assert refused(f"{head}.{body}.{part(bytes(96))}", trust)[0] == "signature"
    assert refused(sandbox(), trust, f"{ENDPOINT}/feedback")[0] == "audience"
    assert verify(sandbox(), ENDPOINT, NOW, trust).name == "sandbox"


def test_a_token_is_remembered_as_long_as_it_could_come_again(tmp_path: Path, shelf: Shelf) -> None:
    notes = Notes(tmp_path)
    trust = Trust(CLIENTS, KeySource(shelf), notes)
    verify(sandbox(), ENDPOINT, NOW, trust)
    assert notes.until is not None
    just_before = notes.until - timedelta(seconds=1)
    assert refused(sandbox(), trust, now=just_before) == ("replay", "sandbox")
    assert refused(sandbox(), trust, now=notes.until) == ("expired", "sandbox")


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "a.b",
        "a.b.c",
        f"{sandbox()}.",
        f".{sandbox()}",
        f"{sandbox()}=",
        f"{sandbox()} ",
        f"{sandbox()}\n",
        sandbox().replace(".", "=.", 1),
        sandbox().replace(".", "..", 1),
        sandbox().replace(".", "+.", 1),
        sandbox().replace(".", "/.", 1),
        sandbox().replace(".", "A.", 1),
        sandbox().replace(".", "é.", 1),
        resealed(sandbox(), b"null"),
        resealed(sandbox(), b"[]"),
        resealed(sandbox(), b'"ES384"'),
        resealed(sandbox(), b"{"),
        resealed(sandbox(), b"\xff\xfe"),
        resealed(sandbox(), b'\xef\xbb\xbf{"alg":"ES384"}'),
        resealed(sandbox(), b'{"alg":"ES384","typ":"JWT","kid":"44823f3d","alg":"ES384"}'),
        resealed(sandbox(), b'{"alg":"ES384","typ":"JWT","kid":"44823f3d","n":NaN}'),
        resealed(sandbox(), b'{"a":' + b"[" * 1200 + b"]" * 1200 + b"}"),
        resealed(sandbox(), {"alg": "ES384", "typ": "JWT", "kid": "k" * 2500}),
    ],
    ids=count(),  # keys are fresh in every process, so tokens are no names
)
def test_what_is_no_token(token: str, trust: Trust) -> None:
    assert refused(token, trust) == ("malformed", "")


@pytest.mark.parametrize(
    "claims",
    [
        b"",
        b"[]",
        b"1",
        b"{",
        f'{{"iss":"{SANDBOX}","iss":"{SANDBOX}"}}'.encode(),
        b'{"exp":Infinity}',
        b'{"exp":1e999}',
        b'{"iss":' + b"[" * 1200 + b"]" * 1200 + b"}",
    ],
)
def test_claims_that_cannot_be_read(claims: bytes, trust: Trust) -> None:
    token = signed({"alg": "ES384", "typ": "JWT", "kid": "44823f3d"}, claims, ec_key())
    assert refused(token, trust) == ("malformed", "")


def test_the_last_letter_of_a_signature_cannot_be_varied(trust: Trust) -> None:
    """base64 of 256 bytes ends in a letter of which four bits count: its neighbours must not pass as the same."""
    token = epic()
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    others = [token[:-1] + letter for letter in letters if letter != token[-1]]
    assert {refused(one, trust)[0] for one in others} <= {"signature", "malformed"}


def test_a_long_token_is_not_read(trust: Trust) -> None:
    assert refused(sandbox(claims={"pad": "x" * 8000}), trust) == ("too-long", "")


@given(st.text(alphabet="abcXYZ019-_.=+/ é", max_size=200) | st.text(max_size=60))
def test_no_text_is_more_than_refused(text: str) -> None:
    trust = Trust(CLIENTS, KeySource(Shelf()), Notes(Path("/nonexistent")))
    with pytest.raises(Unauthorized):
        verify(text, ENDPOINT, NOW, trust)


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(["alg", "typ", "kid", "jku", "crit", "b64", "x5c"]), JSONS, min_size=1))
def test_no_header_is_more_than_refused(header: dict[str, Any]) -> None:
    trust = Trust(CLIENTS, KeySource(Shelf()), Notes(Path("/nonexistent")))
    token = resealed(sandbox(), {"alg": "ES384", "typ": "JWT", "kid": "44823f3d", **header})
    with pytest.raises(Unauthorized):
        verify(token, ENDPOINT, NOW, trust)


@given(st.sampled_from(["iss", "aud", "exp", "iat", "nbf", "jti"]), JSONS)
def test_no_claim_is_more_than_refused_or_let_in(name: str, value: Any) -> None:
    trust = Trust(CLIENTS, KeySource(Shelf()), Notes(Path("/nonexistent")))
    try:
        verify(sandbox(claims={name: value}), ENDPOINT, NOW, trust)
    except (Unauthorized, FileNotFoundError):  # there is no folder to remember a good one in
        return
    raise AssertionError("let in without being remembered")
