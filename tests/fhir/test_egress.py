"""Where we go, and where we do not: addresses at the guard, and at a server that counts who comes."""

from __future__ import annotations

import datetime
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from baclofen_safety.fhir.client import EhrClient, Fetched
from baclofen_safety.fhir.egress import AllowList, BadBase, NotAllowed, base_of, question_of
from fhir_server import FhirServer, bundle

TOKEN = "token-1"
PATIENT = {"resourceType": "Patient", "id": "p1"}
NAMED = "https://ehr.example.org/fhir"

FORMS = [
    # elsewhere on the same host
    "http://127.0.0.1:{port}",
    "http://127.0.0.1:{port}/",
    "http://127.0.0.1:{port}/fhir-evil",
    "http://127.0.0.1:{port}/fhirevil/Patient/p1",
    "http://127.0.0.1:{port}/FHIR",
    "http://127.0.0.1:{port}/admin",
    "http://127.0.0.1:{port}/fhir.evil/Patient/p1",
    "http://127.0.0.1:{port}/fhir;x=1/Patient/p1",
    "http://127.0.0.1:{port}//fhir/Patient/p1",
    "http://127.0.0.1:{port}/fhir//Patient/p1",
    "http://127.0.0.1:{port}/x/fhir/Patient/p1",
    # dots, plain, encoded and encoded twice
    "http://127.0.0.1:{port}/fhir/../admin",
    "http://127.0.0.1:{port}/fhir/..",
    "http://127.0.0.1:{port}/fhir/./../admin",
    "http://127.0.0.1:{port}/fhir/.../admin",
    "http://127.0.0.1:{port}/fhir/..;/admin",
    "http://127.0.0.1:{port}/fhir/%2e%2e/admin",
    "http://127.0.0.1:{port}/fhir/%2E%2E%2Fadmin",
    "http://127.0.0.1:{port}/fhir/.%2e/admin",
    "http://127.0.0.1:{port}/fhir/%252e%252e/admin",
    "http://127.0.0.1:{port}/fhir/..%2fadmin",
    "http://127.0.0.1:{port}/fhir/..%5cadmin",
    "http://127.0.0.1:{port}/fhir/..\\admin",
    "http://127.0.0.1:{port}/fhir%2fPatient/p1",
    "http://127.0.0.1:{port}/%66hir/Patient/p1",
    "http://127.0.0.1:{port}/fhir/%00/Patient",
    # userinfo and what looks like it
    "http://user@127.0.0.1:{port}/fhir/Patient/p1",
    "http://user:secret@127.0.0.1:{port}/fhir/Patient/p1",
    "http://@127.0.0.1:{port}/fhir/Patient/p1",
    "http://127.0.0.1:{port}@evil.example/fhir/Patient/p1",
    "http://ehr.example.org@127.0.0.1:{port}/fhir/Patient/p1",
    "http://127.0.0.1:{port}\\@evil.example/fhir",
    "http://127.0.0.1:{port}%40evil.example/fhir",
    # backslashes, fragments, white space, control characters
    "http:\\\\127.0.0.1:{port}\\fhir",
    "http:/\\127.0.0.1:{port}/fhir",
    "http://127.0.0.1:{port}\\fhir\\Patient",
    "http://127.0.0.1:{port}/fhir/Patient/p1#x",
    "http://evil.example#@127.0.0.1:{port}/fhir/Patient/p1",
    " http://127.0.0.1:{port}/fhir/Patient/p1",
    "http://127.0.0.1:{port}/fhir/Patient/p1 ",
    "http://127.0.0.1:{port}/fhir/Patient/p1\n",
    "http://127.0.0.1:{port}/fhir\r\nX-Evil: 1",
    "http://127.0.0.1\t:{port}/fhir/Patient/p1",
    "ht\ntp://127.0.0.1:{port}/fhir/Patient/p1",
    "http://127.0.0.1:{port}/fhir\x00/Patient/p1",
    # the same machine by another spelling
    "http://localhost:{port}/fhir/Patient/p1",
    "http://localhost.:{port}/fhir/Patient/p1",
    "http://127.0.0.1.:{port}/fhir/Patient/p1",
    "http://127.1:{port}/fhir/Patient/p1",
    "http://127.0.1:{port}/fhir/Patient/p1",
    "http://2130706433:{port}/fhir/Patient/p1",
    "http://0x7f000001:{port}/fhir/Patient/p1",
    "http://0x7f.0.0.1:{port}/fhir/Patient/p1",
    "http://0177.0.0.1:{port}/fhir/Patient/p1",
    "http://017700000001:{port}/fhir/Patient/p1",
    "http://127.000.000.001:{port}/fhir/Patient/p1",
    "http://127.0.0.2:{port}/fhir/Patient/p1",
    "http://0.0.0.0:{port}/fhir/Patient/p1",
    "http://0:{port}/fhir/Patient/p1",
    "http://[::1]:{port}/fhir/Patient/p1",
    "http://[::]:{port}/fhir/Patient/p1",
    "http://[::ffff:127.0.0.1]:{port}/fhir/Patient/p1",
    "http://[::ffff:7f00:1]:{port}/fhir/Patient/p1",
    "http://[::1%25lo]:{port}/fhir/Patient/p1",
    "http://[0:0:0:0:0:0:0:1]:{port}/fhir/Patient/p1",
    "http://127.0.0.1.evil.example:{port}/fhir/Patient/p1",
    "http://①②⑦.⓪.⓪.①:{port}/fhir/Patient/p1",
    "http://127。0。0。1:{port}/fhir/Patient/p1",
    "http://１２７.0.0.1:{port}/fhir/Patient/p1",
    "http://localhoſt:{port}/fhir/Patient/p1",
    "http://%31%32%37.0.0.1:{port}/fhir/Patient/p1",
    "http://127.0.0.1\u00ad:{port}/fhir/Patient/p1",
    # another port
    "http://127.0.0.1/fhir/Patient/p1",
    "http://127.0.0.1:/fhir/Patient/p1",
    "http://127.0.0.1:0{port}/fhir/Patient/p1",
    "http://127.0.0.1:+{port}/fhir/Patient/p1",
    "http://127.0.0.1:{port}:80/fhir/Patient/p1",
    "http://127.0.0.1:99999/fhir/Patient/p1",
    # another scheme, or none
    "https://127.0.0.1:{port}/fhir/Patient/p1",
    "ftp://127.0.0.1:{port}/fhir/Patient/p1",
    "file:///fhir/Patient/p1",
    "gopher://127.0.0.1:{port}/fhir/Patient/p1",
    "data:application/fhir+json,{{}}",
    "javascript:alert(1)",
    "unix://%2Fvar%2Frun%2Fdocker.sock/fhir",
    "http:127.0.0.1:{port}/fhir/Patient/p1",
    "http:///127.0.0.1:{port}/fhir/Patient/p1",
    "//127.0.0.1:1/fhir/Patient/p1",
    "///fhir-evil",
    "//[x/fhir/Patient/p1",
    "url:http://127.0.0.1:{port}/fhir/Patient/p1",
    # metadata services
    "http://169.254.169.254/latest/meta-data/",
    "http://metadata.google.internal/computeMetadata/v1/",
    "http://[fd00:ec2::254]/latest/meta-data/",
    "http://100.100.100.200/latest/meta-data/",
    "",
    "http://",
    "http://127.0.0.1:{port}/fhir" + "/a" * 3000,
]
"""Every form would lead to the counting server, or off it, if some reading of addresses let it through."""


