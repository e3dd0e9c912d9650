"""The one list of what to ask an EHR about a patient: the prefetch of CDS Hooks, and the reading of a whole record."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from urllib.parse import quote

_TOKEN = re.compile(r"\{\{\s*context\.(\w+)\s*\}\}")


def _table() -> Mapping[str, dict[str, str]]:
    return tomllib.loads(files(__package__).joinpath("searches.toml").read_text("utf-8"))


_TABLE = _table()
PREFETCH: dict[str, str] = _TABLE["prefetch"]
"""By key the queries that callers of CDS Hooks answer beforehand."""
OPTIONAL: dict[str, str] = _TABLE["optional"]
"""The same of what they may leave out without a word."""
RECORD: Mapping[str, str] = {
    **{key: query for key, query in (PREFETCH | OPTIONAL).items() if key not in _TABLE["instead"]},
    **_TABLE["record"],
}
"""By key the queries that bring a whole record."""

WANTED = frozenset(query.partition("?")[0].partition("/")[0] for query in PREFETCH.values())
"""The types everybody who asks us is asked to send: what is said of others besides adds to it."""


def filled(template: str, known: Mapping[str, str]) -> str | None:
    """A query with the values of its tokens; None when one is not known."""
    if not all(token in known for token in _TOKEN.findall(template)):
        return None
    return _TOKEN.sub(lambda found: quote(known[found[1]], safe=""), template)
