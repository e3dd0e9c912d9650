"""One request to an address that was judged before (``egress``), against a deadline that holds in spite of the server.

requests' adapter is used without its Session: no cookies, no netrc, no proxy of the environment, no redirects, nothing
shared between patients but the connections. The connection goes to the resolved address, with the name in Host header,
SNI and certificate check.

A time-out of a socket starts anew with every byte. So the clock is looked at between chunks, and when the budget ends
the sockets still in use are shut down: a server that sends one byte at a time, in headers or body, holds no thread.
"""

from __future__ import annotations

import logging
import socket
from contextlib import suppress
from contextvars import ContextVar
from threading import get_ident
from time import monotonic
from typing import Any, Literal

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, ProtocolError

from .egress import Base

CHUNK = 64 * 1024
SILENT = logging.CRITICAL + 1
"""urllib3 logs addresses, and they hold patient ids."""
MOST_CONNECTIONS = 32
"""Connections to one EHR that are kept for the next call."""

_BUSY = frozenset({408, 425, 429})
"""Statuses below 500 of a server that is to be asked again: too slow a line, too early, too many questions."""

Problem = Literal["", "not-allowed", "timeout", "refused", "failed", "unreadable", "too-large", "too-many-pages"]


class Trouble(Exception):
    """Why there is no answer. Carries no address, no header and no body."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


class Watch:
    """The deadline of one call, and the sockets to shut down when it has come."""

    def __init__(self, seconds: float) -> None:
        self._deadline = monotonic() + seconds
        self._sockets: dict[int, socket.socket] = {}
        self._ended = False

    def left(self) -> float:
        return max(0.0, self._deadline - monotonic())

    def enter(self, sock: socket.socket) -> None:
        """This thread now reads from this socket."""
        self._sockets[get_ident()] = sock
        if self._ended:
            self.end()

    def leave(self) -> None:
        """This thread has its answer; the socket may serve another call."""
        self._sockets.pop(get_ident(), None)

    def end(self) -> None:
        self._ended = True
        for sock in tuple(self._sockets.values()):
            with suppress(OSError):
                socket.socket.shutdown(sock, socket.SHUT_RDWR)  # below TLS, whose state belongs to the other thread


_WATCH: ContextVar[Watch] = ContextVar("watch")


class Wire:
    """The connections to one EHR. Safe to share between threads. ``authorities``: a file of certificates to trust."""

    def __init__(self, base: Base, authorities: str | None = None) -> None:
        self._adapter = _Adapter(base)
        self._verify = authorities or True
        logging.getLogger("urllib3").setLevel(SILENT)

    def get(self, url: str, headers: dict[str, str], watch: Watch, most: int) -> bytes:
        """The body of a 200, decompressed, of at most ``most`` bytes. Raises Trouble.

        A connection that breaks before the answer begins, as one does that the server closed while it waited, is
        tried again once.
        """
        return self._exchange(requests.Request("GET", url, headers=headers), watch, most)

    def post(self, url: str, headers: dict[str, str], body: bytes, watch: Watch, most: int) -> bytes:
        """The same for a body that may arrive twice and do no more than once. Raises Trouble."""
        return self._exchange(requests.Request("POST", url, headers=headers, data=body), watch, most)

    def _exchange(self, asked: requests.Request, watch: Watch, most: int) -> bytes:
        request = asked.prepare()
        _WATCH.set(watch)
        try:
            try:
                response = self._send(request, watch)
            except requests.ConnectionError as error:
                if not error.args or not isinstance(error.args[0], ProtocolError):
                    raise
                response = self._send(request, watch)
            with response:
                return _body(response, watch, most)
        except requests.exceptions.ContentDecodingError:
            raise Trouble("unreadable") from None
        except requests.Timeout:
            raise Trouble("timeout") from None
        except (OSError, HTTPError, ValueError):
            raise Trouble("failed" if watch.left() else "timeout") from None
        finally:
            watch.leave()

    def _send(self, request: requests.PreparedRequest, watch: Watch) -> requests.Response:
        left = watch.left()
        if not left:
            raise Trouble("timeout")
        return self._adapter.send(request, stream=True, timeout=left, verify=self._verify)

    def close(self) -> None:
        """Close the connections that wait for another call."""
        self._adapter.close()


def _body(response: requests.Response, watch: Watch, most: int) -> bytes:
    if response.status_code != requests.codes.ok:
        raise Trouble(_refusal(response.status_code))
    body = bytearray()
    for chunk in response.iter_content(CHUNK):
        body += chunk
        if len(body) > most:
            raise Trouble("too-large")
        if not watch.left():
            raise Trouble("timeout")
    return bytes(body)


def _refusal(status: int) -> Problem:
    if status < 300:
        return "unreadable"
    if status < 400:
        return "not-allowed"
    return "refused" if status < 500 and status not in _BUSY else "failed"


class _Watched(HTTPConnection):
    """A connection that tells the watch of its thread which socket it uses."""

    def connect(self) -> None:
        super().connect()
        self._tell()

    def request(self, *args: Any, **named: Any) -> None:
        self._tell()
        super().request(*args, **named)

    def _tell(self) -> None:
        if self.sock is not None:
            _WATCH.get().enter(self.sock)


class _WatchedTls(_Watched, HTTPSConnection):
    """The same, encrypted."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Watched


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedTls


class _Adapter(HTTPAdapter):
    """Connects to the address in the URL, and holds the certificate against the base's host."""

    def __init__(self, base: Base) -> None:
        self._name = {"server_hostname": base.host, "assert_hostname": base.host} if base.scheme == "https" else {}
        super().__init__(pool_maxsize=MOST_CONNECTIONS)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **named: Any) -> None:
        super().init_poolmanager(connections, maxsize, block=block, **named, **self._name)
