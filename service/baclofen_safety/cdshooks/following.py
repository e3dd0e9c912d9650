"""A stop that the drafts of the same session make good: they are signed with it, so they count as if they were."""

from __future__ import annotations

from ..core.facts import Facts
from ..core.plans import ends_high
from ..core.verdict import Issue
from .moments import moments
from .occasion import Occasion


def is_followed(issue: Issue, occasion: Occasion) -> bool:
    """Is it a stop after which the session goes on, or steps down to a dose baclofen may be stopped from?

    Where the drafts end higher up, the stop is still told, unless a finding about their steps says so.
    """
    table = moments()
    if issue.settled and issue.sheet.id in table.steps_judged and _is_rewritten(issue, occasion):
        return True
    if not issue.settled or issue.sheet.id not in table.settled_by_draft:
        return False
    drafts = (ref for ref in occasion.session.refs if ref in occasion.orders)
    if not any(occasion.orders[ref].is_baclofen and occasion.orders[ref].status == "draft" for ref in drafts):
        return False
    if any(one.sheet.id in table.steps_judged for one in occasion.verdict.issues):
        return True
    verdict = occasion.verdict
    facts = Facts(verdict.chart, verdict.as_of, occasion.book.shared_limits(verdict.as_of.date()))
    return not ends_high(facts.if_signed().oral.line)


def _is_rewritten(issue: Issue, occasion: Occasion) -> bool:
    """Is it about steps that the session is just writing anew, and gone once they are signed?"""
    return bool(issue.finding.implicated) and occasion.session.refs.issuperset(issue.finding.implicated)