@pytest.fixture(scope="module")
def server() -> Iterator[FhirServer]:
    with FhirServer([PATIENT]) as one:
        yield one


@pytest.fixture
def ehr(server: FhirServer) -> Iterator[EhrClient]:
    server.asked.clear()
    server.connections = 0
    client = EhrClient([server.base], budget=4.0, resolve=lambda host, port: ("127.0.0.1",))
    yield client
    client.close()


def test_there_are_enough_forms() -> None:
    assert len(set(FORMS)) == len(FORMS) >= 60


@pytest.mark.parametrize("form", FORMS)
def test_a_base_off_the_list_opens_no_connection(ehr: EhrClient, server: FhirServer, form: str) -> None:
    said = ehr.fetch(form.format(port=server.port), TOKEN, {"one": "Patient/p1", "two": "Condition?patient=p1"})
    assert said == {"one": Fetched(None, "not-allowed"), "two": Fetched(None, "not-allowed")}
    assert (server.connections, server.asked) == (0, [])


@pytest.mark.parametrize("form", FORMS)
def test_a_question_off_the_base_is_not_asked(ehr: EhrClient, server: FhirServer, form: str) -> None:
    assert ehr.fetch(server.base, TOKEN, {"one": form.format(port=server.port)})["one"].problem == "not-allowed"
    assert (server.connections, server.asked) == (0, [])


