"""Reading from an EHR with the token it gave us, many questions at once, and writing back, within a budget of time.

Only bases of the allow-list are asked, a next page only within its base, a redirect never (``egress``, ``wire``). The
token goes to the base it was given for and nowhere else; it, the addresses and the bodies are neither kept nor logged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import orjson

from ..errors import BadInput, TooLarge
from .decoding import decode
from .egress import AllowList, Base, NotAllowed, addresses_of, question_of
from .paging import Json, is_denial, is_outcome, is_page, is_read_of, is_response, merged, next_of
from .wire import Problem, Trouble, Watch, Wire

MOST_BYTES = 20 * 1024 * 1024
"""All pages of one question together."""
MOST_PAGES = 50
MOST_AT_ONCE = 16
_TOKEN = re.compile(r"[!-~]+")


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came of one question.

    ``problem``: ``not-allowed`` (nothing was asked, or the answer leads elsewhere: a redirect, a foreign next page),
    ``timeout``, ``refused`` (4xx, or a read that is denied by an OperationOutcome), ``failed`` (5xx, too busy,
    network, another OperationOutcome as the answer), ``unreadable`` (not JSON, or not what was asked for),
    ``too-large``, ``too-many-pages`` (also a loop). A resource beside a problem is the part of a search that came
    before it; it still holds its next link.
    """

    resource: Json | None = field(default=None, repr=False)
    problem: Problem = ""


class EhrClient:
    """Asks the FHIR servers of the allow-list. Safe to share between threads.

    ``allowed``: bases, and private networks that names may resolve to (``egress.AllowList``). ``budget``: seconds for
    one ``fetch``, everything included. ``insecure``: bases may be http outside loopback. ``authorities``: a file of
    certificates to trust instead of the usual ones. ``resolve``: host and port to IP addresses. Raises BadBase.
    """

    def __init__(
        self,
        allowed: Sequence[str],
        *,
        budget: float,
        insecure: bool = False,
        authorities: str | None = None,
        resolve: Callable[[str, int], Sequence[str]] = addresses_of,
    ) -> None:
        self._list = AllowList(allowed, insecure=insecure)
        self._budget = budget
        self._resolve = resolve
        self._wires = {(each.scheme, each.netloc): Wire(each, authorities) for each in self._list.bases}

    def fetch(
        self, base: str, token: str | None, queries: Mapping[str, str], *, budget: float | None = None
    ) -> Mapping[str, Fetched]:
        """What came of each ``Type/id`` or ``Type?search``, by the same keys. ``budget`` may shorten the client's own.

        A token of None or "" sends no Authorization.
        """
        watch = Watch(self._budget if budget is None else min(budget, self._budget))
        try:
            place = self._place(base, token)
        except Trouble as trouble:
            return dict.fromkeys(queries, Fetched(None, trouble.problem))
        if not queries:
            return {}
        pool = ThreadPoolExecutor(min(len(queries), MOST_AT_ONCE))
        try:
            return self._ask(place, _headers(place, token), queries, pool, watch)
        except Trouble as trouble:
            return dict.fromkeys(queries, Fetched(None, trouble.problem))
        finally:
            watch.end()
            pool.shutdown(wait=False, cancel_futures=True)

    def transact(self, base: str, token: str | None, bundle: Json) -> Fetched:
        """What came of a transaction Bundle sent to the base. It may arrive twice: let it hold nothing but PUTs."""
        watch = Watch(self._budget)
        try:
            place = self._place(base, token)
            headers = {**_headers(place, token), "Content-Type": "application/fhir+json"}
            line = _Line(place, self._address(place), headers, self._wires[place.scheme, place.netloc], watch)
            answer = line.post(orjson.dumps(bundle), MOST_BYTES)
        except Trouble as trouble:
            return Fetched(None, trouble.problem)
        finally:
            watch.end()
        return (
            Fetched(answer) if is_response(answer) else Fetched(None, "failed" if is_outcome(answer) else "unreadable")
        )

    def _place(self, base: str, token: str | None) -> Base:
        """The base, when it is allowed and the token can be sent. Raises Trouble."""
        try:
            place = self._list.base(base)
        except NotAllowed:
            raise Trouble("not-allowed") from None
        if token and not _TOKEN.fullmatch(token):
            raise Trouble("refused")
        return place

    def close(self) -> None:
        """Close the connections that wait for another call."""
        for wire in self._wires.values():
            wire.close()

    def _ask(
        self, base: Base, headers: dict[str, str], queries: Mapping[str, str], pool: ThreadPoolExecutor, watch: Watch
    ) -> Mapping[str, Fetched]:
        found = pool.submit(self._address, base)
        if found not in wait([found], watch.left()).done:
            raise Trouble("timeout")
        line = _Line(base, found.result(), headers, self._wires[base.scheme, base.netloc], watch)
        searches = {key: _Search(query) for key, query in queries.items()}
        wait([pool.submit(search.run, line) for search in searches.values()], watch.left())
        return {key: search.fetched() for key, search in searches.items()}

    def _address(self, base: Base) -> str:
        """The address to connect to: a slow name server must not outlast the budget either. Raises Trouble."""
        try:
            return self._list.address(base, self._resolve(base.host, base.port))
        except NotAllowed:
            raise Trouble("not-allowed") from None
        except (OSError, ValueError):
            raise Trouble("failed") from None


