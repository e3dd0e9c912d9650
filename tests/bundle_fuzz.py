"""``python tests/bundle_fuzz.py [HOW_MANY] [SEED]``: Bundles made by Hypothesis, sent through the FHIR door.

Most begin as the Bundle of a case, in any version of FHIR; up to four things are done to it. The others are made up
from the names that are read and any JSON. Whatever is sent: no 5xx, every error an OperationOutcome that says where,
and no answer "success" without a word when what fired was damaged or a resource could not be read.
"""

from __future__ import annotations

import copy
import gc
import json
import logging
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import Any

import structlog
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

import turning_dstu2
import turning_r5
import turning_stu3
from baclofen_safety.app import create_app
from baclofen_safety.assessor import Assessor, load_assessor
from baclofen_safety.config import Settings
from baclofen_safety.fhir.readers import READERS
from baclofen_safety.fhir.resource_types import KNOWN_TYPES
from baclofen_safety.fhir.versions import FhirVersion
from builders import make_bundle
from cases import AS_OF, every_case
from doors import of_kind
from metamorphic import UNITS
from outcomes import wrong_outcome
from test_damage import DAMAGES, damage, is_another_answer, is_the_order, places
from turning import Turning

Json = dict[str, Any]
Draw = Callable[[st.SearchStrategy[Any]], Any]
OPERATION = "/fhir/$assess-medication-safety"
CHUNK = 1_000
"""Examples of one run of Hypothesis: it keeps a tree of all it has tried."""


@dataclass(slots=True)
class Made:
    """What is sent. ``base``: what it began as; ``hurt``: it was damaged, and nothing else was changed; ``blind``: a
    medicine that cannot be read was put in; ``did``: what was done, for the report."""

    body: Any
    base: Base | None = None
    query: dict[str, str] = field(default_factory=dict)
    hurt: bool = False
    blind: bool = False
    did: list[str] = field(default_factory=list)


ODD = (
    *(
        "",
        " ",
        "\x00",
        "qqq",
        "Baclofen",
        "BACLOFEN 10 MG",
        "💊",
        "٣ mg",
        "-",
        "null",
        "<b>&",
        "a" * 300,
        "\ud7ff",
        "\u202e",
    ),
    *("2026", "2026-02-30", "0000-00-00", "9999-12-31T23:59:59Z", "0001-01-01", "2026-11-20T12:00:00", "-44"),
    *("Patient/", "#", "#x", "Patient/p1/_history/1", "urn:uuid:x", "urn:oid:1", "http://[", "../..", "Patient?x=1"),
    *("1e400", "NaN", "-0", "1/0", "mg", "ug/h", "10-20 mg", "active", "stopped", "entered-in-error"),
)
NUMBERS = (0, -1, 1, 7, 10**6, 10**18, -(10**18), 0.1, 1e-300, 1e300, -0.0)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(NUMBERS),
    st.integers(-(10**6), 10**6),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(ODD),
    st.text(max_size=12),
)
NAMES = st.sampled_from(
    (
        *("resourceType", "id", "meta", "status", "code", "coding", "system", "display", "text", "subject", "patient"),
        *("reference", "identifier", "value", "unit", "valueQuantity", "valueCodeableConcept", "valueString", "period"),
        *(
            "effectiveDateTime",
            "effectivePeriod",
            "start",
            "end",
            "authoredOn",
            "medicationCodeableConcept",
            "contained",
        ),
        *("medicationReference", "medication", "dosageInstruction", "dosage", "doseAndRate", "doseQuantity", "timing"),
        *("repeat", "frequency", "periodUnit", "boundsPeriod", "extension", "url", "entry", "resource", "link", "qqq"),
    )
)
ANYTHING = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=8
)
TYPES = st.sampled_from((*READERS, "Patient", "Medication", "Bundle", "OperationOutcome", "Basic", "Qqq", ""))
BACLOFEN = {"medicationCodeableConcept": {"text": "Baclofen 10 mg tablet"}}
BLIND = ([{"qqq": "qqq"}], "qqq", 7, {"coding": "qqq"}, {"coding": [{"system": "urn:nobody:knows", "code": "qqq"}]})
"""Medicines that may be anything, baclofen too."""


