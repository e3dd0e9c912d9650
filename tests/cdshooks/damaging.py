"""One call, damaged in one place: in a resource it carries, in what surrounds the resources, or in its bytes."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from metamorphic import KINDS as IN_A_RECORD
from test_damage import DAMAGES, damage, places

Json = dict[str, Any]
Path = tuple[Any, ...]
HUGE = 100_000
JUNK: tuple[Any, ...] = ({"org.example": {"deep": [[[{}]]]}}, [], "x", 7, None, {"url": 7}, [{"url": []}])
OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "timeout"}]}
NOTHING_FOUND = {"resourceType": "OperationOutcome", "issue": [{"severity": "warning", "code": "not-found"}]}
STRANGERS = ("p2", "Patient/p2", "urn:uuid:d1577c69-dfbe-44ad-ba6d-3e05e953b2ea", "", None, 7, ["p1"], {"id": "p1"})


@dataclass(frozen=True, slots=True)
class Damaged:
    """What is sent instead of a call. ``body`` is its JSON when it still is JSON."""

    sent: bytes
    place: str
    media: str = "application/json"
    body: Json | None = None


def of_json(body: Json, place: str) -> Damaged:
    return Damaged(json.dumps(body).encode(), place, body=body)


# In a resource


def resources_of(body: Json) -> list[Path]:
    """Where the resources of a call stand that hold no others."""
    return [path for path in places(body) if _is_resource(at(body, path))]


def _is_resource(value: Any) -> bool:
    return isinstance(value, dict) and value.get("resourceType", "Bundle") != "Bundle"


def at(body: Any, path: Path) -> Any:
    for key in path:
        body = body[key]
    return body


def in_a_resource(kind: str) -> Callable[[Json, random.Random], Damaged | None]:
    """A damage of records, done to one of the resources of a call; half the time to one the moment is about."""

    def damaged(body: Json, chance: random.Random) -> Damaged | None:
        found = resources_of(body)
        held = [path for path in found if path[0] == "context"]
        path = chance.choice(held if held and chance.random() < 0.5 else found)
        done = IN_A_RECORD[kind]({"entry": [{"resource": at(body, path)}]}, chance)
        if done is None:
            return None
        return of_json(damage(body, path, done[0]["entry"][0]["resource"]), f"{path[0]} {done[1]}")

    return damaged


# Around the resources


def entry_changed(body: Json, chance: random.Random) -> Damaged | None:
    """An entry without its wrapper, null, or something that is no entry."""
    found = [path[:-1] for path in resources_of(body) if path[-1] == "resource"]
    if not found:
        return None
    path = chance.choice(found)
    one = at(body, path)
    forms = {
        "bare": one["resource"],
        "null": _NULL,
        "of null": {**one, "resource": None},
        "a word": "qqq",
        "empty": {},
        "a list": [one],
        "a reference": {"reference": f"{one['resource']['resourceType']}/{one['resource'].get('id')}"},
    }
    form = chance.choice(list(forms))
    return of_json(_put(body, path, forms[form]), f"{path[0]} {path[1]}: entry {form}")


_NULL = object()


def _put(body: Json, path: Path, value: Any) -> Json:
    """As ``damage``, with a null where that is meant."""
    if value is not _NULL:
        return damage(body, path, value)
    made = copy.deepcopy(body)
    at(made, path[:-1])[path[-1]] = None
    return made


def entry_dropped(body: Json, chance: random.Random) -> Damaged | None:
    found = [path for path in resources_of(body) if path[-1] == "resource" and path[0] == "prefetch"]
    if not found:
        return None
    path = chance.choice(found)
    made = damage(body, path[:-1], None)
    answer = at(made, path[:2])
    answer["total"] = len(answer["entry"])
    return of_json(made, f"{path[1]}: {at(body, path)['resourceType']} dropped")


def answer_changed(body: Json, chance: random.Random) -> Damaged:
    """One answer of the prefetch that is none, a failure, a page, or of another shape."""
    key = chance.choice(list(body["prefetch"]))
    sent = body["prefetch"][key]
    entries = sent.get("entry", []) if sent["resourceType"] == "Bundle" else [{"resource": sent}]
    page = {"relation": "next", "url": "https://ehr.example/fhir?page=2"}
    search = {"resourceType": "Bundle", "type": "searchset"}
    forms: dict[str, Any] = {
        "dropped": None,
        "null": _NULL,
        "an outcome": OUTCOME,
        "nothing found": {**search, "entry": [{"resource": NOTHING_FOUND, "search": {"mode": "outcome"}}]},
        "a failure in an entry": {**search, "entry": [*entries, {"resource": OUTCOME, "search": {"mode": "outcome"}}]},
        "a page": {**search, "link": [page], "entry": entries},
        "short": {**search, "total": len(entries) + 3, "entry": entries},
        "one resource": entries[0]["resource"] if entries else {},
        "a list": entries,
        "a word": "qqq",
        "a Bundle in a Bundle": {**search, "entry": [{"resource": sent}]},
        "of another": {**search, "link": [{"relation": "self", "url": "X?patient=p2"}], "entry": entries},
        "without entries": {**search, "entry": "qqq"},
        "a Bundle of nothing": {"resourceType": "Bundle"},
    }
    form = chance.choice(list(forms))
    return of_json(_put(body, ("prefetch", key), forms[form]), f"prefetch {key}: {form}")


def keys_swapped(body: Json, chance: random.Random) -> Damaged:
    """Two answers under each other's key."""
    one, other = chance.sample(list(body["prefetch"]), 2)
    made = copy.deepcopy(body)
    made["prefetch"][one], made["prefetch"][other] = made["prefetch"][other], made["prefetch"][one]
    return of_json(made, f"prefetch {one} and {other} swapped")


