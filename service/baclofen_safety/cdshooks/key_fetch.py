"""Fetching key sets: from the addresses of the clients file, guarded like every other address that is opened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait

from ..errors import BadInput
from ..fhir.decoding import decode
from ..fhir.egress import AllowList, NotAllowed, addresses_of
from ..fhir.wire import Trouble, Watch, Wire
from .clients import Clients

BUDGET = 2.0
"""Seconds for one key set, name look-up included. It is asked for once in ten minutes."""
MOST_BYTES = 1024 * 1024
_HEADERS = {"Accept": "application/json", "Accept-Encoding": "gzip"}


class KeyFetch:
    """What ``KeySource`` asks. Opens nothing but a listed ``jku``, where its client's networks let it lie."""

    def __init__(
        self, clients: Clients, *, budget: float = BUDGET, resolve: Callable[[str, int], Sequence[str]] = addresses_of
    ) -> None:
        self._lists = {url: AllowList([url, *one.networks]) for one in clients.listed for url in one.jku}
        self._budget = budget
        self._resolve = resolve

    def __call__(self, url: str) -> object:
        """The JSON at the address; None when it is not listed, or what is there cannot be had or read in time."""
        allowed = self._lists.get(url)
        if allowed is None:
            return None
        watch = Watch(self._budget)
        pool = ThreadPoolExecutor(1)
        try:
            asked = pool.submit(self._get, url, allowed, watch)
            return asked.result() if asked in wait([asked], watch.left()).done else None
        finally:
            watch.end()
            pool.shutdown(wait=False, cancel_futures=True)

    def _get(self, url: str, allowed: AllowList, watch: Watch) -> object:
        try:
            base = allowed.base(url)
            address = allowed.address(base, self._resolve(base.host, base.port))
            wire = Wire(base)
            try:
                body = wire.get(
                    base.reached_at(address, base.url), {**_HEADERS, "Host": base.netloc}, watch, MOST_BYTES
                )
            finally:
                wire.close()
            return decode(body, max_bytes=MOST_BYTES)
        except (NotAllowed, Trouble, BadInput, OSError, ValueError):
            return None
