"""Medicines that were not recognised: what is told of them, and when the name they have is none."""

from __future__ import annotations

import re

from ..core.medicines import Medicine, MedicineState
from ..terminology.text import words
from .page import Page

_PATH = "medication"
_A_CODE = re.compile(r"(?!.*[a-z]{4})[!-~]*\d[!-~]*", re.IGNORECASE | re.ASCII)
"""One word with a digit and no four letters in a row, as a code is shown that nobody gave words to ("2729W")."""
_WORDS = """
unknown unspecified not specified known recorded prescribed prescription medication medications medicine medicines
medicinal drug drugs product products pharmaceutical substance preparation generic other various error test unk
see note notes free text tablet tablets tab tabs capsule capsules pill pills solution oral mg mcg ml and of as the
"""
_SAY_NOTHING = frozenset(_WORDS.split())
"""Words of which no name of a medicine is made ("Medicinal product", "prescribed medication", "unknown")."""


def tell_doubt(page: Page, medicine: Medicine) -> None:
    """Tell a medicine that was not recognised, or recognised twice; needed where it may be baclofen."""
    if medicine.state in (MedicineState.MATCHED, MedicineState.KNOWN):
        return
    name = medicine.name.strip()
    spoken = names_something(name)
    needed = not spoken or medicine.is_baclofen or page.intake.terms.looks_like_baclofen(name)
    if medicine.state is MedicineState.CONFLICT:
        says = f"the codes of this medicine disagree: {name}" if name else "the codes of this medicine disagree"
        page.tell("medicine-conflict", says, _PATH, needed=needed)
        return
    doubt = ", it may be baclofen" if needed else ""
    says = (
        f"medicine not recognised{doubt}: {name}" if name else "a medicine without a readable name; it may be baclofen"
    )
    if name and not spoken:
        is_code = not words(name) or _A_CODE.fullmatch(name) or not any(letter.isalpha() for letter in name)
        how = "named by a code alone, which is not known" if is_code else "whose name says nothing"
        says = f"a medicine {how}: {name}; it may be baclofen"
    page.tell("unrecognised-medicine", says, _PATH, needed=needed)


def names_something(name: str) -> bool:
    """Does a name of a medicine name one? A bare code does not, nor words that fit any medicine."""
    if _A_CODE.fullmatch(name):
        return False
    return any(word not in _SAY_NOTHING and any(letter.isalpha() for letter in word) for word in words(name))