def _headers(base: Base, token: str | None) -> dict[str, str]:
    made = {"Accept": "application/fhir+json", "Accept-Encoding": "gzip", "Host": base.netloc}
    made["Cache-Control"] = "no-cache"  # some servers answer a search of the last minute again
    return {**made, "Authorization": f"Bearer {token}"} if token else made


@dataclass(frozen=True, slots=True)
class _Line:
    """One call's way to one EHR."""

    base: Base
    address: str
    headers: dict[str, str] = field(repr=False)
    wire: Wire
    watch: Watch

    def get(self, url: str, most: int) -> tuple[Any, int]:
        """The JSON at a URL of the base, and how many bytes it took. Raises Trouble."""
        body = self.wire.get(self.base.reached_at(self.address, url), self.headers, self.watch, most)
        return _decoded(body, most), len(body)

    def post(self, body: bytes, most: int) -> Any:
        """The JSON the base answers to a body. Raises Trouble."""
        place = self.base.reached_at(self.address, self.base.url)
        return _decoded(self.wire.post(place, self.headers, body, self.watch, most), most)


def _decoded(body: bytes, most: int) -> Any:
    try:
        return decode(body, max_bytes=most)
    except TooLarge:
        raise Trouble("too-large") from None
    except BadInput:
        raise Trouble("unreadable") from None


class _Search:
    """One question under way in one thread; what has come of it can be read from another at any time."""

    def __init__(self, query: str) -> None:
        self._query = query
        self._room = MOST_BYTES
        self._pages: list[Json] = []
        self._resource: Json | None = None
        self._problem: Problem = "timeout"

    def run(self, line: _Line) -> None:
        """Ask until all has come. The last thing written is the problem: without one the answer is whole."""
        problem: Problem = "failed"
        try:
            self._walk(line)
            problem = ""
        except NotAllowed:
            problem = "not-allowed"
        except Trouble as trouble:
            problem = trouble.problem
        finally:
            self._problem = problem

    def fetched(self) -> Fetched:
        problem, pages = self._problem, tuple(self._pages)
        return Fetched(merged(pages) if pages else self._resource, problem)

    def _walk(self, line: _Line) -> None:
        question = question_of(line.base, self._query)
        if question.id:
            is_right = partial(is_read_of, kind=question.kind, ident=question.id)
            self._resource = self._read(line, question.url, is_right, denied="refused")
            return
        url, seen = question.url, {question.url}
        for _ in range(MOST_PAGES):
            page = self._read(line, url, is_page)
            self._pages.append(page)
            following = next_of(page)
            if following is None:
                return
            url = line.base.below(following)
            if url in seen:
                break
            seen.add(url)
        raise Trouble("too-many-pages")

    def _read(self, line: _Line, url: str, is_right: Callable[[object], bool], denied: Problem = "failed") -> Json:
        document, size = line.get(url, self._room)
        self._room -= size
        if is_outcome(document):
            raise Trouble(denied if is_denial(document) else "failed")
        if not is_right(document):
            raise Trouble("unreadable")
        made: Json = document
        return made
