"""The fixed sentences of cards, read once from ``phrases.toml``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from string import Formatter
from typing import Any

from .tables import Table, parse_table, text_of

FILE = "phrases.toml"
SENTENCES: Mapping[str, str] = {
    "card": """
        source preliminary found evidence why do together sources more_sources(n) more_evidence(n)
        rule_link(title) lead_strength(strength,form,dose) lead_dose(dose) lead_pump(dose) lead form_tablet
        form_granules several(n,titles) repeated(n,titles) several_low(n,titles) one_of_several(summary,do) taper
        taper_instead_draft(drug) taper_instead_change(drug)
    """,
    "topic": """
        more not-checked mismatch failure stripped repeated
    """,
    "not_checked": """
        summary(titles) summary_missing(records) summary_lost summary_lost_entry
        summary_elsewhere summary_taken_or_not
        summary_partial(records) summary_why(why) and_more(n) medicine(says)
        found missing do advice advice_creatinine advice_doubt advice_repeat more(n) line(title,text) elsewhere lost
        lost_entry
    """,
    "change": """
        summary(lead,why) found(lead,why) status dates words dose as_needed with(drug) unpaired(drug)
        summary_pump(words) pump(words) beside left(lead)
    """,
    "mismatch": """
        summary mismatch-prefetch mismatch-order mismatch-token other do
    """,
    "failure": """
        summary found do request(request)
    """,
    "stripped": """
        summary found do desk
    """,
    "stripped_booking": """
        summary found do desk
    """,
    "stripped_facts": """
        summary found do desk
    """,
    "missing": """
        line(reason,what) absent null failed partial unreadable not-among not-allowed timeout refused too-large
        too-many-pages other
    """,
    "records": """
        patient medicationRequests medicationStatements medicationDispenses medicationAdministrations conditions
        laboratory vitalSigns allergies procedures serviceRequests devices encounters communications
        appointments other
    """,
    "suggestion": """
        remove(drug) remove_does(drug,why) remove_rise(drug) remove_rise_does(drug)
        remove_either(drug,n,all) remove_anew_does(drug) remove_beside_pump_does(drug)
        lower_same_does(dose,target,split,cap)
        cancel(drug) cancel_does(drug,why) withdraw(drug) withdraw_does(drug)
        lower(target) lower_does(dose,target,split,cap) lower_first_does(dose,target,split,cap)
        amount(part) amount_liquid(part,volume)
        dose_part(amount,when) dose_text(split,daily) taper(from,to,n) taper_whole(from,to,n) taper_does(step)
        taper_whole_does(from,to,steps) creatinine creatinine_does creatinine_text record record_does(summary)
        record_all(n) instead_does(drug) as_before_does(drug)
    """,
}
"""Every sentence the cards are made of, by table: its name and, in brackets, the placeholders that are filled."""

OVERRIDE_SYSTEM = "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"


def phrase(key: str, **values: object) -> str:
    """The sentence ``<table>.<name>`` with its placeholders filled. A sentence that is not there is a KeyError."""
    table, _, name = key.partition(".")
    sentence = _tables()[table][name]
    assert isinstance(sentence, str)
    return sentence.format(**values)


def phrase_or(key: str, otherwise: str) -> str:
    """The sentence of a key that comes from outside, else that of another key."""
    table, _, name = key.partition(".")
    return phrase(key if name in _tables()[table] else otherwise)


def override_reasons() -> list[dict[str, str]]:
    """Why a clinician may set a card aside, as Codings with their display."""
    return [{"system": OVERRIDE_SYSTEM, **row} for row in _tables()["override"]]


def override_display(system: str, code: str) -> str:
    """The words of one of these reasons, for clients that send its code alone; empty when it is none of them."""
    return next((one["display"] for one in override_reasons() if (one["system"], one["code"]) == (system, code)), "")


@cache
def _tables() -> Mapping[str, Any]:
    return read_sentences(text_of(FILE))


def load_sentences() -> None:
    """Read the sentences now, for a start that stops when one is missing or broken. Raises TableError."""
    _tables()


def read_sentences(text: str) -> Mapping[str, Any]:
    """The sentences by table and name, and the override reasons, from the text of the file. Raises TableError.

    Every sentence of SENTENCES must be there, with no placeholder but those named with it.
    """
    file = parse_table(FILE, text)
    tables: dict[str, Any] = {}
    for name in (*SENTENCES, *sorted(file.keys() - SENTENCES.keys() - {"override"})):
        table = file.table(name)
        needed = dict(map(_needed, SENTENCES.get(name, "").split()))
        tables[name] = {
            key: _sentence(table, key, needed.get(key)) for key in {**needed, **dict.fromkeys(table.keys())}
        }
    tables["override"] = [{key: row.words(key) for key in ("code", "display")} for row in file.rows("override")]
    return tables


def _needed(entry: str) -> tuple[str, frozenset[str]]:
    """A sentence of SENTENCES: its name, and the placeholders it may hold."""
    name, _, values = entry.rstrip(")").partition("(")
    return name, frozenset(filter(None, values.split(",")))


def _sentence(table: Table, key: str, values: frozenset[str] | None) -> str:
    sentence = table.words(key)
    try:
        held = {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}
    except ValueError:
        raise table.wrong(key, "a brace that stands alone") from None
    if values is not None and not held <= values:
        lost = ", ".join(sorted(held - values)) or "no name"
        raise table.wrong(key, f"placeholder nobody fills: {lost}")
    return sentence
