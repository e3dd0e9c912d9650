"""What words say was taught: education beside baclofen or its pump."""

from __future__ import annotations

import re

from ..core.concepts import Concept

_TEACHING = re.compile(r"\b(?:education|educated|teaching|taught|counsel\w*|schulung|geschult|éducation)\b")
_NOT_DONE = re.compile(r"\b(?:no|not|never|needs?|declined?|refused|pending|planned|cancell?ed)\b")
_PUMP = re.compile(r"(?<!insulin )(?<!breast )\bpump\b|\bintrathecal\b|\bitb\b|\bpumpe\b|\bpompe\b")
_BACLOFEN = re.compile(r"\bbaclof\w+|\blioresal\b")


def taught(text: str) -> frozenset[Concept]:
    """Starter or pump education, when words say that it was given; else nothing."""
    said = text.casefold()
    if not _TEACHING.search(said) or _NOT_DONE.search(said):
        return frozenset()
    if _PUMP.search(said):
        return frozenset({"fact-pump-education"})
    return frozenset({"fact-starter-education"}) if _BACLOFEN.search(said) else frozenset()
