"""A FHIR server on loopback, over a list of resources: read, search by patient, pages, a token, transactions of PUTs; a
place for faults."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

Json = dict[str, Any]
FHIR = "application/fhir+json"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as the server saw it. ``path`` begins behind the base and holds the query."""

    path: str
    headers: Mapping[str, str]
    body: Json | None = None

    @property
    def token(self) -> str | None:
        return self.headers.get("Authorization")


class Exchange(BaseHTTPRequestHandler):
    """One connection. A fault gets this object and writes what it likes."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: FhirServer

    def do_GET(self) -> None:
        path = self.path.removeprefix(self.server.path)
        self.server.asked.append(Asked(path, dict(self.headers)))
        kind = path.strip("/").partition("?")[0].partition("/")[0]
        fault = self.server.faults.get(kind)
        if fault is not None:
            fault(self)
        elif self.server.token is not None and self.headers.get("Authorization") != f"Bearer {self.server.token}":
            self.say(401, outcome("login"))
        elif not self.path.startswith(self.server.path + "/"):
            self.say(404, outcome("not-found"))
        else:
            self.say(*self.server.answer(path))

    def do_POST(self) -> None:
        sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(Asked(self.path.removeprefix(self.server.path), dict(self.headers), sent))
        fault = self.server.faults.get("transaction")
        if fault is not None:
            fault(self)
        else:
            self.say(*self.server.transact(sent))

    def say(self, status: int, document: object) -> None:
        self.send(status, json.dumps(document).encode(), {"Content-Type": FHIR})

    def send(self, status: int, body: bytes, headers: Mapping[str, str] = {}) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, code: object = "-", size: object = "-") -> None:
        """Nothing is printed."""


class FhirServer(ThreadingHTTPServer):
    """A context manager: serves while open. ``base`` is its address.

    ``token``: the one it wants (None: any). ``page``: entries per page when no ``_count`` is asked for. ``faults``:
    resource type (or ``transaction``) to what is done instead of answering. ``knows``: the search parameters it has; by
    others it refuses (None: it passes them over). ``spelling`` is put before the id it wants in ``patient=``; by
    another it finds nothing. ``versions`` can be read by their address. ``asked``, ``connections``: what reached it.
    ``closing`` is set when the test is over: a fault that waits, waits on it.
    """

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(
        self,
        resources: Iterable[Json] = (),
        *,
        token: str | None = None,
        page: int = 100,
        path: str = "/fhir",
        faults: Mapping[str, Callable[[Exchange], None]] | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        super().__init__(("127.0.0.1", 0), Exchange)
        self.resources, self.token, self.page, self.path = list(resources), token, page, path
        self.faults = dict(faults or {})
        self.knows: frozenset[str] | None = None
        self.spelling: str | None = None
        self.versions: dict[str, Json] = {}
        self.asked: list[Asked] = []
        self.connections = 0
        self.closing = threading.Event()
        self.scheme = "https" if tls else "http"
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self) -> FhirServer:
        self._thread.start()
        return self

    def __exit__(self, *args: object) -> None:
        self.closing.set()
        self.shutdown()
        self._thread.join()
        self.server_close()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def base(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}{self.path}"

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connections += 1
        super().process_request(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no error here."""

    def answer(self, path: str) -> tuple[int, Json]:
        """Status and body for ``/Type/id`` or ``/Type?search``."""
        parts = urlsplit(path)
        kind, _, ident = parts.path.strip("/").partition("/")
        if parts.path.strip("/") in self.versions:
            return 200, self.versions[parts.path.strip("/")]
        if ident:
            found = [one for one in self.resources if (one["resourceType"], one["id"]) == (kind, ident)]
            return (200, found[0]) if found else (404, outcome("not-found"))
        asked = parse_qs(parts.query)
        if self.knows is not None and not asked.keys() <= self.knows:
            return 400, outcome("not-supported")
        if self.spelling is not None and any(not one.startswith(self.spelling) for one in asked.get("patient", ())):
            return 200, self._page(kind, asked, [])
        return 200, self._page(kind, asked, [one for one in self.resources if matches(one, kind, asked)])

    def transact(self, sent: Json) -> tuple[int, Json]:
        """Put every entry of a transaction under its id, all or none: a reference that leads nowhere is refused."""
        put = {entry["request"]["url"]: entry["resource"] for entry in sent["entry"]}
        held = {f"{one['resourceType']}/{one['id']}": one for one in self.resources}
        if not set(references(list(put.values()))) <= held.keys() | put.keys():
            return 400, outcome("processing")
        self.resources = list((held | put).values())
        done = [{"response": {"status": "200 OK" if url in held else "201 Created"}} for url in put]
        return 200, {"resourceType": "Bundle", "type": "transaction-response", "entry": done}

    def _page(self, kind: str, asked: Mapping[str, list[str]], found: list[Json]) -> Json:
        start, most = (int(asked.get(name, [str(usual)])[0]) for name, usual in (("_offset", 0), ("_count", self.page)))
        url = f"{self.base}/{kind}"
        links = [{"relation": "self", "url": f"{url}?{urlencode(asked, doseq=True)}"}]
        if start + most < len(found):
            following = {**asked, "_offset": [str(start + most)], "_count": [str(most)]}
            links.append({"relation": "next", "url": f"{url}?{urlencode(following, doseq=True)}"})
        return bundle(found[start : start + most], links=links, total=len(found))


def matches(resource: Json, kind: str, asked: Mapping[str, list[str]]) -> bool:
    """Does a search by ``patient``, ``subject``, ``_id`` and ``category`` find it? Other parameters narrow nothing."""
    whose = [resource.get(name, {}).get("reference") for name in ("subject", "patient")]
    whose += [one.get("actor", {}).get("reference") for one in resource.get("participant", ())]
    patients = {f"Patient/{each.removeprefix('Patient/')}" for each in asked.get("patient", ())}
    patients.update(asked.get("subject", ()))
    codings = [coding for each in resource.get("category", ()) for coding in each.get("coding", ())]
    return (
        resource["resourceType"] == kind
        and (not patients or bool(patients & set(whose)))
        and resource["id"] in ",".join(asked.get("_id", [resource["id"]])).split(",")
        and ("identifier" not in asked or any(one in asked["identifier"] for one in tokens(resource)))
        and ("category" not in asked or any(each.get("code") in asked["category"] for each in codings))
    )


def tokens(resource: Json) -> list[str]:
    """The business identifiers of a resource as a search writes them."""
    return [f"{one['system']}|{one['value']}" for one in resource.get("identifier", ())]


def references(value: Any) -> Iterator[str]:
    """Every reference to another resource below a value."""
    if isinstance(value, list):
        for each in value:
            yield from references(each)
    elif isinstance(value, dict):
        if isinstance(value.get("reference"), str) and not value["reference"].startswith(("#", "http")):
            yield value["reference"]
        for each in value.values():
            yield from references(each)


def bundle(resources: Iterable[Json], *, links: list[Json], total: int) -> Json:
    entries = [{"resource": one, "search": {"mode": "match"}} for one in resources]
    return {"resourceType": "Bundle", "type": "searchset", "total": total, "link": links, "entry": entries}


def outcome(code: str, severity: str = "error") -> Json:
    return {"resourceType": "OperationOutcome", "issue": [{"severity": severity, "code": code}]}
