"""R5's ``renderedDosageInstruction``: the whole dosage in words. It stands in for a dosage, or must not differ."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Literal

from ..core.chart import Trouble
from ..core.dosing import differ
from ..core.medicines import DoseStep, Medicine
from .ending_words import may_end
from .page import Page
from .sig import read_sig

_KEY = "renderedDosageInstruction"
TOLERANCE = Decimal("0.1")
_MCG = Decimal(1000)


def rendered(page: Page) -> str:
    """The words; "" when there are none."""
    return page.string(_KEY).strip()


def dosages_of(page: Page, at: str) -> Any:
    """The dosages of a resource as sent; in their place the words, where nothing else was."""
    sent, said = page.resource.get(at), rendered(page)
    return [{"text": said}] if said and (sent is None or sent == []) else sent


def at_their_place(page: Page, troubles: Sequence[Trouble], at: str) -> list[Trouble]:
    """Troubles with the words that stood in for dosages name the words."""
    return [each if page.resource.get(at) else replace(each, path=_KEY) for each in troubles]


_COMMAND = r"\W*(?:please\s+)?(?:(?P<hold>hold|withhold|suspend|pause)|(?P<stop>stop|discontinue))\b"
_AT_ONCE = re.compile(
    _COMMAND
    + r"(?:\s+(?:taking|using|giving|all|the|this|it|doses?|medicine|medication|drug|baclofen|now|today|immediately))*"
    r"(?:\s+(?:until|till|pending)\s.*|\W*|[.;:!,]\s\D*)$",
    re.IGNORECASE | re.DOTALL,
)
"""Words that begin with a command to stop or pause, and nothing that puts it off or makes it depend on something."""


def says_to_end(sig: str) -> Literal["stopped", "on-hold"] | None:
    """What words that plainly stop or hold an order from now on make of it."""
    found = _AT_ONCE.match(sig)
    if found is None:
        return None
    return "on-hold" if found["hold"] else "stopped"


def tell_held(page: Page, medicine: Medicine, sig: str, at: str) -> None:
    """Tell an order whose words say that it is not to be taken."""
    if medicine.is_baclofen and may_end(sig, tapered=True):
        page.tell("conflict", "the words of the order say to hold or stop it, its status does not", at, needed=True)


def tell_other_dose(page: Page, medicine: Medicine, steps: Sequence[DoseStep], at: str) -> None:
    """Tell words that state a dose of a day (or one dose) that no step of the dosages has."""
    said = rendered(page)
    if not said or not medicine.is_baclofen or not page.resource.get(at):
        return
    sig = read_sig(said, medicine, page.intake.terms)
    daily = [step.daily for step in steps if step.daily is not None]
    if sig is None or sig.daily is None or not daily:
        return
    spoken = (sig.daily, sig.daily * _MCG) if any(step.continuous for step in steps) else (sig.daily,)
    if all(differ(one, other, TOLERANCE) for one in spoken for other in (*daily, sum(daily, Decimal()))):
        page.tell("conflict", "the rendered instruction says another dose than the dosages", _KEY, needed=True)
