"""Why cards were set aside, as far as it may be shown: reasons of a list, never words a client made up.

What a person typed, or a site named a category, may hold a patient's name and was read by nobody.
"""

from __future__ import annotations

import re

from ..store import Reason
from .schemas_feedback import EPIC
from .wording import OVERRIDE_SYSTEM, override_display

OTHER = Reason("", "other", "")
"""Every reason that is on no list we know."""

_CATEGORY = re.compile(r"[0-9]{1,6}")
"""A category of Epic's, which a site numbers."""


def known(reason: Reason) -> Reason:
    """The reason in the words of the list it is on: ours, also where its system was left out, or Epic's categories."""
    system = reason.system or OVERRIDE_SYSTEM
    display = override_display(system, reason.code)
    if display:
        return Reason(system, reason.code, display)
    if reason.system == EPIC and _CATEGORY.fullmatch(reason.code):
        return Reason(EPIC, reason.code, "")
    return OTHER


def words_of(reason: Reason) -> tuple[str, ...]:
    """What of a reason ``known`` leaves out, to be kept with the comments."""
    said = known(reason)
    lost = (reason.code if said.code != reason.code else "", reason.display if said.display != reason.display else "")
    return tuple(dict.fromkeys(filter(None, lost)))
