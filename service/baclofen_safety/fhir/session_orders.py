"""Orders sent beside the record: laid over it as the newest word on them, and marked in the answer.

Nothing is left out of the answer for them: what an order does shows in findings that name another one, or none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from ..core.chart import Chart
from ..core.medicines import ORDER_TYPES, Order
from ..core.spans import FAR_PAST, planned_end
from ..core.verdict import Verdict
from .editions import content_of, in_order_of_age, says_the_same, stamped, time_updated, updated_of
from .outcome import CANONICAL, place
from .tagging import tagged
from .writing import name_uuid

Json = dict[str, Any]

MARK = {"system": f"{CANONICAL}/asked", "code": "order-asked-about"}
"""The tag of a DetectedIssue that implicates an order the caller named."""
_DEEPEST = 4


def ref_of(order: Mapping[str, Any]) -> str:
    """What an order is called in the answer: by its id, else by its content."""
    identity = order.get("id")
    if isinstance(identity, str) and identity:
        return f"{order['resourceType']}/{identity}"
    return f"urn:uuid:{name_uuid(content_of(dict(order)))}"


def with_orders(content: Mapping[str, Any], orders: Iterable[Json], at: datetime) -> Json:
    """The content with the orders as their newest versions. A status that is news and tells no time changed ``at``."""
    laid = dict(content)
    for order in orders:
        laid = _laid(laid, order, at)
    return laid


def _laid(content: Json, order: Json, at: datetime) -> Json:
    ref = ref_of(order)
    held, _ = in_order_of_age([*_copies(content, ref, 1)])
    if held and says_the_same(held[-1], order):
        return content
    if held:
        order = stamped(order, len(held) + 1, _since(order, held[-1], at))
        content = _numbered(content, ref, [content_of(one) for one in held], 1)
    entry = {"fullUrl": ref, "resource": order} if ref.startswith("urn:") else {"resource": order}
    entries = content.get("entry")
    return {**content, "entry": [*(entries if isinstance(entries, list) else ()), entry]}


def _since(order: Json, held: Json, at: datetime) -> str:
    """When the order came to say what it says: its own time, if that is news, else now or as before."""
    if time_updated(order) > time_updated(held):
        return updated_of(order)
    return at.isoformat() if order.get("status") != held.get("status") else updated_of(held)


def _copies(bundle: Mapping[str, Any], ref: str, depth: int) -> Iterator[Json]:
    for entry in _entries(bundle):
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if not isinstance(resource, dict):
            continue
        if resource.get("resourceType") == "Bundle" and depth < _DEEPEST:
            yield from _copies(resource, ref, depth + 1)
        elif _is(resource, ref):
            yield resource


def _numbered(bundle: Json, ref: str, texts: list[str], depth: int) -> Json:
    """The Bundle with every copy of an order numbered by its age."""

    def numbered(entry: Any) -> Any:
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if not isinstance(resource, dict):
            return entry
        if resource.get("resourceType") == "Bundle" and depth < _DEEPEST:
            return {**entry, "resource": _numbered(resource, ref, texts, depth + 1)}
        if _is(resource, ref):
            return {**entry, "resource": stamped(resource, texts.index(content_of(resource)) + 1)}
        return entry

    entries = _entries(bundle)
    return {**bundle, "entry": [numbered(entry) for entry in entries]} if entries else bundle


def _is(resource: Json, ref: str) -> bool:
    return resource.get("resourceType") in ORDER_TYPES and ref_of(resource) == ref


def _entries(bundle: Mapping[str, Any]) -> list[Any]:
    entries = bundle.get("entry")
    return entries if isinstance(entries, list) else []


def is_unjudged(named: Iterable[str], chart: Chart) -> bool:
    """Was an order asked about that the chart does not hold, for another reason than that it is none in force?"""
    known = {ref for order in chart.orders for ref in (order.ref, *(older.ref for older in order.versions))}
    quiet = {each.ref for each in chart.troubles if each.kind == "not-used" and not each.needed}
    return not quiet.union(known).issuperset(named)


def mark(bundle: Json, named: Iterable[str], verdict: Verdict) -> Json:
    """The answer with every finding tagged that implicates an order asked about, and a line for each of them."""
    orders = verdict.chart.orders
    aliases = {older.ref: order.ref for order in orders for older in order.versions}
    aliases |= {order.ref: order.ref for order in orders}
    over = {order.ref for order in orders if _is_over(order, verdict.as_of)}
    asked = dict.fromkeys(named)
    wanted = {aliases[ref] for ref in asked if ref in aliases}
    entries = [_marked(entry, wanted) for entry in bundle["entry"]]
    issues = [_line(ref, aliases.get(ref), verdict, aliases.get(ref) in over) for ref in asked]
    return with_issues({**bundle, "entry": entries}, issues)


def _marked(entry: Json, wanted: set[str]) -> Json:
    resource = entry["resource"]
    implicated = {one.get("reference") for one in resource.get("implicated", ())}
    if resource["resourceType"] != "DetectedIssue" or not implicated & wanted:
        return entry
    return {**entry, "resource": tagged(resource, MARK)}


def _is_over(order: Order, as_of: datetime) -> bool:
    """Do its own dates say that it has ended, while its status says that it runs?"""
    begin = order.start.first if order.start else FAR_PAST
    end = planned_end(order, begin, as_of.tzinfo)
    return order.status == "active" and end is not None and end <= as_of


def _line(ref: str, read_as: str | None, verdict: Verdict, over: bool) -> Json:
    if read_as is None:
        text = "Asked about, and not judged as an order of this patient; another issue says why."
        return {
            "severity": "warning",
            "code": "incomplete",
            "details": {"text": text},
            "expression": [place(ref)],
        }
    rules = [one.sheet.id for one in verdict.issues if read_as in one.finding.implicated]
    text = f"Asked about. Findings that name it: {', '.join(rules) or 'none'}. The other findings hold all the same."
    if over:
        text += " Its dates are past: judged as an order that has ended. If it is to begin now, correct its dates."
    said = ("warning", "business-rule") if over else ("information", "informational")
    return {"severity": said[0], "code": said[1], "details": {"text": text}, "expression": [place(ref)]}


def with_issues(bundle: Json, issues: Iterable[Json]) -> Json:
    """The answer with more said in its OperationOutcome."""
    more = list(issues)
    if not more:
        return bundle
    entries = [
        {**entry, "resource": {**entry["resource"], "issue": [*entry["resource"]["issue"], *more]}}
        if entry["resource"]["resourceType"] == "OperationOutcome"
        else entry
        for entry in bundle["entry"]
    ]
    return {**bundle, "entry": entries}
