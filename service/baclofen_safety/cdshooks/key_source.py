"""Where the key of a token comes from: the clients file, or an address that file lists. No other address is opened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from ..errors import Unauthorized
from .clients import Client
from .jwks import Json, usable_keys

Fetch = Callable[[str], object]
"""The JSON at an address, or None when it could not be had; never follows a redirect."""
FRESH = timedelta(minutes=10)
"""How long fetched keys are used without asking again."""
USABLE = timedelta(hours=1)
"""How long they are used while their address does not answer: a check that is refused is a warning not given."""
PAUSE = timedelta(seconds=30)
"""The least time between two questions to one address, whatever callers send: an unknown ``kid`` costs one."""


@dataclass(slots=True)
class _Shelf:
    """The keys of one address; the only thing here that changes, and only while its lock is held."""

    lock: Lock = field(default_factory=Lock)
    keys: tuple[Json, ...] = ()
    fetched: datetime | None = None
    asked: datetime | None = None

    def key(self, kid: str, now: datetime, age: timedelta) -> Json | None:
        if self.fetched is None or now - self.fetched >= age:
            return None
        return _named(self.keys, kid)


class KeySource:
    """Keys by client and ``kid``, shared by the threads of one process."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._shelves: dict[str, _Shelf] = {}

    def find(self, client: Client, kid: str, jku: str | None, now: datetime) -> Json | None:
        """The client's key of that name, to the letter; None when it has none or it cannot be had.

        ``jku`` is what the token says: Unauthorized when it is not on the client's list. A client whose keys stand in
        the file and who has no list is never asked for more, so its ``jku`` is not looked at.
        """
        if jku is not None and client.jku and jku not in client.jku:
            raise Unauthorized("jku", client.name)
        if key := _named(client.keys, kid):
            return key
        addresses = client.jku if jku is None or not client.jku else (jku,)
        return next((key for url in addresses if (key := self._look(url, kid, now))), None)

    def _look(self, url: str, kid: str, now: datetime) -> Json | None:
        shelf = self._shelves.setdefault(url, _Shelf())
        if key := shelf.key(kid, now, FRESH):
            return key
        with shelf.lock:
            if shelf.asked is None or now - shelf.asked >= PAUSE:
                shelf.asked = now
                if keys := usable_keys(self._fetch(url)):
                    shelf.keys, shelf.fetched = keys, now
            return shelf.key(kid, now, USABLE)


def _named(keys: tuple[Json, ...], kid: str) -> Json | None:
    return next((key for key in keys if key["kid"] == kid), None)