def field_changed(body: Json, chance: random.Random) -> Damaged:
    """A field of the call or of its context: gone, null, of another type, or under another name."""
    found = [(name,) for name in body] + [("context", name) for name in body["context"]]
    path = chance.choice(found)
    place = ".".join(path)
    form = chance.choice(["null", "renamed", *DAMAGES])
    if form == "renamed":
        made = damage(body, path, None)
        at(made, path[:-1])[f"x-{path[-1]}"] = at(body, path)
        return of_json(made, f"{place}: renamed")
    return of_json(_put(body, path, _NULL if form == "null" else DAMAGES[form]), f"{place}: {form}")


def patient_changed(body: Json, chance: random.Random) -> Damaged:
    """Somewhere the patient is another one."""
    found = [("context", "patientId"), ("prefetch", "patient", "id")]
    found += [path for path in places(body) if path[-1] == "reference" and path[-2] in ("subject", "patient")]
    path = chance.choice(found)
    value = chance.choice(STRANGERS)
    return of_json(_put(body, path, _NULL if value is None else value), f"{path[0]} patient at {path[-1]}: {value!r}")


def selections_changed(body: Json, chance: random.Random) -> Damaged | None:
    named = [name for name in ("selections", "dispatchedOrders") if name in body["context"]]
    if not named:
        return None
    (name,) = named
    value = chance.choice((["qqq"], ["MedicationRequest/qqq"], "qqq", [None], [{}], [[]], [7], [""], ["/"], {"a": 1}))
    return of_json(damage(body, ("context", name), value), f"context {name}: {value!r}")


def junk_added(body: Json, chance: random.Random) -> Damaged:
    """An extension, or a name nobody knows, anywhere."""
    found = [(), *(path for path in places(body) if isinstance(at(body, path), dict))]
    path, name = chance.choice(found), chance.choice(("extension", "modifierExtension", "x-unknown", "_status", ""))
    made = copy.deepcopy(body)
    at(made, path)[name] = copy.deepcopy(chance.choice(JUNK))
    return of_json(made, f"{name!r} at {_said(path)}")


