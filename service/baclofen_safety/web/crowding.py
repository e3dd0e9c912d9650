"""How many calls the CDS Hooks door takes at once: beyond that it says so at once, and does not let them wait.

A call that waits for a free thread is late for whoever looks at the screen. Each worker process counts its own.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import BoundedSemaphore
from typing import Any

from flask import g, request

from ..errors import Unavailable


class Busy(Unavailable):
    """As many calls as there may be are in progress."""

    retry_after = 1


def keep_room(door: Any, most: int) -> Callable[[], None]:
    """What a request does first to be let in: raises Busy when ``most`` are inside. 0 lets everybody in."""
    room = BoundedSemaphore(most) if most else None

    def enter() -> None:
        if room is None or request.method != "POST":
            return
        if not room.acquire(blocking=False):
            raise Busy("too many calls at once")
        g.cds_room = room

    def leave(_: BaseException | None) -> None:
        held: BoundedSemaphore | None = g.pop("cds_room", None)
        if held is not None:
            held.release()

    door.teardown_request(leave)
    return enter
