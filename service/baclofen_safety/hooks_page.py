"""The parts of ``docs/integration.md`` that say what the CDS Hooks door says: services, queries, codes, real calls;
and the errors of every door.

A part stands between ``<!-- name -->`` and ``<!-- end -->``. The calls are those that tests hold under
``tests/cdshooks/golden``, with long lists cut ("…").
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

from .cdshooks.client_profiles import abilities_of
from .cdshooks.clients import Profile
from .cdshooks.services import Service, load_services
from .cdshooks.wording import override_reasons, phrase
from .core.knowledge import Rulebook
from .errors_page import errors_table

Json = dict[str, Any]
PAIRS = Path(__file__).resolve().parents[2] / "tests" / "cdshooks" / "golden"
CUT = "…"
WIDTH = 160
ANY = dict.fromkeys(("drug", "target", "from", "to", "n", "all"), CUT)
EPIC_HOOKS = ("patient-view", "order-select", "order-sign")
DRAFTED, SIGNED, ANYWHERE = ("draft",), ("running", "ending"), ()
"""What becomes of the resources of a moment at which a suggestion may be made (``holds``); none = at every hook."""

OFFERED: tuple[tuple[tuple[str, ...], str, tuple[str, ...], str], ...] = (
    (
        ("remove", "remove_rise", "remove_either"),
        "delete MedicationRequest",
        DRAFTED,
        "the draft must not be started, stands beside a baclofen order or a pump that goes on, is one of two, "
        "alters a dose in a way that is not advised, or is a first order too high that cannot be lowered; never where "
        "it would leave somebody who takes baclofen without",
    ),
    (("cancel",), "delete MedicationRequest", DRAFTED, "the draft is of another medicine, and the danger is the two"),
    (
        ("lower",),
        "update MedicationRequest",
        DRAFTED,
        "an adult's draft by mouth is above the ceiling found: the order as it was sent with another dosage; never "
        "below what is taken already",
    ),
    (("withdraw",), "delete MedicationRequest", DRAFTED, "the order is new, and nothing of it was handed out or given"),
    (
        ("withdraw",),
        "update MedicationRequest",
        SIGNED,
        "the same of a signed order that came in the context: its `status` becomes `cancelled`",
    ),
    (
        ("taper", "taper_whole"),
        "create MedicationRequest",
        ANYWHERE,
        "baclofen is to be stepped down: a draft for each step, one draft with all of them for the sandbox",
    ),
    (
        ("taper",),
        "delete MedicationRequest",
        DRAFTED,
        "with the drafts of the steps: they take the place of an unsigned order",
    ),
    (
        ("taper",),
        "update MedicationRequest",
        DRAFTED,
        "with the drafts of the steps: a running order that was sent with another dose stays as it was until the first",
    ),
    (
        ("creatinine",),
        "create ServiceRequest",
        ANYWHERE,
        "a kidney test is missing, overdue or in doubt, and laboratory results came in full; the only one that is "
        "`isRecommended`",
    ),
    (("record", "record_all"), "create DetectedIssue", ANYWHERE, "on every card with findings: they are filed"),
)
"""What cards may offer: phrases of its label, the action, where, and when. A test holds it against the calls."""

_PART = re.compile(r"<!-- (?P<name>[a-z]+)(?: (?P<of>[\w-]+))? -->\n.*?<!-- end -->", re.DOTALL)


def hooks_parts(page: str, book: Rulebook) -> str:
    """The page with every part written anew. An unknown part is a KeyError."""
    services = load_services()

    def anew(found: re.Match[str]) -> str:
        lines = PARTS[found["name"]](services, book, found["of"] or "")
        head = found[0].split("\n", 1)[0]
        return "\n".join([head, "", *lines, "", "<!-- end -->"])

    return _PART.sub(anew, page)


def _services(services: Mapping[str, Service], book: Rulebook, _: str) -> Iterator[str]:
    yield "| Hook | Service | What it does | 412 without |"
    yield "|---|---|---|---|"
    for one in services.values():
        needed = ", ".join(f"`{key}`" for key in one.required) or "nothing"
        yield f"| {one.hook} | `{one.id}` | {one.description} | {needed} |"


def _prefetch(services: Mapping[str, Service], book: Rulebook, _: str) -> Iterator[str]:
    yield "| Key | Query | Wanted by |"
    yield "|---|---|---|"
    templates = {key: query for one in services.values() for key, query in one.prefetch.items()}
    for key, query in templates.items():
        asking = [one for one in services.values() if key in one.prefetch]
        wanting = [one.hook for one in asking if key not in one.optional]
        optional = [one.hook for one in asking if key in one.optional]
        said = ["every hook" if len(wanting) == len(services) else ", ".join(wanting)] * bool(wanting)
        said += [f"if you can: {', '.join(optional)}"] * bool(optional)
        yield f"| `{key}` | `{query}` | {'; '.join(said)} |"


def _epic(services: Mapping[str, Service], book: Rulebook, _: str) -> Iterator[str]:
    for one in services.values():
        if one.hook in EPIC_HOOKS:
            yield from (f"`{one.hook}`, to `…/cds-services/{one.id}`:", "", "```text")
            yield from (f"{key}: {query}" for key, query in one.prefetch.items() if key not in one.optional)
            yield from ("```", "", "If you can:", "", "```text")
            yield from (f"{key}: {query}" for key, query in one.prefetch.items() if key in one.optional)
            yield from ("```", "")


def _topics(services: Mapping[str, Service], book: Rulebook, _: str) -> Iterator[str]:
    yield "| Codes | Family |"
    yield "|---|---|"
    for family, title in book.family_titles.items():
        rules = [sheet.id for sheet in book.sheets.values() if sheet.group == family]
        yield f"| {', '.join('`' + ''.join(filter(str.isalnum, rule)) + '`' for rule in rules)} | {title} |"


def _overrides(services: Mapping[str, Service], book: Rulebook, _: str) -> Iterator[str]:
    yield "| Code | Says |"
    yield "|---|---|"
    yield from (f"| `{one['code']}` | {one['display']} |" for one in override_reasons())


def _suggestions(services: Mapping[str, Service], book: Rulebook, _: str) -> Iterator[str]:
    yield "| Button | Does | At | When | Not for |"
    yield "|---|---|---|---|---|"
    for keys, action, roles, when in OFFERED:
        labels = "; ".join(f'"{phrase(f"suggestion.{key}", **ANY)}"' for key in keys)
        unable = [f"`{name}`" for name in get_args(Profile) if action not in abilities_of(name).actions]
        yield f"| {labels} | {action} | {', '.join(hooks_of(services, roles))} | {when} | {', '.join(unable)} |"


def hooks_of(services: Mapping[str, Service], roles: tuple[str, ...]) -> list[str]:
    """The hooks whose moment holds such resources; every hook where none are named."""
    if not roles:
        return ["every hook"]
    return [one.hook for one in services.values() if not set(roles).isdisjoint(one.holds.values())]


def _errors(services: Mapping[str, Service], book: Rulebook, door: str) -> Iterator[str]:
    return errors_table(door)


def _call(services: Mapping[str, Service], book: Rulebook, name: str) -> Iterator[str]:
    request = _pair(name)["request"]
    yield from ("```http", f"POST {request['path']}", "Content-Type: application/json", "")
    yield from ("\n".join(_laid_out(_shortened(request["body"]))), "```", "")
    yield from _answer(services, book, name)


def _answer(services: Mapping[str, Service], book: Rulebook, name: str) -> Iterator[str]:
    response = _pair(name)["response"]
    yield f"Answer {response['status']}; all of it in [{name}.json](../tests/cdshooks/golden/{name}.json):"
    yield from ("", "```json", "\n".join(_laid_out(_shortened(response["body"]))), "```")


def _pair(name: str) -> Json:
    told: Json = json.loads((PAIRS / f"{name}.json").read_text("utf-8"))
    return told


def _laid_out(value: Any, before: str = "", after: str = "", depth: int = 0) -> Iterator[str]:
    """JSON in which what is short stays on one line."""
    room = "  " * depth
    line = f"{room}{before}{json.dumps(value, ensure_ascii=False)}{after}"
    if len(line) <= WIDTH or not isinstance(value, dict | list):
        yield line
        return
    first, last = ("{", "}") if isinstance(value, dict) else ("[", "]")
    pairs = [(f"{json.dumps(key)}: ", one) for key, one in value.items()] if isinstance(value, dict) else []
    parts = pairs or [("", one) for one in value]
    yield f"{room}{before}{first}"
    for place, (name, one) in enumerate(parts, 1):
        yield from _laid_out(one, name, "," * (place < len(parts)), depth + 1)
    yield f"{room}{last}{after}"


def _shortened(value: Any, name: str = "") -> Any:
    """The value without what makes it long: what searches found, the reasons after the first, what is filed."""
    if isinstance(value, list):
        most = 1 if name in ("overrideReasons", "links", "suggestions", "actions") else len(value)
        return [_shortened(one) for one in value[:most]] + [CUT] * (len(value) > most)
    if not isinstance(value, dict):
        return value
    if name == "prefetch":
        return {key: _found(one) for key, one in value.items()}
    if name == "resource" and value.get("resourceType") == "DetectedIssue":
        return {"resourceType": "DetectedIssue", CUT: CUT}
    return {key: _shortened(one, key) for key, one in value.items()}


def _found(answer: Any) -> Any:
    """One answer of the prefetch: how many resources came, not which."""
    if isinstance(answer, dict) and answer.get("resourceType") == "Bundle":
        held = {"resourceType": "Bundle", "total": answer["total"]}
        return {**held, "entry": [CUT]} if "entry" in answer else held
    if isinstance(answer, dict) and answer.get("resourceType") == "Patient":
        return {"resourceType": "Patient", "id": answer["id"], CUT: CUT}
    return answer


PARTS: Mapping[str, Callable[[Mapping[str, Service], Rulebook, str], Iterator[str]]] = {
    "services": _services,
    "prefetch": _prefetch,
    "epic": _epic,
    "topics": _topics,
    "overrides": _overrides,
    "suggestions": _suggestions,
    "errors": _errors,
    "call": _call,
    "answer": _answer,
}
