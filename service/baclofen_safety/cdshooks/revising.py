"""A signed order that is signed anew holds from the moment on, whatever start it still carries."""

from __future__ import annotations

from datetime import UTC, datetime, time

from .shapes import Json


def revised(order: Json, held: Json, at: datetime | None) -> Json:
    """A signed order signed anew: with other dosages it begins at the moment, with the same ones when it began."""
    same = order.get("dosageInstruction") == held.get("dosageInstruction")
    return order if same else from_now(order, at)


def from_now(order: Json, at: datetime | None) -> Json:
    """The revision as written at the moment; dosages that are under way begin with it."""
    if at is None:
        return order
    made = {**order, "authoredOn": at.isoformat()}
    dosages = order.get("dosageInstruction")
    if isinstance(dosages, list):
        begun = [_dosage(each, at) for each in dosages]
        under_way = begun != dosages
        made["dosageInstruction"] = [each for each in begun if not (under_way and _is_past(each, at))]
    return made


def _bounds(dosage: object) -> Json | None:
    timing = dosage.get("timing") if isinstance(dosage, dict) else None
    repeat = timing.get("repeat") if isinstance(timing, dict) else None
    bounds = repeat.get("boundsPeriod") if isinstance(repeat, dict) else None
    return bounds if isinstance(bounds, dict) else None


def _is_past(dosage: object, at: datetime) -> bool:
    """Is it a step that is over? It was taken as the signed order says, of which it is a copy."""
    bounds = _bounds(dosage)
    end = instant_of(bounds.get("end"), at) if bounds else None
    return end is not None and end < at


def _dosage(dosage: object, at: datetime) -> object:
    """A dosage; its bounds are the only part that changes."""
    bounds = _bounds(dosage)
    if bounds is None or not isinstance(dosage, dict):
        return dosage
    start, end = instant_of(bounds.get("start"), at), instant_of(bounds.get("end"), at)
    if start is None or start >= at or (end is not None and end < at):
        return dosage
    timing = dosage["timing"]
    repeat = {**timing["repeat"], "boundsPeriod": {**bounds, "start": at.isoformat()}}
    return {**dosage, "timing": {**timing, "repeat": repeat}}


def instant_of(said: object, at: datetime) -> datetime | None:
    """A time as written; a day without an hour counts as the time of day of ``at``, none as of its zone."""
    try:
        read = datetime.fromisoformat(said) if isinstance(said, str) else None
    except ValueError:
        return None
    if read is None or read.tzinfo is not None:
        return read
    zone = at.tzinfo or UTC
    whole_day = read.time() == time() and isinstance(said, str) and "T" not in said
    return datetime.combine(read, at.timetz() if whole_day else read.time(), at.timetz().tzinfo or zone)