@pytest.mark.parametrize("form", FORMS)
def test_a_next_page_off_the_base_is_not_asked_for(ehr: EhrClient, server: FhirServer, form: str) -> None:
    link = {"relation": "next", "url": form.format(port=server.port)}
    server.faults["Condition"] = lambda one: one.say(200, bundle([PATIENT], links=[link], total=1))
    fetched = ehr.fetch(server.base, TOKEN, {"one": "Condition?patient=p1"})["one"]
    assert (fetched.problem, len(server.asked)) == ("not-allowed", 1)
    assert fetched.resource is not None
    assert link in fetched.resource["link"]


@pytest.mark.parametrize(
    "query",
    [
        "Patient",
        "Patient/p1?x=1",
        "Patient?",
        "patient/p1",
        "metadata",
        "$export",
        "Patient/$everything",
        "Patient/p1/_x",
        "Patient/p1/_history",
        "Patient/..",
        "Patient/a%2fb",
        "../fhir-evil/Patient/p1",
        "?patient=p1",
        "_history?x=1",
    ],
)
def test_only_reads_and_searches_are_asked(ehr: EhrClient, server: FhirServer, query: str) -> None:
    said = ehr.fetch(server.base, TOKEN, {"one": query})["one"]
    assert (said, server.asked) == (Fetched(None, "not-allowed"), [])


@pytest.mark.parametrize(
    ("entry", "url"),
    [
        (NAMED, "https://ehr.example.org/fhir"),
        (NAMED, "https://ehr.example.org/fhir/"),
        (NAMED, "HTTPS://EHR.Example.ORG/fhir"),
        (NAMED, "https://ehr.example.org:443/fhir"),
        (NAMED + "/", "https://ehr.example.org/fhir"),
        (NAMED, "https://ehr.example.org/fhir/tenant-7"),
        ("https://ehr.example.org:443/fhir", NAMED),
        ("https://ehr.example.org:8443/fhir", "https://ehr.example.org:8443/fhir"),
        ("https://ehr.example.org", "https://ehr.example.org/any/where"),
        ("https://xn--hr-xka.example/r4", "https://xn--hr-xka.example/r4"),
        ("https://10.1.2.3/fhir", "https://10.1.2.3/fhir"),
        ("http://localhost:8080/fhir", "http://localhost:8080/fhir"),
        ("http://[::1]:8080/fhir", "http://[0:0:0:0:0:0:0:1]:8080/fhir"),
    ],
)
def test_the_same_base_is_known_by_any_spelling(entry: str, url: str) -> None:
    assert AllowList([entry]).base(url).scheme in url.lower()


