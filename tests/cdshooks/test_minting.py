"""Test tokens: what is minted is let in, and a fresh key can be listed as it is printed."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from baclofen_safety.cdshooks.clients import Client, Clients, load_clients
from baclofen_safety.cdshooks.jwks import BadKey, fits
from baclofen_safety.cdshooks.key_source import KeySource
from baclofen_safety.cdshooks.minting import Wish, mint
from baclofen_safety.cdshooks.tokens import Trust, verify
from baclofen_safety.cli import cli
from baclofen_safety.clock import utc_now
from cdshooks.signing import Notes, Shelf, ec_key, public, rsa_key

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ENDPOINT = "https://safety.example.org/cds-services"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["token", *arguments])


def test_a_fresh_key_printed_listed_and_used(tmp_path: Path) -> None:
    key = tmp_path / "key.json"
    made = run("--new-key", str(key))
    assert made.exit_code == 0
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert json.loads(key.read_text("utf-8"))["d"] not in made.output
    listed = tmp_path / "clients.toml"
    listed.write_text(f'[[client]]\nname = "a"\nissuer = "i"\ntenants = ["t"]\n{made.output}', "utf-8")
    clients = load_clients(listed)
    assert fits(clients.listed[0].keys[0], "ES384")
    minted = run("--issuer", "i", "--audience", ENDPOINT, "--key", str(key), "--tenant", "t", "--minutes", "15")
    trust = Trust(clients, KeySource(Shelf()), Notes(tmp_path))
    assert verify(minted.output.strip(), ENDPOINT, utc_now(), trust).name == "a"


def test_each_token_has_an_id_of_its_own(tmp_path: Path) -> None:
    run("--new-key", str(tmp_path / "key.json"))
    tokens = {run("--issuer", "i", "--audience", "a", "--key", str(tmp_path / "key.json")).output for _ in range(3)}
    assert len(tokens) == 3


def test_a_key_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    key = tmp_path / "key.json"
    key.write_text("mine", "utf-8")
    assert run("--new-key", str(key)).exit_code == 2
    assert key.read_text("utf-8") == "mine"


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    key = tmp_path / "key.json"
    key.write_text("{}", "utf-8")
    assert "--issuer, --audience and --key expected" in run("--issuer", "i").output
    answer = run("--issuer", "i", "--audience", "a", "--key", str(key))
    assert (answer.exit_code, "a private EC or RSA key" in answer.output) == (2, True)


@pytest.mark.parametrize("key", [ec_key("e"), rsa_key("r"), ec_key("p", "P-256")], ids=["EC", "RSA", "P-256"])
@pytest.mark.parametrize("pem", [True, False], ids=["PEM", "JWK"])
def test_every_kind_of_key(key: object, pem: bool, tmp_path: Path) -> None:
    one = next(each for each in (ec_key("e"), rsa_key("r"), ec_key("p", "P-256")) if each is key)
    text = one.as_pem(private=True) if pem else json.dumps(one.as_dict(private=True)).encode()
    client = Client("a", issuer="i", keys=(public(one),), algorithms=("ES384", "RS384", "ES256"))
    trust = Trust(Clients((client,)), KeySource(Shelf()), Notes(tmp_path))
    token = mint(text, Wish("i", ENDPOINT, "1", kid=one.kid), NOW)
    assert verify(token, ENDPOINT, NOW + timedelta(minutes=5), trust) == client


def test_a_key_without_a_name_needs_one() -> None:
    with pytest.raises(BadKey, match="no kid"):
        mint(ec_key().as_pem(private=True), Wish("i", "a", "1"), NOW)


@pytest.mark.parametrize("text", [b"", b"{", b'{"kty":"oct","k":"AAAA"}', ec_key().as_pem(private=False), b"\xff"])
def test_what_is_no_private_key(text: bytes) -> None:
    with pytest.raises(BadKey):
        mint(text, Wish("i", "a", "1", kid="1"), NOW)
