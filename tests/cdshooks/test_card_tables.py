"""A broken table of the cards stops the start, and the message names file and key."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import baclofen_safety
from baclofen_safety.cdshooks import client_profiles, moments, wording
from baclofen_safety.cdshooks.tables import TableError, text_of

PACKAGE = Path(baclofen_safety.__file__).parent
READ: dict[str, Callable[[str], object]] = {
    client_profiles.FILE: client_profiles.read_abilities,
    moments.FILE: moments.read_moments,
    wording.FILE: wording.read_sentences,
}
BROKEN = [
    (client_profiles.FILE, "[epic]", "[epics]", "epic", "missing"),
    (client_profiles.FILE, 'selection = "any"', 'selection = "some"', "epic.selection", "one of any, at-most-one"),
    (client_profiles.FILE, "together = false", "", "epic.together", "missing"),
    (client_profiles.FILE, "together = false", 'together = "no"', "epic.together", "true or false"),
    (client_profiles.FILE, "shared_topics = false", "shared_topics = false\nx = 1", "epic.x", "no such key"),
    (client_profiles.FILE, "[default]", "[default", "", "not TOML"),
    (client_profiles.FILE, "[default]", "[other]\n[default]", "other", "no such key"),
    (moments.FILE, "most_cards = 5", 'most_cards = "5"', "most_cards", "whole number"),
    (moments.FILE, "most_cards = 5", "most_cards = 0", "most_cards", "whole number"),
    (moments.FILE, "most_cards = 5", "", "most_cards", "missing"),
    (moments.FILE, "most_cards = 5", "most_cards = 5\nmost_card = 5", "most_card", "no such key"),
    (moments.FILE, 'follow_up = ["', 'follow_up = [5, "', "follow_up", "a list of names"),
    (moments.FILE, "asked_at = {", "asked_at = { x = 5,", "asked_at.x", "a list of names"),
    (moments.FILE, 'limit = "dose-start-cap"', 'limit = ""', "first_dose.limit", "words"),
    (moments.FILE, "[creatinine.coding]", "[creatinine.code]", "creatinine.coding", "missing"),
    (wording.FILE, 'found = "Found"', "found = 5", "card.found", "words"),
    (wording.FILE, 'found = "Found"', "", "card.found", "missing"),
    (wording.FILE, 'found = "Found"', 'found = "Found {it"', "card.found", "brace"),
    (wording.FILE, 'lead_pump = "', 'lead_pump = "{drug} ', "card.lead_pump", "nobody fills: drug"),
    (wording.FILE, 'lead_pump = "', 'lead_pump = "{} ', "card.lead_pump", "nobody fills: no name"),
    (wording.FILE, "[failure]", "[failures]", "failure", "missing"),
    (wording.FILE, 'code = "risk-benefit-ratio"', "", "override[0].code", "missing"),
]


@pytest.mark.parametrize("file", READ)
def test_the_shipped_tables_are_read(file: str) -> None:
    assert READ[file](text_of(file))


@pytest.mark.parametrize(("file", "old", "new", "key", "expected"), BROKEN)
def test_a_broken_table_is_told_by_file_and_key(file: str, old: str, new: str, key: str, expected: str) -> None:
    text = text_of(file)
    head, found, tail = split(text, old) if key.startswith("epic.") else text.partition(old)
    assert found
    with pytest.raises(TableError) as raised:
        READ[file](head + new + tail)
    assert (raised.value.file, raised.value.key) == (file, key)
    assert expected in str(raised.value)
    assert str(raised.value).startswith(file)


def split(text: str, old: str) -> tuple[str, str, str]:
    """The text before, the first place below [epic], and what follows."""
    at = text.index("[epic]")
    head, found, tail = text[at:].partition(old)
    return text[:at] + head, found, tail


def test_a_table_that_is_not_there_is_told() -> None:
    with pytest.raises(TableError, match=r"^nothing.toml: cannot be read"):
        text_of("nothing.toml")


def said() -> Iterator[tuple[str, str]]:
    """Every sentence the code asks for by a name written out, and where."""
    for path in sorted((PACKAGE / "cdshooks").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id.startswith("phrase"):
                for one in node.args:
                    for leaf in ast.walk(one):
                        if isinstance(leaf, ast.Constant) and isinstance(leaf.value, str) and "." in leaf.value:
                            yield leaf.value, f"{path.name}:{leaf.lineno}"


def test_every_sentence_the_code_asks_for_is_looked_for_at_the_start() -> None:
    listed = {
        f"{table}.{entry.partition('(')[0]}"
        for table, entries in wording.SENTENCES.items()
        for entry in entries.split()
    }
    asked = {key: where for key, where in said() if not key.startswith(".") and not key.endswith((".", "_"))}
    assert len(asked) > 50
    assert {key: where for key, where in asked.items() if key not in listed} == {}, "name it in wording.SENTENCES"


@pytest.mark.parametrize(
    ("file", "old", "new", "key"),
    [
        (client_profiles.FILE, "[default]", "[defaults]", "default"),
        (moments.FILE, "most_cards", "most_card", "most_cards"),
        (wording.FILE, "[card]", "[cards]", "card"),
    ],
)
def test_a_broken_table_stops_the_start(tmp_path: Path, file: str, old: str, new: str, key: str) -> None:
    copy = tmp_path / "baclofen_safety"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    broken = copy / "cdshooks" / file
    broken.write_text(broken.read_text("utf-8").replace(f"\n{old}", f"\n{new}", 1), "utf-8")
    start = "from baclofen_safety.app import create_app; create_app()"
    environment = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", start], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert f"TableError: {file}: {key}: missing" in done.stderr