@pytest.mark.parametrize(
    "url",
    [
        "http://ehr.example.org/fhir",
        "https://ehr.example.org./fhir",
        "https://ehr.example.org/FHIR",
        "https://ehr.example.org:80/fhir",
        "https://ehr.example.org.evil.example/fhir",
        "https://ehr.example.org",
        "https://ehr.example.org/fhi",
        "https://evil.example/fhir",
        "https://ehr.example.org/fhir?x=1",
        "https://ehr.exam\u0440le.org/fhir",
        "https://ehr\u3002example.org/fhir",
        "https://ehr_.example.org/fhir",
        "https://-ehr.example.org/fhir",
        "https://ehr..example.org/fhir",
        f"https://{'a' * 64}.example.org/fhir",
    ],
)
def test_another_base_is_not(url: str) -> None:
    with pytest.raises(NotAllowed):
        AllowList([NAMED]).base(url)


@pytest.mark.parametrize(
    "entry",
    [
        "http://ehr.example.org/fhir",
        "ftp://ehr.example.org",
        "https://user@ehr.example.org",
        "ehr.example.org/fhir",
        "https://ehr.example.org/fhir?x",
        "https://ehr.example.org/../x",
        "https://169.254.169.254/x",
        "0.0.0.0/0",
        "",
        "https://0.0.0.0/fhir",
        "https://[ff02::1]/fhir",
        "::/0",
        "10.1.2.3/8",
        "https://ehr.example.org/a b",
    ],
)
def test_an_entry_that_cannot_be_meant_is_refused(entry: str) -> None:
    with pytest.raises(BadBase):
        AllowList([entry])


def test_http_off_loopback_needs_a_word() -> None:
    assert AllowList(["http://fhir:8080/fhir"], insecure=True).base("http://fhir:8080/fhir").netloc == "fhir:8080"


INWARD = [
    *("127.0.0.1", "127.8.9.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
    *("168.63.129.16", "192.0.0.192", "100.100.100.200", "224.0.0.1", "240.0.0.1", "255.255.255.255", "198.18.0.1"),
    *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "fec0::1", "::127.0.0.1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a00:1::"),
    *("2001:0:4136:e378:8000:63bf:80ff:fffe", "2001:db8::1"),
]


@pytest.mark.parametrize("address", INWARD)
def test_a_name_that_leads_inward_is_not_followed(address: str) -> None:
    allowed = AllowList([NAMED])
    for found in ((address,), ("93.184.216.34", address)):
        with pytest.raises(NotAllowed):
            allowed.address(base_of(NAMED), found)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "64:ff9b::5db8:d822"])
def test_a_name_that_leads_outward_is(address: str) -> None:
    assert AllowList([NAMED]).address(base_of(NAMED), (address, "93.184.216.35")) == address


def test_a_name_without_address_leads_nowhere() -> None:
    with pytest.raises(NotAllowed):
        AllowList([NAMED]).address(base_of(NAMED), ())


@pytest.mark.parametrize(
    ("address", "reached"),
    [
        ("10.20.3.4", True),
        ("::ffff:10.20.3.4", True),
        ("10.21.0.1", False),
        ("127.0.0.1", False),
        ("fd12::1", True),
        ("fd00:ec2::254", False),
        ("100.100.100.200", False),
    ],
)
def test_a_network_of_the_house_is_reached_when_it_is_listed(address: str, reached: bool) -> None:
    allowed = AllowList([NAMED, "10.20.0.0/16", "fc00::/7", "100.64.0.0/10"])
    if reached:
        assert allowed.address(base_of(NAMED), [address]) == address
    else:
        with pytest.raises(NotAllowed):
            allowed.address(base_of(NAMED), [address])


@pytest.mark.parametrize(
    ("entry", "address", "reached"),
    [
        ("https://10.1.2.3/fhir", "10.1.2.3", True),
        ("https://10.1.2.3/fhir", "10.1.2.4", False),
        ("http://localhost/fhir", "127.0.0.1", True),
        ("http://localhost/fhir", "::1", True),
        ("http://localhost/fhir", "93.184.216.34", False),
    ],
)
def test_an_address_that_was_typed_leads_there_only(entry: str, address: str, reached: bool) -> None:
    allowed = AllowList([entry])
    if reached:
        assert allowed.address(base_of(entry), [address]) == address
    else:
        with pytest.raises(NotAllowed):
            allowed.address(base_of(entry), [address])


