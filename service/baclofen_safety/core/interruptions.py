"""Stops and holds of the oral line: it was covered, then not, and an order's status or end explains it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from .allergies import allergies_by
from .entries import Entry
from .fact import ENDED, STARTED, Evidence, Fact, Known, Need, Reason, Unknown
from .history import HISTORY
from .line import Line, add_up
from .medicines import StopReason
from .moment import Moment
from .plans import is_tapered
from .record import Record, newest
from .spans import FAR_FUTURE, TICK, Run, hours
from .stops import Ending
from .timeline import Hold, Stop

_ALLERGIC: frozenset[StopReason] = frozenset({"allergy"})


def find_stop(line: Line, others: Sequence[Entry], *, history_sent: bool) -> Fact[Stop | None]:
    """The newest current stop nothing covers within a day; ``others`` are entries outside the oral line."""
    record = line.record
    for end, index, ending in _ends(line):
        if not ending.at.within(record.days("stop-current-days"), record.as_of):
            break
        if not _covered(line, others, end):
            return Known(_write_stop(line, index, ending, history_sent))
    lost = _lost(line, others)
    if lost is None:
        return Known(None)
    about = "stopped, nobody recorded when"
    needs = (ENDED, Need("MedicationDispense", ("med-baclofen",)))
    return Unknown(Reason.PARTIAL_DATE, about, needs, (Evidence(lost.order.ref, about),))


def _ends(line: Line) -> list[tuple[datetime, int, Ending]]:
    """Ends of entries that are over and that no other order took over from, newest first."""
    found = [
        (entry.end, index, entry.ending)
        for index, entry in enumerate(line.entries)
        if entry.role == "over"
        and entry.ending is not None
        and entry.end <= line.record.as_of
        and line.settled.spans[index]
        and line.settled.spans[index][-1].end == entry.end
    ]
    return sorted(found, key=lambda row: row[:2], reverse=True)


def _covered(line: Line, others: Sequence[Entry], end: datetime) -> bool:
    """Does anything, in the line or outside, hold or start within a day after ``end``?"""
    latest = end + line.record.follow_on
    inside = (span for i, span in line.spans if line.entries[i].role != "unsure" and span.start <= latest)
    if any(span.end > end for span in inside):
        return True
    if any(entry.counts and entry.role != "unsure" and entry.start <= latest and entry.end > end for entry in others):
        return True
    return any(  # a discharge order written ahead takes over although the stay still governs
        entry.counts and entry.order.setting == "discharge" and entry.start <= latest and entry.end > end
        for entry in line.entries
    )


def _write_stop(line: Line, index: int, ending: Ending, history_sent: bool) -> Stop:
    record, end = line.record, line.entries[index].end
    earliest = end - record.follow_on
    group = [(at, i) for at, i, _ in _ends(line) if earliest <= at <= end and i not in line.settled.followed] or [
        (end, index)
    ]
    entries = [line.entries[i] for _, i in sorted(group)]
    before = min(at for at, _ in group) - TICK
    run = line.run_to(end, ordered=True)
    later = [span.start for i, span in line.spans if span.start > end and line.entries[i].role != "unsure"]
    orders = tuple(entry.order for entry in entries)
    allergies = allergies_by(record.chart, ending.at.last)
    reasons = [*(order.stop_reasons for order in orders), *(_ALLERGIC for _ in allergies)]
    return Stop(
        at=ending.at,
        certain=all(entry.ending is not None and entry.ending.certain for entry in entries),
        how=ending.how,
        dose=_sure_dose(line, before),
        orders=orders,
        reasons=frozenset().union(*reasons),
        as_planned=all(entry.ending is not None and entry.ending.as_planned for entry in entries),
        days=days_of(run),
        established=established_by(run, record, history_sent=history_sent),
        evidence=(
            *(Evidence(order.ref, _says(order.status, ending)) for order in orders),
            *(one.evidence for one in allergies),
        ),
        tapered=is_tapered(line, end),
        withdrawn=all(order.status == "cancelled" for order in orders),
        last_proof=newest(proof for proof in record.use_proofs if proof.first <= end),
        resumed=min(later, default=None),
    )


def _sure_dose(line: Line, t: datetime) -> Fact[Decimal]:
    """Daily dose at an instant without orders of unknown state, unless there are no others."""
    here = line.at(t)
    sure = [span for index, span in here if line.entries[index].role != "unsure"]
    return add_up(sure or [span for _, span in here])


def _lost(line: Line, others: Sequence[Entry]) -> Entry | None:
    """An order that is over since nobody knows when, with nothing in force now or newer than it."""
    now = line.record.as_of
    if line.at(now) or any(entry.counts and entry.start <= now < entry.end for entry in others):
        return None
    lost = [entry for entry in line.entries if entry.undated]
    known = [span.end for _, span in line.spans if span.end < FAR_FUTURE]
    return next((entry for entry in reversed(lost) if all(end <= entry.start for end in known)), None)


def find_holds(line: Line, others: Sequence[Entry], *, history_sent: bool) -> tuple[Hold, ...]:
    """Orders on hold at as_of, oldest first."""
    return tuple(
        _write_hold(line, index, others, history_sent)
        for index, entry in enumerate(line.entries)
        if entry.role == "held" and index not in line.settled.followed
    )


def _write_hold(line: Line, index: int, others: Sequence[Entry], history_sent: bool) -> Hold:
    entry, record = line.entries[index], line.record
    now = record.as_of
    since = entry.ending.at if entry.ending else None
    run = line.run_to(entry.end, ordered=True)
    own = [span for span in entry.spans if span.end == entry.end]
    bridging = line.at(now) or [e for e in others if e.counts and e.start <= now < e.end]
    certain = entry.ending is not None and entry.ending.certain
    return Hold(
        order=entry.order,
        since=since,
        certain=certain,
        elapsed_h=max(hours(now - since.first), Decimal(0)) if since else None,
        planned_h=_planned_hours(entry, since, record),
        dose=add_up(own) if own else Unknown(Reason.NOT_COMPUTABLE, "dose before the hold not known"),
        bridged=bool(bridging),
        established=established_by(run, record, history_sent=history_sent),
        reasons=entry.order.stop_reasons,
        evidence=(Evidence(entry.order.ref, f"on hold since {since}" if since else "on hold, since unknown"),),
    )


def _planned_hours(entry: Entry, since: Moment | None, record: Record) -> Decimal | None:
    """Recorded restart, else the start of a draft that lies ahead of the hold."""
    if since is None:
        return None
    resume = entry.order.resume_at
    if resume is not None:
        return hours(resume.last - since.first)
    drafts = [o.start.first for o in record.oral_orders if o.status == "draft" and o.start is not None]
    ahead = [start for start in drafts if start > since.last]
    return hours(min(ahead) - since.first) if ahead else None


def days_of(run: Run | None) -> Fact[int]:
    """Calendar days of a run, first to last; 0 without a run, unknown when its start is."""
    if run is None:
        return Known(0, how="computed")
    if not run.start_known:
        return Unknown(Reason.PARTIAL_DATE, "start of baclofen unknown", (STARTED,))
    return Known(run.last - run.first + 1, how="computed")


def established_by(run: Run | None, record: Record, *, history_sent: bool, ordered: Run | None = None) -> Fact[bool]:
    """Is a run long enough? An unknown start is assumed yes; a short run without history is unknown.

    Fills that begin long after the order (``ordered`` is its run) prove no late start, as earlier ones may be
    elsewhere: for a cut or a gap the safer reading is that what was ordered was taken.
    """
    if run is None:
        return Known(False, how="computed")
    if not run.start_known:
        return Known(True, how="assumed")
    enough = record.limits.int("established-days")
    if run.last - run.first + 1 >= enough:
        return Known(True, how="computed")
    if ordered is not None and (not ordered.start_known or ordered.last - ordered.first + 1 >= enough):
        return Known(True, how="assumed")
    if history_sent:
        return Known(False, how="computed")
    return Unknown(Reason.NOT_SENT, "medicine history before the first order not sent", HISTORY)


def _says(status: str, ending: Ending) -> str:
    if ending.as_planned:
        return f"{status}, ended as planned {ending.at}"
    words = {"exact": "", "at-the-latest": "at the latest ", "estimated": "about ", "assumed": "assumed "}
    return f"{status} {words[ending.how]}{ending.at}"
