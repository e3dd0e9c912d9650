"""What an open question is about, as ``moments.toml`` says it by rule and reason."""

from __future__ import annotations

from ..core.verdict import OpenQuestion
from .moments import moments


def wants_creatinine(question: OpenQuestion) -> bool:
    """Would a kidney test help with this question?"""
    return any(moments().creatinine_concept in need.concepts for need in question.gap.needs)


def asks_of_baclofen(question: OpenQuestion) -> bool:
    """Is it a question whether there is any baclofen, swallowed or out of a pump?"""
    return is_taken_or_not(question) or question.gap.reason in moments().shown_elsewhere.get(question.sheet.id, ())


def is_taken_or_not(question: OpenQuestion) -> bool:
    """Is it the question whether baclofen is taken at all?"""
    return question.gap.reason in moments().taken_or_not.get(question.sheet.id, ())
