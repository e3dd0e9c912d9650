"""Text for people at a screen: Markdown lists in which nothing a record holds is rendered as Markdown or HTML.

A record's words are somebody else's: a name may hold tags, links or ten thousand letters. ``plain`` is for summaries
and labels, which clients show as they are; ``escape`` is for details, which clients render.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_MARKS = re.compile(r"([\\`*_\[\]|~])")
_START = re.compile(r"^(?:([-+#=])|(\d+)([.)])(?=\s|$))")
_ADDRESS = re.compile(r"(?i)([a-z]):(?=//)|\bwww\.")
_HARMLESS = str.maketrans({"`": "'", "[": "(", "]": ")", "|": "/"})


def clean(text: str, longest: int | None = None) -> str:
    """One line without control, format or unassigned characters, cut at a word when it is too long."""
    head = _head(text, longest)
    if not head.isprintable():  # the quick answer for nearly all that is written
        head = "".join(" " if unicodedata.category(letter) in _INVISIBLE else letter for letter in head)
    return cut(" ".join(head.split()), longest)


def cut(text: str, longest: int | None) -> str:
    """At most ``longest`` characters, at a word where there is one, with an ellipsis."""
    if longest is None or len(text) <= longest:
        return text
    head = text[: longest - 1]
    whole, blank, _ = head.rpartition(" ")
    return (whole if blank and len(whole) * 2 > len(head) else head).rstrip(" ,;:") + "…"


def plain(text: str, longest: int | None = None) -> str:
    """Text that is shown as it is: one line, without what a careless client would take for a tag or a link."""
    return cut(_TAG.sub("‹", clean(text)).translate(_HARMLESS), longest)


def escape(text: str) -> str:
    """Text for a Markdown document: shown letter for letter, no tag, no emphasis, no link, no table, no list."""
    quiet = _ADDRESS.sub(lambda found: f"{found[1]}: " if found[1] else "www .", clean(text))
    quiet = quiet.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _START.sub(_escape_start, _MARKS.sub(r"\\\1", quiet))


def bullets(lines: Iterable[str], indent: str = "") -> str:
    """A list of lines that are Markdown already; empty ones are left out."""
    return "\n".join(f"{indent}- {line}" for line in lines if line)


def section(title: str, lines: Iterable[str]) -> str:
    """A title and its list; nothing without lines."""
    listed = bullets(lines)
    return f"**{title}**\n\n{listed}" if listed else ""


def _head(text: str, longest: int | None) -> str:
    """Enough of a text to cut it: ten thousand letters are not looked at one by one for a line of a hundred."""
    return text if longest is None else text[: longest * 4]


def _escape_start(found: re.Match[str]) -> str:
    return f"\\{found[1]}" if found[1] else f"{found[2]}\\{found[3]}"
