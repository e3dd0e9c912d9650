"""The clients file: what it may say, and that every mistake stops the start and is named."""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path

import pytest

from baclofen_safety.cdshooks.clients import Client, Clients, ClientsError, SmartApp, is_loopback, load_clients
from cdshooks.signing import EPIC, EPIC_KID, SANDBOX, ec_key, public, rsa_key

EC = public(ec_key())
RSA = public(rsa_key())


def inline(*keys: dict[str, object]) -> str:
    """Keys as TOML inline tables."""
    rows = (", ".join(f"{name} = {json.dumps(value)}" for name, value in key.items()) for key in keys)
    return "[" + ", ".join("{" + row + "}" for row in rows) + "]"


def load(folder: Path, text: str) -> Clients:
    path = folder / "clients.toml"
    path.write_text(text, "utf-8")
    return load_clients(path)


FULL = f"""
[[client]]
name = "sandbox"
profile = "sandbox"
issuer = "{SANDBOX}"
keys = "sandbox.jwks.json"
origins = ["http://localhost:3000", "https://sandbox.cds-hooks.org"]

[[client]]
name = "epic"
profile = "epic"
issuer = "{EPIC}"
keys = {inline(RSA)}
jku = ["https://ehr.hospital.example/jwks.json"]
tenants = ["north"]
audiences = ["baclofen"]
algorithms = ["RS384", "RS256"]
max_age = 600
servers = ["https://ehr.hospital.example/fhir/", "http://127.0.0.1:9000/fhir"]
networks = ["10.20.0.0/16", "fd12::/48"]
origins = ["https://ehr.hospital.example"]
smart_app = {{ url = "https://app.example.org/launch?x=1", label = "Taper planner" }}

[[client]]
name = "here"
profile = "sandbox"
origins = ["http://localhost:4000"]
insecure = true
servers = ["http://fhir:8080/fhir"]
"""


def test_without_a_file_there_is_only_the_local_client() -> None:
    clients = load_clients(None)
    assert clients == Clients((), Client("local"))
    assert clients.origins == frozenset()
    assert clients.of_issuer("") is None


def test_everything_a_file_may_say(tmp_path: Path) -> None:
    (tmp_path / "sandbox.jwks.json").write_text(json.dumps({"keys": [EC]}), "utf-8")
    clients = load(tmp_path, FULL)
    assert [one.name for one in clients.listed] == ["sandbox", "epic"]
    sandbox = clients.of_issuer(SANDBOX)
    assert sandbox is not None
    assert (sandbox.keys, sandbox.algorithms, sandbox.max_age) == ((EC,), ("ES384", "RS384"), 900)
    assert clients.of_issuer(EPIC) == Client(
        name="epic",
        profile="epic",
        servers=("https://ehr.hospital.example/fhir", "http://127.0.0.1:9000/fhir"),
        origins=frozenset({"https://ehr.hospital.example"}),
        issuer=EPIC,
        keys=(RSA,),
        jku=("https://ehr.hospital.example/jwks.json",),
        tenants=frozenset({"north"}),
        audiences=frozenset({"baclofen"}),
        algorithms=("RS384", "RS256"),
        max_age=600,
        smart_app=SmartApp("https://app.example.org/launch?x=1", "Taper planner"),
        networks=("10.20.0.0/16", "fd12::/48"),
    )
    assert RSA["kid"] == EPIC_KID
    assert clients.local == Client(
        "here", "sandbox", ("http://fhir:8080/fhir",), frozenset({"http://localhost:4000"}), insecure=True
    )
    assert clients.origins == {
        "http://localhost:3000",
        "https://sandbox.cds-hooks.org",
        "https://ehr.hospital.example",
        "http://localhost:4000",
    }
    assert clients.of_issuer(EPIC.upper()) is None


def test_a_client_without_keys_by_hand_needs_the_address_of_its_keys(tmp_path: Path) -> None:
    clients = load(tmp_path, '[[client]]\nname = "a"\nissuer = "i"\njku = ["https://a.example/jwks"]\n')
    assert clients.listed[0].jku == ("https://a.example/jwks",)


HEAD = '[[client]]\nname = "a"\nissuer = "i"\n'
KEYED = f"{HEAD}keys = {inline(EC)}\n"


