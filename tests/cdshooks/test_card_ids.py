"""Ids of cards lead back to their rule."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baclofen_safety.assessor import Assessor
from baclofen_safety.cdshooks.card_ids import card_uuid, suggestion_uuid, topic_of

INSTANCE = "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"


def test_no_two_rules_share_a_tag(assessor: Assessor) -> None:
    rules = list(assessor.book.sheets)
    assert len(rules) > 100
    assert [topic_of(card_uuid(INSTANCE, rule), rules) for rule in rules] == rules
    assert len({card_uuid(INSTANCE, rule)[-4:] for rule in rules}) == len(rules)


@given(st.text(), st.text(), st.text())
def test_ids_are_valid_stable_and_lead_to_their_topic(instance: str, topic: str, name: str) -> None:
    card, suggestion = card_uuid(instance, topic), suggestion_uuid(instance, topic, name)
    for one in (card, suggestion):
        known = uuid.UUID(one)
        assert (known.version, known.variant, str(known)) == (8, uuid.RFC_4122, one)
        assert topic_of(one, [topic]) == topic
    assert card != suggestion
    assert card == card_uuid(instance, topic)


def test_parts_do_not_run_into_each_other() -> None:
    assert card_uuid("ab", "c")[:-4] != card_uuid("a", "bc")[:-4]
    assert suggestion_uuid("a", "b", "c") != suggestion_uuid("a", "b", "d")
    assert card_uuid("one", "BAC-RENAL-04") != card_uuid("two", "BAC-RENAL-04")


def test_the_id_of_a_known_card_never_changes() -> None:
    assert card_uuid(INSTANCE, "BAC-RENAL-04") == "3218101a-2482-81d2-ab36-a814116969db"


def test_upper_case_is_read() -> None:
    assert topic_of(card_uuid(INSTANCE, "BAC-RENAL-04").upper(), ["BAC-RENAL-04"]) == "BAC-RENAL-04"


@pytest.mark.parametrize("other", [INSTANCE, "", "card", "00000000-0000-0000-0000-000000000000", "ü" * 36])
def test_ids_that_are_not_ours_lead_nowhere(other: str, assessor: Assessor) -> None:
    assert topic_of(other, assessor.book.sheets) is None


def test_a_topic_that_is_not_offered_is_not_found() -> None:
    assert topic_of(card_uuid(INSTANCE, "BAC-RENAL-04"), ["BAC-RENAL-03"]) is None
