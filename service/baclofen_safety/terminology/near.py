"""Near misses: is an unrecognised word a misspelt baclofen?"""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

_TARGETS = ("baclofen", "baclofene", "lioresal")
_MOST = 2
_SHORTEST = 6
_BEGINS = "baclo"
_SPINAL = frozenset({"itb", "intrathecal", "intratecal", "intrathekal"})
_REFILL = frozenset({"pump", "refill"})


@lru_cache(maxsize=4096)
def is_near_miss(word: str) -> bool:
    """Is the folded word within two slips (wrong, missing, extra or swapped letters) of a baclofen name, or begun so?

    The first letter must be the same: it is rarely misspelt, and keeps other drugs out.
    """
    return word.startswith(_BEGINS) or (
        len(word) >= _SHORTEST
        and any(
            word[0] == target[0] and abs(len(word) - len(target)) <= _MOST and _distance(word, target) <= _MOST
            for target in _TARGETS
        )
    )


def names_spinal_pump(said: Collection[str]) -> bool:
    """Do folded words that name no medicine speak of a pump into the spine, or of its filling?"""
    return not _SPINAL.isdisjoint(said) or _REFILL.issubset(said)


def _distance(left: str, right: str) -> int:
    """Edits between two words, a swap of neighbours counting one (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        older, before, row = before, row, [i]
        for j, b in enumerate(right, 1):
            cost = min(row[-1] + 1, before[j] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1]