def test_a_name_is_resolved_once_and_kept_for_all_pages(server: FhirServer) -> None:
    """A second look at the name would lead inward (rebinding)."""
    server.asked.clear()
    looks: list[str] = []

    def changing(host: str, port: int) -> tuple[str, ...]:
        looks.append(host)
        return ("127.0.0.1" if len(looks) == 1 else "169.254.169.254",)

    base = f"http://ehr.example.org:{server.port}/fhir"
    server.faults.pop("Condition", None)
    client = EhrClient([base, "127.0.0.0/8"], budget=4.0, insecure=True, resolve=changing)
    answers = client.fetch(base, TOKEN, {"one": "Patient/p1", "two": "Condition?patient=p1"})
    assert [each.problem for each in answers.values()] == ["", ""]
    assert looks == ["ehr.example.org"]
    assert {asked.headers["Host"] for asked in server.asked} == {f"ehr.example.org:{server.port}"}
    assert client.fetch(base, TOKEN, {"one": "Patient/p1"}) == {"one": Fetched(None, "not-allowed")}
    client.close()


def test_a_name_that_leads_inward_opens_no_connection(ehr: EhrClient, server: FhirServer) -> None:
    base = f"http://ehr.example.org:{server.port}/fhir"
    client = EhrClient([base], budget=4.0, insecure=True, resolve=lambda host, port: ("127.0.0.1",))
    assert client.fetch(base, TOKEN, {"one": "Patient/p1"}) == {"one": Fetched(None, "not-allowed")}
    assert server.connections == 0


def certified(folder: Path, name: str) -> tuple[Path, ssl.SSLContext]:
    """A certificate for one name, signed by itself, and a server's side of TLS that shows it."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    day = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(who, who, key.public_key(), x509.random_serial_number())
        .not_valid_before(day - datetime.timedelta(days=1))
        .not_valid_after(day + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    (folder / "cert.pem").write_bytes(made.public_bytes(pem))
    (folder / "key.pem").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return folder / "cert.pem", context


@pytest.mark.parametrize(
    ("named", "trusted", "problem"),
    [("ehr.example.org", True, ""), ("other.example.org", True, "failed"), ("ehr.example.org", False, "failed")],
)
def test_the_certificate_is_held_against_the_name(tmp_path: Path, named: str, trusted: bool, problem: str) -> None:
    certificate, tls = certified(tmp_path, named)
    shown: list[str | None] = []
    tls.sni_callback = lambda connection, name, context: shown.append(name)
    with FhirServer([PATIENT], token=TOKEN, tls=tls) as server:
        base = f"https://ehr.example.org:{server.port}/fhir"
        authorities = str(certificate) if trusted else None
        client = EhrClient(
            [base, "127.0.0.0/8"], budget=4.0, authorities=authorities, resolve=lambda host, port: ("127.0.0.1",)
        )
        for _ in range(2):
            assert client.fetch(base, TOKEN, {"one": "Patient/p1"})["one"].problem == problem
        client.close()
        assert set(shown) == {"ehr.example.org"}
        assert len(server.asked) == (0 if problem else 2)
        assert server.connections == (2 if problem else 1)


def test_a_question_says_what_is_asked() -> None:
    base = base_of(NAMED)
    search = question_of(base, "Observation?patient=p1&category=a|b&_sort=-date")
    assert (search.url, search.kind, search.id) == (
        f"{NAMED}/Observation?patient=p1&category=a|b&_sort=-date",
        "Observation",
        None,
    )
    assert question_of(base, f"{NAMED}/Patient/p1").id == "p1"
    assert question_of(base, f"Patient/{'e' * 90}").id == "e" * 90
