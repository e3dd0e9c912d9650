"""Can somebody on record be reached?"""

from __future__ import annotations

from ..core.chart import Contact
from .bundle import Json
from .page import Page

_PLACES = ("text", "line", "city", "postalCode")


def is_over(page: Page, holder: Json) -> bool:
    """Is the period of a contact past?"""
    end = page.period("period", holder)[1]
    return end is not None and end.first <= page.intake.as_of


def is_reachable(page: Page, holder: Json) -> bool:
    """Does a person carry a phone number, an e-mail or another such address, or a postal one?"""
    told = page.elements("telecom", holder) + page.elements("additionalContact", holder)
    if any(each.get("value") and each.get("use") != "old" for each in told):
        return True
    return any(each.get(part) for each in page.elements("address", holder) for part in _PLACES)


def read_contacts(page: Page) -> None:
    """Add the contact persons a Patient names."""
    for each in page.elements("contact"):
        if not is_over(page, each):
            page.intake.contacts.append(Contact(page.ref, is_reachable(page, each)))
