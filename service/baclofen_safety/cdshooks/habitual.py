"""Questions that stay open for nearly every patient of an EHR that never sends some records.

Alone they make no card, unless the moment, a finding or the records that did come make them matter.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..core.verdict import Issue, OpenQuestion
from .moments import moments
from .occasion import Occasion
from .prefetch import NEVER_CAME


def is_habitual(question: OpenQuestion, issues: Iterable[Issue], occasion: Occasion) -> bool:
    """Is it such a question, with nothing beside it that makes it matter? ``issues`` are the findings shown."""
    table = moments()
    if question.gap.reason not in table.habitual.get(question.sheet.id, ()):
        return False
    matters = occasion.call.service.hook in table.habitual_asked_at
    return not (matters or any(one.sheet.group in table.habitual_beside for one in issues) or _came(occasion))


def _came(occasion: Occasion) -> bool:
    """Did any of the records come, or fail to come in a way that hides some?"""
    chart, key = occasion.verdict.chart, moments().habitual_key
    kind = occasion.call.service.prefetch.get(key, "").partition("?")[0]
    lost = occasion.supply.missing.get(key)
    unread = any(one.ref.startswith(f"{kind}/") for one in chart.troubles)
    return bool(chart.supplies) or unread or (lost is not None and lost not in NEVER_CAME)
