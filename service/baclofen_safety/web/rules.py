"""The rules, explained: as JSON for programs and as a plain page for people."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import NotFound

from ..assessor import Assessor
from ..explaining import explain, rule_list
from .pages import HTML, page


def rules_door(assessor: Assessor) -> Blueprint:
    """Routes under ``/rules``: what DetectedIssue.reference leads to. No patient data passes here."""
    door = Blueprint("rules", __name__, url_prefix="/rules", template_folder="templates")
    book = assessor.book

    @door.get("/")
    def every() -> Response:
        return _answer("rules.html", rules=rule_list(book), version=book.version)

    @door.get("/<rule>")
    def one(rule: str) -> Response:
        if rule not in book.sheets:
            raise NotFound
        return _answer("rule.html", rule=explain(rule, book))

    return door


def _answer(template: str, **content: Any) -> Response:
    """A page where one is preferred, else JSON: the one thing itself, or the list with its version."""
    best = request.accept_mimetypes.best_match(["application/json", HTML], default="application/json")
    if best == HTML:
        return page(template, **content)
    return jsonify(content.get("rule", content))
