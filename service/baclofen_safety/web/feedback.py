"""What became of the cards, as JSON for programs and as CSV for a spreadsheet. No patient data passes here."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

from flask import Blueprint, Request, Response, g, jsonify, request

from ..cdshooks.clients import Client
from ..cdshooks.feedback_figures import as_json, as_table, summary
from ..core.knowledge import Rulebook
from ..errors import BadParameter
from ..store import Store

JSON, CSV = "application/json", "text/csv"
KEPT = {
    False: "in the database",
    True: "in memory only: lost when this process ends, and other processes keep figures of their own",
}


def feedback_door(store: Store, book: Rulebook, authorise: Callable[[Request], Client]) -> Blueprint:
    """Routes under ``/feedback``, for whoever may call the CDS Hooks door: ``authorise`` raises Unauthorized.

    A client sees its own figures; whoever calls from this machine without a token sees those of all. Comments are
    never shown, nor are reasons in a client's own words: these are counted as "other".
    """
    door = Blueprint("feedback", __name__, url_prefix="/feedback")

    @door.before_request
    def let_in() -> None:
        g.cds_client = authorise(request)

    @door.get("/summary")
    def figures() -> Response:
        media = _media()
        client: Client = g.cds_client
        whose = None if client.issuer is None else client.name
        rules = summary(store, book, whose)
        if media == CSV:
            text = io.StringIO(newline="")
            csv.writer(text).writerows(as_table(rules))
            headers = {
                "Content-Disposition": 'attachment; filename="feedback.csv"',
                "X-Content-Type-Options": "nosniff",
            }
            return Response(text.getvalue(), headers=headers, content_type=f"{CSV}; charset=utf-8; header=present")
        return jsonify(
            client=whose,
            kept=KEPT[store.in_memory],
            memoryOnly=store.in_memory,
            knowledge=book.version,
            rules=as_json(rules),
        )

    return door


def _media() -> str:
    """What ``format`` asks for, else what is preferred; JSON where nothing is said. Raises BadParameter."""
    asked = request.args.get("format")
    if asked is None:
        return request.accept_mimetypes.best_match([JSON, CSV], default=JSON)
    known = {"json": JSON, "csv": CSV}
    if asked not in known:
        raise BadParameter("format: json or csv was expected.", ["http.format"])
    return known[asked]
