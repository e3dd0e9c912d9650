"""One call, from the EHR's words to cards: fill what is missing, read, judge, write."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..assessor import Answer, Assessor
from ..core.chart import Chart
from ..core.verdict import Verdict
from ..errors import BadInput
from ..fhir.answers import PARTIAL, is_page
from ..fhir.client import EhrClient
from ..fhir.operations import Ask
from .call import Call
from .clients import Client
from .elsewhere import with_elsewhere
from .leaving import lost_stay, with_stay
from .meant import with_meant
from .notices import mismatch_card
from .occasion import occasion_of
from .prefetch import Supply, queries, supplied, with_fetched
from .prohibiting import with_halted
from .record import mismatch, record_of, unresolved
from .repeats import Repeats
from .session import Session, acted_on, session_of
from .shapes import bare_id

MEDICINES = (
    "patient",
    "medicationRequests",
    "medicationStatements",
    "medicationDispenses",
    "medicationAdministrations",
)
"""What tells whether the patient takes baclofen at all; the rest is fetched only when that is so."""
_ASK_AGAIN = frozenset({"absent", "null", "partial"})
"""Why a key is unknown that is worth a question of our own. A search that failed is not asked again."""


class MissingData(BadInput):
    """Nothing can be judged: keys the service cannot do without are neither in prefetch nor to be fetched."""

    status = 412
    code = "required"

    def __init__(self, keys: Iterable[str]) -> None:
        names = tuple(keys)
        super().__init__(
            f"Needed, and neither in prefetch nor to be had from fhirServer: {', '.join(names)}.",
            [f"prefetch.{name}" for name in names],
        )


@dataclass(frozen=True, slots=True)
class Checker:
    """What every call is checked with. ``ehrs``: by client name the way to the FHIR servers it may name; ``budget``:
    seconds for all of them together; ``note`` is told every verdict; ``repeats`` knows what was shown before."""

    assessor: Assessor
    ehrs: Mapping[str, EhrClient]
    budget: float
    clock: Callable[[], datetime]
    note: Callable[[Verdict], None]
    repeats: Repeats

    def check(self, call: Call, client: Client) -> dict[str, Any]:
        """The response to a call. Raises MissingData, and BadInput when nothing in it can be judged."""
        at = self.clock().astimezone(self.assessor.settings.zone)
        session = session_of(call, at)
        session, supply, answer = self._judge(call, client, session, at)
        public_url = self.assessor.settings.public_url
        why = mismatch(call, session, supply)
        if why is not None:
            return {"cards": [mismatch_card(why, call, public_url, client.profile)]}
        if not answer.verdict.applies:
            part = _in_part(supplied(call))
            if lost := [key for key in call.service.required if key in supply.missing and key not in part]:
                raise MissingData(lost)
        self.note(answer.verdict)
        occasion = occasion_of(answer, call=call, session=session, supply=supply, client=client, public_url=public_url)
        return self.repeats.response(occasion)

    def _judge(self, call: Call, client: Client, sent: Session, at: datetime) -> tuple[Session, Supply, Answer]:
        """What is known, fetched in two rounds: the medicines; and when baclofen is among them, the rest."""
        supply = with_stay(call, supplied(call))
        ends = time.monotonic() + self.budget
        session, answer = self._answer(call, sent, supply, at)
        ehr = self.ehrs.get(client.name)
        if ehr is None or call.server is None:
            return session, supply, answer
        for keys in (MEDICINES, tuple(call.service.prefetch)):
            wanted = [key for key in keys if supply.missing.get(key) in _ASK_AGAIN or key in supply.spared]
            refs = (*unresolved(session, supply), "" if keys is MEDICINES else lost_stay(call, supply))
            asked = [*wanted, *(ref for ref in refs if ref and ref not in supply.missing)]
            if not asked:
                continue
            token = call.authorization.token if call.authorization else None
            left = max(ends - time.monotonic(), 0)
            found = ehr.fetch(call.server, token, queries(call, asked), budget=left)
            supply = with_stay(call, with_fetched(supply, found, call))
            session, answer = self._answer(call, sent, supply, at)
            if not answer.verdict.applies:
                break
        return session, supply, answer

    def _answer(self, call: Call, sent: Session, supply: Supply, at: datetime) -> tuple[Session, Answer]:
        """The answer, and the session with all that its orders put an end to."""

        def answer(record: Mapping[str, Any]) -> Answer:
            subject = f"Patient/{bare_id(call.patient_id)}"
            return self.assessor.answer(Ask(record, subject=subject, acted_on=acted_on(call, sent), messages=False), at)

        def read(record: Mapping[str, Any]) -> Chart:
            return answer(record).verdict.chart

        def names_baclofen(words: str) -> bool:
            return self.assessor.terms.medicine([], words).is_baclofen

        halted = with_halted(call, with_meant(call, sent, supply), supply, read)
        session = with_elsewhere(call, halted, supply, read, names_baclofen)
        return session, answer(record_of(call, session, supply))


def _in_part(supply: Supply) -> frozenset[str]:
    """Keys of which a page came, be it without a hit: that is judged, and told as a part."""
    partial = (key for key, reason in supply.missing.items() if reason == PARTIAL)
    return frozenset(key for key in partial if is_page(supply.bundles.get(key, {})))