CASES = tuple(case for _, case in every_case())
SHAPES = {FhirVersion.R5: turning_r5, FhirVersion.STU3: turning_stu3, FhirVersion.DSTU2: turning_dstu2}
VERSIONS = (FhirVersion.R4, FhirVersion.R4, FhirVersion.R4, FhirVersion.R5, FhirVersion.STU3, FhirVersion.DSTU2)
Base = tuple[int, FhirVersion, bool]
"""A case by its place, the version it is sent in, and whether it may be tagged as a complete record."""


@cache
def bundle_of(base: Base) -> Json:
    """The Bundle of a case in the shapes of a version."""
    at, version, tagged = base
    bundle = {key: value for key, value in make_bundle(CASES[at]).items() if tagged or key != "meta"}
    shape = SHAPES.get(version)
    return bundle if shape is None else Turning(shape.MAKERS, shape.TYPES).bundle(bundle)


def _hurt(draw: Draw, made: Made) -> None:
    """One place dropped, retyped, or in words nobody knows."""
    kind = draw(st.sampled_from(("drop", "retype", "code", "unit")))
    name = {"code": "coding", "unit": "unit"}.get(kind)
    found = [("entry", *path) for path in places(made.body["entry"]) if len(path) > 2 and name in (None, path[-1])]
    if not found:
        return
    path = draw(st.sampled_from(found))
    value: Any = None
    if kind == "retype":
        value = DAMAGES[draw(st.sampled_from([one for one in DAMAGES if one != "dropped"]))]
        if is_another_answer(made.body, path, value):
            return
    elif kind != "drop":
        value = draw(st.sampled_from(UNITS)) if kind == "unit" else [{"system": "urn:nobody:knows", "code": "qqq"}]
    if value is None and is_the_order(made.body, path):
        return
    if made.base and made.base[2] and kind == "drop" and any(str(step).startswith("reason") for step in path):
        made.hurt = False  # in a complete record a reason that is not there is none
    made.body = damage(made.body, path, value)
    holder: Any = made.body
    for key in path[:-1]:
        holder = holder[key]
    if kind in ("code", "unit"):
        holder.pop("text" if kind == "code" else "code", None)
    made.did.append(f"{kind} {'.'.join(map(str, path[1:]))}")


def _change(draw: Draw, made: Made) -> None:
    """Any value in any place: it may be right, so silence may be, too."""
    found = list(places(made.body))
    if found:
        path = draw(st.sampled_from(found))
        value = draw(ANYTHING)
        made.body = damage(made.body, path, value) if value is not None else made.body
        made.hurt = False
        made.did.append(f"change {'.'.join(map(str, path))}")


def _more(draw: Draw, made: Made) -> None:
    """A resource made up beside the others, in the front or at the end."""
    if isinstance(made.body.get("entry"), list):
        entry = {"resource": draw(resources())} if draw(st.booleans()) else draw(ANYTHING)
        made.body["entry"] = [*made.body["entry"], entry] if draw(st.booleans()) else [entry, *made.body["entry"]]
        made.hurt = False
        made.did.append("more")


def _blind(draw: Draw, made: Made) -> None:
    """A running order whose medicine cannot be read: it may be baclofen."""
    if isinstance(made.body.get("entry"), list):
        order = {"resourceType": "MedicationRequest", "id": "blind", "status": "active", "intent": "order"}
        order |= {"subject": {"reference": "Patient/p1"}, "medicationCodeableConcept": draw(st.sampled_from(BLIND))}
        made.body["entry"] = [*made.body["entry"], {"resource": order}]
        made.blind = True
        made.did.append("blind")


def _shuffle(draw: Draw, made: Made) -> None:
    if isinstance(made.body.get("entry"), list):
        made.body["entry"] = draw(st.permutations(made.body["entry"]))
        made.did.append("shuffle")


def _nest(draw: Draw, made: Made) -> None:
    made.body = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": made.body}]}
    made.did.append("nest")