@pytest.mark.parametrize(
    ("text", "client", "key"),
    [
        ("[[client]\n", "", ""),
        ("", "", "client"),
        ("client = 1\n", "", "client"),
        ("client = [1]\n", "", "client"),
        (f"other = 1\n{KEYED}", "", "client"),
        ('[[client]]\nissuer = "i"\n', "client 1", "name"),
        ('[[client]]\nname = " a "\n', " a ", "name"),
        (f"{KEYED}issuers = []\n", "a", "issuers"),
        (f"{KEYED}Profile = 'epic'\n", "a", "Profile"),
        (f"{KEYED}profile = 'cerner'\n", "a", "profile"),
        (f"{KEYED}profile = ['epic']\n", "a", "profile"),
        (HEAD, "a", "keys"),
        (f"{HEAD}keys = []\n", "a", "keys"),
        (f"{HEAD}keys = 1\n", "a", "keys"),
        (f"{HEAD}keys = 'absent.json'\n", "a", "keys"),
        (f"{HEAD}keys = 'clients.toml'\n", "a", "keys"),
        (f"{HEAD}keys = ['x']\n", "a", "keys"),
        (f"{HEAD}keys = {inline(EC, EC)}\n", "a", "keys"),
        (f"{HEAD}keys = {inline({**EC, 'kid': ''})}\n", "a", "keys"),
        (f"{HEAD}keys = {inline({**EC, 'use': 'enc'})}\n", "a", "keys"),
        (f"{HEAD}keys = {inline({**EC, 'key_ops': ['sign']})}\n", "a", "keys"),
        (f"{HEAD}keys = {inline({**EC, 'key_ops': 1})}\n", "a", "keys"),
        (f"{HEAD}keys = {inline({**EC, 'd': 'AAAA'})}\n", "a", "keys"),
        (f"{HEAD}keys = {inline({**EC, 'y': EC['x']})}\n", "a", "keys"),
        (f"{HEAD}keys = {inline({**EC, 'alg': 'ES256'})}\n", "a", "keys"),
        (f"{HEAD}keys = {inline({**RSA, 'alg': 'RS256'})}\n", "a", "keys"),
        (f"{HEAD}keys = {inline({**RSA, 'kty': 'oct', 'k': 'AAAA'})}\n", "a", "keys"),
        (f"{HEAD}keys = {inline({'kty': 'oct', 'kid': '1'})}\n", "a", "keys"),
        (f"{HEAD}keys = {inline(public(ec_key('p', 'P-256')))}\n", "a", "keys"),
        (f"{HEAD}keys = {inline({**RSA, 'n': RSA['n'][:171]})}\n", "a", "keys"),
        (f"{KEYED}issuer = ''\n".replace('issuer = "i"\n', ""), "a", "issuer"),
        (f"{KEYED}".replace('issuer = "i"\n', ""), "a", "keys"),
        ("[[client]]\nname = 'a'\nmax_age = 9\n", "a", "max_age"),
        (f"{KEYED}jku = ['http://ehr.example/jwks']\n", "a", "jku"),
        (f"{KEYED}jku = 'https://ehr.example/jwks'\n", "a", "jku"),
        (f"{KEYED}jku = ['https://me@ehr.example/jwks']\n", "a", "jku"),
        (f"{KEYED}jku = ['file:///etc/passwd']\n", "a", "jku"),
        (f"{KEYED}jku = ['https://ehr.example/*']\n", "a", "jku"),
        (f"{KEYED}servers = ['http://ehr.example/fhir']\n", "a", "servers"),
        (f"{KEYED}servers = ['https://ehr.example/fhir?x=1']\n", "a", "servers"),
        (f"{KEYED}servers = ['https://ehr.example/fhir#x']\n", "a", "servers"),
        (f"{KEYED}servers = ['https://[ehr/fhir']\n", "a", "servers"),
        (f"{KEYED}servers = ['https://ehr.example:x/fhir']\n", "a", "servers"),
        (f"{KEYED}servers = [1]\n", "a", "servers"),
        (f"{KEYED}servers = ['10.20.0.0/16']\n", "a", "servers"),
        (f"{KEYED}jku = ['10.20.0.0/16']\n", "a", "jku"),
        (f"{KEYED}jku = ['https://EHR.example:443/jwks/']\n", "a", "jku"),
        (f"{KEYED}servers = ['https:///fhir']\n", "a", "servers"),
        (f"{KEYED}insecure = true\njku = ['http://ehr.example/jwks']\n", "a", "jku"),
        (f"{KEYED}insecure = true\nservers = ['ftp://ehr.example/fhir']\n", "a", "servers"),
        (f"{KEYED}insecure = false\nservers = ['http://ehr.example/fhir']\n", "a", "servers"),
        (f"{KEYED}insecure = 'yes'\n", "a", "insecure"),
        (f"{KEYED}insecure = 0\n", "a", "insecure"),
        (f"{KEYED}insecure = 1\n", "a", "insecure"),
        (f"{KEYED}networks = ['0.0.0.0/0']\n", "a", "networks"),
        (f"{KEYED}networks = ['8.8.8.0/24']\n", "a", "networks"),
        (f"{KEYED}networks = ['10.20.0.1/16']\n", "a", "networks"),
        (f"{KEYED}networks = ['https://ehr.example']\n", "a", "networks"),
        (f"{KEYED}origins = ['*']\n", "a", "origins"),
        (f"{KEYED}origins = ['https://ehr.example/']\n", "a", "origins"),
        (f"{KEYED}origins = ['https://EHR.example']\n", "a", "origins"),
        (f"{KEYED}origins = ['null']\n", "a", "origins"),
        (f"{KEYED}tenants = ['']\n", "a", "tenants"),
        (f"{KEYED}audiences = 'x'\n", "a", "audiences"),
        (f"{KEYED}algorithms = ['none']\n", "a", "algorithms"),
        (f"{KEYED}algorithms = ['ES384', 'HS384']\n", "a", "algorithms"),
        (f"{KEYED}max_age = 0\n", "a", "max_age"),
        (f"{KEYED}max_age = true\n", "a", "max_age"),
        (f"{KEYED}max_age = 86401\n", "a", "max_age"),
        (f"{KEYED}max_age = '900'\n", "a", "max_age"),
        (f"{KEYED}smart_app = 'https://app.example'\n", "a", "smart_app"),
        (f"{KEYED}smart_app = {{ url = 'https://app.example' }}\n", "a", "smart_app"),
        (f"{KEYED}smart_app = {{ url = 'javascript:x', label = 'y' }}\n", "a", "smart_app"),
        (f"{KEYED}smart_app = {{ url = 'https://app.example', label = '' }}\n", "a", "smart_app"),
        (KEYED + KEYED.replace('"i"', '"j"'), "a", "name"),
        (KEYED + KEYED.replace('"a"', '"b"'), "b", "issuer"),
        ("[[client]]\nname = 'a'\n[[client]]\nname = 'b'\n", "b", "issuer"),
    ],
    ids=count(),  # keys are fresh in every process, so they make no names
)
def test_refuses(tmp_path: Path, text: str, client: str, key: str) -> None:
    with pytest.raises(ClientsError) as caught:
        load(tmp_path, text)
    assert (caught.value.client, caught.value.key) == (client, key)
    assert str(caught.value).startswith(str(tmp_path / "clients.toml"))
    assert all(one in str(caught.value) for one in (client, key))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ClientsError, match=r"absent\.toml"):
        load_clients(tmp_path / "absent.toml")


def test_an_error_never_repeats_a_key(tmp_path: Path) -> None:
    secret = ec_key().as_dict(private=True)["d"]
    with pytest.raises(ClientsError, match="private parts") as caught:
        load(tmp_path, f"{HEAD}keys = {inline({**EC, 'd': secret})}\n")
    assert str(secret) not in str(caught.value)
    assert str(EC["x"]) not in repr(load(tmp_path, KEYED).listed[0])


@pytest.mark.parametrize(
    ("host", "ours"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("localhost", True),
        ("::ffff:10.0.0.1", False),
        ("10.0.0.1", False),
        ("0.0.0.0", False),
        ("localhost.example.org", False),
        ("", False),
        (None, False),
    ],
)
def test_loopback(host: str | None, ours: bool) -> None:
    assert is_loopback(host) is ours
