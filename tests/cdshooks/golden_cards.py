"""``PYTHONPATH=service:tests python tests/cdshooks/golden_cards.py``: typical cards in full, written down to be read.

A prescriber reads cards between two patients. Look at the difference as one before you commit it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from baclofen_safety.assessor import Assessor, load_assessor
from baclofen_safety.cdshooks.clients import Profile
from baclofen_safety.config import Settings
from builders import make_bundle
from cases import Case, every_case, make_case
from cdshooks.calls import answer_of, drafts_in, show

Json = dict[str, Any]
FILE = Path(__file__).parent / "golden_cards.txt"
SIGN, VIEW = "baclofen-order-sign", "baclofen-patient-view"
FIRST: Json = {
    "id": "new",
    "product": "baclofen-tablet-10",
    "dose": "10 mg",
    "times": 3,
    "status": "draft",
    "start": "day+0",
}
NEW_PATIENT: Json = {"base": "", "patient": {"sex": "female", "age": 70, "weight": 62, "height": 165}}
BARE = make_case({"name": "first order, nothing else known", **NEW_PATIENT, "order": [FIRST]})
WEAK = make_case(
    {
        "name": "first order, weak kidneys",
        **NEW_PATIENT,
        "complete": True,
        "lab": [{"what": "creatinine", "value": 1.4, "at": "-10d"}],
        "order": [FIRST],
    }
)
MANY = make_case(
    {
        "name": "five other medicines and weak kidneys",
        "patient": {"age": 78},
        "lab": [{"id": "creatinine", "value": 2.1}],
        "condition": [{"what": "falls"}, {"what": "icd10cm:G47.33", "text": "Obstructive sleep apnea"}],
        "order": [
            {"id": "oxy", "product": "oxycodone-5", "dose": "5 mg", "every": "6h", "start": "-3d"},
            {"id": "lor", "product": "lorazepam-1", "dose": "1 mg", "times": 2, "start": "-3d"},
            {"id": "gab", "product": "gabapentin-300", "dose": "300 mg", "times": 3, "start": "-3d"},
            {"id": "tiz", "product": "tizanidine-4", "dose": "4 mg", "times": 3, "start": "-3d"},
            {"id": "lis", "product": "lisinopril-10", "dose": "10 mg", "times": 1, "start": "-3d"},
        ],
    }
)
STOPPED = make_case({"name": "stopped today", "order": [{"id": "order", "status": "stopped", "updated": "now"}]})
NAMED = {f"{family}: {case.name}": case for family, case in every_case()}
READ: tuple[tuple[Case, str, Profile], ...] = (
    (WEAK, SIGN, "default"),
    (WEAK, SIGN, "epic"),
    (NAMED["interactions: draft of an opioid"], SIGN, "sandbox"),
    (STOPPED, SIGN, "default"),
    (STOPPED, SIGN, "epic"),
    (BARE, SIGN, "default"),
    (MANY, VIEW, "default"),
    (NAMED["renal: dependence on dialysis in the problem list"], VIEW, "epic"),
)


def written(assessor: Assessor) -> str:
    """Every card of every moment, as text."""
    return "".join(f"{line}\n" for case, service, profile in READ for line in _moment(assessor, case, service, profile))


def _moment(assessor: Assessor, case: Case, service: str, profile: Profile) -> Iterator[str]:
    bundle = make_bundle(case)
    orders = [one["resource"] for one in bundle["entry"] if one["resource"].get("status") == "stopped"]
    answer = answer_of(assessor, case, bundle)
    yield f"######## {service}, {profile}: {case.name}\n"
    session = (*drafts_in(bundle), *orders) if service == SIGN else ()
    for card in show(answer, service=service, session=session, profile=profile):
        yield f"==== {card['indicator']}: {card['summary']}\n"
        yield f"{card['detail']}\n"
        for offer in card.get("suggestions", ()):
            yield f">> {offer['label']}"
            yield from (f"   {action['type']}: {action['description']}" for action in offer["actions"])
        yield json.dumps(card["extension"]["example.baclofen-safety"]) + "\n"


if __name__ == "__main__":
    FILE.write_text(written(load_assessor(Settings())), "utf-8")
    sys.exit(0)