def _wrap(draw: Draw, made: Made) -> None:
    """The Bundle in Parameters, with other inputs beside it."""
    rows = [{"name": "content", "resource": made.body}]
    if draw(st.booleans()):
        rows.append(
            {
                "name": draw(st.sampled_from(("subject", "asOf", "mode", "qqq"))),
                "valueString": draw(st.sampled_from(ODD)),
            }
        )
    made.body = {"resourceType": "Parameters", "parameter": rows}
    made.hurt = made.hurt and len(rows) == 1
    made.did.append("wrap")


def _ask(draw: Draw, made: Made) -> None:
    """An input in the address."""
    name = draw(st.sampled_from(("asOf", "mode", "subject", "language", "trace", "_format", "_pretty", "qqq")))
    good = {"mode": "test", "language": "es", "trace": "true", "_pretty": "true", "subject": "Patient/p1"}
    made.query[name] = good[name] if name in good and draw(st.booleans()) else draw(st.sampled_from(ODD))
    made.hurt = made.hurt and name in ("trace", "_pretty")
    made.did.append(f"ask {name}")


EARLY = (_hurt, _hurt, _hurt, _change, _more, _blind, _shuffle)
LATE = (_nest, _wrap, _ask)


@st.composite
def resources(draw: Draw) -> Json:
    """A resource of a type that is read, with elements of any kind."""
    made = draw(st.dictionaries(NAMES, ANYTHING, max_size=6))
    made |= {"resourceType": draw(TYPES)} | (copy.deepcopy(BACLOFEN) if draw(st.booleans()) else {})
    return made | ({"subject": {"reference": "Patient/p1"}} if draw(st.booleans()) else {})


@st.composite
def bundles(draw: Draw) -> Made:
    """What is sent."""
    if draw(st.integers(0, 9)) == 0:
        entries = draw(st.lists(resources().map(lambda one: {"resource": one}) | ANYTHING, max_size=4))
        made = Made({"resourceType": "Bundle", "type": "collection", "entry": entries}, did=["made up"])
    else:
        base = draw(st.integers(0, len(CASES) - 1)), draw(st.sampled_from(VERSIONS)), draw(st.booleans())
        made = Made(copy.deepcopy(bundle_of(base)), base, hurt=True)
        for _ in range(draw(st.integers(0, 3))):
            draw(st.sampled_from(EARLY))(draw, made)
            if not is_bundle(made.body):
                break
    if draw(st.integers(0, 3)) == 0:
        draw(st.sampled_from(LATE))(draw, made)
    return made


def is_bundle(body: Any) -> bool:
    """Has it entries that things can be done to?"""
    entries = body.get("entry") if isinstance(body, dict) else None
    return isinstance(entries, list) and all(
        isinstance(one, dict) and is_resource(one.get("resource")) for one in entries
    )


def is_resource(value: Any) -> bool:
    return (
        isinstance(value, dict) and isinstance(value.get("resourceType"), str) and value["resourceType"] in KNOWN_TYPES
    )


def unreadable(body: Any) -> bool:
    """Does an entry hold something that is no resource?"""
    if not isinstance(body, dict):
        return True
    held = [body, *(row.get("resource") for row in body.get("parameter", ()))]
    for one in held:
        entries = one.get("entry") if isinstance(one, dict) else None
        for entry in entries if isinstance(entries, list) else ():
            resource = entry.get("resource") if isinstance(entry, dict) else entry
            if resource is not None and not is_resource(resource):
                return True
            if isinstance(resource, dict) and resource["resourceType"] == "Bundle" and unreadable(resource):
                return True
    return False