def huge(body: Json, chance: random.Random) -> Damaged:
    """Too much of something in a leaf."""
    found = [path for path in places(body) if not isinstance(at(body, path), dict | list)]
    path = chance.choice(found)
    forms: dict[str, Any] = {
        "a long text": "baclofen " * (HUGE // 9),
        "a long number": int("9" * 400),
        "a tiny number": 1e-300,
        "deep": json.loads("[" * 60 + "]" * 60),
        "a text of signs": "\x00\u202e\ud800<script>|[x](javascript:1)\n# *_`",
        "spaces": " " * HUGE,
        "many": ["qqq"] * 10_000,
    }
    form = chance.choice(list(forms))
    return of_json(damage(body, path, forms[form]), f"{form} at {_said(path)}")


def authorization_added(body: Json, chance: random.Random) -> Damaged:
    token = {"access_token": "t", "token_type": "Bearer", "expires_in": 300, "scope": "user/*.rs", "subject": "s"}
    name = chance.choice([*token, "patient"])
    value = chance.choice([None, "", 7, "p2", [], {}, "qqq"])
    return of_json({**body, "fhirAuthorization": token | {name: value}}, f"fhirAuthorization.{name}: {value!r}")


def _said(path: Path) -> str:
    return ".".join(str(one) for one in path if not isinstance(one, int)) or "the call"


# In the bytes


def bytes_changed(body: Json, chance: random.Random) -> Damaged:
    """What is no JSON any more, or JSON that every reader reads in its own way."""
    text = json.dumps(body, ensure_ascii=False)
    cut, spot = chance.randrange(len(text)), chance.choice(_openings(text))
    inner = text[:spot]
    forms = {
        "cut": text[:cut],
        "twice the same name": f'{inner}"status": "draft", "status": "stopped", {text[spot:]}',
        "NaN": f'{inner}"value": NaN, {text[spot:]}',
        "Infinity": f'{inner}"value": -Infinity, {text[spot:]}',
        "1e999": f'{inner}"value": 1e999, {text[spot:]}',
        "a comment": f"{inner}/* */{text[spot:]}",
        "one more brace": f"{text}}}",
        "two calls": f"{text}\n{text}",
        "a list": f"[{text}]",
        "a byte order mark": f"\ufeff{text}",
        "nothing": "",
        "null": "null",
        "deep": "[" * HUGE,
    }
    form = chance.choice(list(forms))
    return Damaged(forms[form].encode(), form)


def encoding_changed(body: Json, chance: random.Random) -> Damaged:
    """Bytes in one charset, named as another; a media type that is not JSON."""
    text = json.dumps({**body, "extension": {"org.example": "\u00e4\u03b2"}}, ensure_ascii=False)
    coded = chance.choice(("utf-8", "utf-16", "utf-32", "cp1253", "latin-1"))
    named = ("application/json", "application/json; charset=utf-16", "application/json; charset=qqq", "text/plain", "")
    media = chance.choice((*named, "application/fhir+json", "application/xml", "qqq", "application/json; charset="))
    return Damaged(text.encode(coded, errors="replace"), f"{coded} as {media!r}", media=media)


def _openings(text: str) -> list[int]:
    return [place + 1 for place, sign in enumerate(text) if text[place : place + 2] == '{"' and sign == "{"]


CALL_DAMAGES: dict[str, Callable[[Json, random.Random], Damaged | None]] = {
    **{kind: in_a_resource(kind) for kind in ("field dropped", "field retyped", "unknown code", "other unit")},
    "entry changed": entry_changed,
    "entry dropped": entry_dropped,
    "answer changed": answer_changed,
    "keys swapped": keys_swapped,
    "field changed": field_changed,
    "patient changed": patient_changed,
    "selections changed": selections_changed,
    "junk added": junk_added,
    "huge": huge,
    "authorization added": authorization_added,
    "bytes changed": bytes_changed,
    "encoding changed": encoding_changed,
}


def orders_in(body: Json, part: str = "context") -> Iterator[Json]:
    """The resources of a part of a call, as far as they can be found."""
    for path in resources_of({part: body.get(part)}):
        one: Json = at(body, path)
        yield one
