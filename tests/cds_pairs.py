"""``python tests/cds_pairs.py``: whole calls of the CDS Hooks door and its whole answers, written down for review.

One file per hook, client and kind of answer under ``tests/cdshooks/golden/``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask.testing import FlaskClient

from baclofen_safety.app import create_app
from baclofen_safety.assessor import Assessor, load_assessor
from baclofen_safety.config import Settings
from cases import AS_OF
from cdshooks.pairing import HERE, SHAPES, Json, Pair, Shape, every_pair, request_of

FOLDER = HERE / "golden"
PUBLIC = "https://safety.example.org"
KNOWLEDGE = "an-id-that-changes-with-the-knowledge"
PROFILES: Mapping[Shape, str] = {"spec": "default", "epic": "epic", "sandbox": "sandbox"}


def doors(assessor: Assessor) -> Mapping[Shape, FlaskClient]:
    """The service as each client sees it: one on this machine, which needs no token."""
    return {shape: _door(assessor, PROFILES[shape]) for shape in SHAPES}


def _door(assessor: Assessor, profile: str) -> FlaskClient:
    with TemporaryDirectory() as folder:
        clients = Path(folder) / "clients.toml"
        clients.write_text(f'[[client]]\nname = "local"\nprofile = "{profile}"\n', "utf-8")
        settings = Settings(cds_auth="off", cds_clients=clients, public_url=PUBLIC, strict=True)
        app = create_app(replace(assessor, settings=settings), clock=lambda: datetime.fromisoformat(AS_OF))
    return app.test_client()


def written(pair: Pair, door: FlaskClient) -> str:
    """The call and its answer, as a file holds them."""
    path = f"/cds-services/{pair.service.id}"
    body = request_of(pair)
    answer = door.post(path, json=body, headers={"X-Request-ID": "a-call"})
    told: Json = {
        "request": {"path": path, "body": body},
        "response": {"status": answer.status_code, "body": answer.get_json()},
    }
    return json.dumps(_steady(told), indent=1, ensure_ascii=False) + "\n"


def _steady(value: Any) -> Any:
    """Without what every new sentence of the knowledge changes: the ids of detected issues."""
    if isinstance(value, list):
        return [_steady(one) for one in value]
    if not isinstance(value, dict):
        return value
    made = {key: _steady(one) for key, one in value.items()}
    return made | ({"id": KNOWLEDGE} if made.get("resourceType") == "DetectedIssue" else {})


def main() -> int:
    ready = doors(load_assessor(Settings()))
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.json"):
        old.unlink()
    for pair in every_pair():
        (FOLDER / f"{pair.name}.json").write_text(written(pair, ready[pair.shape]), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