class Judge:
    """Sends what was made through the door, counts answers and says what is wrong with them."""

    def __init__(self, assessor: Assessor) -> None:
        quick = replace(assessor, settings=Settings())
        self.client = create_app(quick, clock=lambda: datetime.fromisoformat(AS_OF)).test_client()
        self.counted: Counter[str] = Counter()
        self._fired: dict[Base, bool] = {}

    def wrong(self, made: Made) -> str:
        """What is wrong with the answer; "" when nothing is."""
        answer = self._send(made)
        self.counted[f"status {answer.status_code}"] += 1
        if not answer.content_type.startswith("application/fhir+json") or answer.status_code >= 500:
            return f"{answer.status_code} {answer.content_type}"
        told = answer.get_json()
        if answer.status_code != 200:
            return wrong_outcome(told)
        verdicts = of_kind(told, "GuidanceResponse")
        if len(verdicts) != 1:
            return f"{len(verdicts)} verdicts"
        self.counted[verdicts[0]["status"]] += 1
        self.counted["with what fired damaged"] += self.was_hurt(made)
        self.counted["with an order nobody can read"] += made.blind
        return self._silence(made, told) if verdicts[0]["status"] == "success" else ""

    def _silence(self, made: Made, told: Json) -> str:
        issues = [one for outcome in of_kind(told, "OperationOutcome") for one in outcome["issue"]]
        if unreadable(made.body) and not issues:
            return "success, and no word of a resource that cannot be read"
        if made.blind and "subject" not in made.query and patient_of(made.body) == "p1":
            return "success beside an order of a medicine that cannot be read"
        if of_kind(told, "DetectedIssue"):
            return ""
        return "success without a finding, when what fired was damaged" if self.was_hurt(made) else ""

    def was_hurt(self, made: Made) -> bool:
        """Was something that fired damaged, and nothing changed that would make silence right?"""
        return made.hurt and bool(made.did) and made.base is not None and self.fires(made.base)

    def fires(self, base: Base) -> bool:
        """Is something found before anything is done to it?"""
        if base not in self._fired:
            answer = self._send(Made(bundle_of(base), base))
            self._fired[base] = answer.status_code == 200 and bool(of_kind(answer.get_json(), "DetectedIssue"))
        return self._fired[base]

    def _send(self, made: Made) -> Any:
        as_of = {"asOf": CASES[made.base[0]].as_of.isoformat()} if made.base else {}
        sent = json.dumps(made.body)
        query = {name: value.encode(errors="replace").decode() for name, value in (as_of | made.query).items()}
        return self.client.post(OPERATION, data=sent, query_string=query, content_type="application/fhir+json")


def patient_of(body: Any) -> Any:
    """The id of the only Patient of a Bundle; None when there is none, or another."""
    entries = body.get("entry") if isinstance(body, dict) else None
    held = [entry.get("resource") for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
    ids = [one.get("id") for one in held if isinstance(one, dict) and one.get("resourceType") == "Patient"]
    return ids[0] if len(ids) == 1 else None


def run(how_many: int, first: int, judge: Judge) -> list[str]:
    """Send so many, in runs of Hypothesis with a seed each; what was wrong."""
    wrong: list[str] = []

    def look(made: Made) -> None:
        said = judge.wrong(made)
        if said:
            case = f"{CASES[made.base[0]].name} ({made.base[1]})" if made.base else "made up"
            wrong.append(f"{said}  [{case}] {'; '.join(made.did)} {made.query or ''} seed {number}")

    for number in range(first, first + -(-how_many // CHUNK)):
        size = min(CHUNK, how_many - (number - first) * CHUNK)
        held = settings(
            max_examples=size,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        held(seed(number)(given(bundles())(look)))()
        sys.stdout.write(
            f"seed {number}: {sum(n for k, n in judge.counted.items() if k[:6] == 'status')} sent, {len(wrong)} wrong\n"
        )
        sys.stdout.flush()
    return wrong


def main(arguments: list[str]) -> int:
    how_many, first = (int(one) for one in (*arguments, *("50000", "20261121")[len(arguments) :]))
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    judge = Judge(load_assessor(Settings()))
    gc.freeze()  # nobody need look at the knowledge again
    wrong = run(how_many, first, judge)
    sys.stdout.writelines(f"wrong  {one}\n" for one in wrong)
    counted = ", ".join(f"{name} {count}" for name, count in sorted(judge.counted.items()))
    sys.stdout.write(f"{how_many} Bundles, seeds from {first}: {counted}; {len(wrong)} wrong\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
