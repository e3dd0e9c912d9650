"""The house: imports go inward, outside packages have homes, core and rules are pure, rules hold no data."""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "service" / "baclofen_safety"
MODULES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))
PURE = [name for name in MODULES if name.startswith(("core/", "rules/"))]
RULES = [name for name in MODULES if re.fullmatch(r"rules/\w+/(?!__init__)\w+\.py", name)]

BASE = {"errors"}
ENTRY = {"clock"}
READERS = BASE | {"core", "terminology", "profiles"}
JUDGED = READERS | {"fhir", "rules", "assessor", "config", "logs"}
DOORS = JUDGED | {"explaining", "tallying", "cdshooks", "store", "web", "cli"}
MAY_IMPORT = {
    "core": set(),
    "rules": {"core"},
    "locale": set(),
    "errors": {"core"},
    "clock": BASE,
    "config": BASE,
    "logs": BASE | {"config"},
    "store": BASE,
    "profiles": BASE,
    "terminology": BASE | {"core"},
    "fhir": READERS,
    "assessor": READERS | {"fhir", "rules", "config"},
    "cdshooks": JUDGED | {"store"},
    "web": JUDGED | {"cdshooks", "explaining", "store"},
    "at_ehr": BASE | {"fhir"},
    "cli": JUDGED | ENTRY | {"at_ehr", "cdshooks", "explaining", "store", "tallying"},
    "handbook": JUDGED | {"hooks_page"},
    "hooks_page": {"core", "cdshooks", "errors_page"},
    "errors_page": set(),
    "casebook": set(),
    "tallying": {"core"},
    "explaining": BASE | {"core", "casebook"},
    "app": DOORS | ENTRY,
    "serving": BASE | {"fhir"},
    "demo": BASE,
    "__main__": DOORS | {"app", "serving", "demo"},
    "__init__": set(),
}
"""Part of the package (folder or module) to the other parts it may import."""

HOMES = {
    "fhir": ("fhir/resources.py",),
    "fhir_core": ("fhir/resources.py",),
    "pydantic": ("fhir/resources.py",),
    "flask": ("app.py", "web/"),
    "werkzeug": ("app.py", "web/"),
    "orjson": ("fhir/", "web/", "assessor.py", "cli.py", "profiles.py"),
    "requests": ("fhir/wire.py",),
    "urllib3": ("fhir/wire.py",),
    "structlog": ("logs.py", "web/", "app.py"),
    "click": ("cli.py", "__main__.py"),
    "rich": ("cli.py", "__main__.py", "demo.py"),
    "gunicorn": ("serving.py",),
    "marshmallow": (
        "cdshooks/schemas.py",
        "cdshooks/schemas_call.py",
        "cdshooks/schemas_answer.py",
        "cdshooks/schemas_feedback.py",
        "web/parsing.py",
    ),
    "webargs": ("web/",),
    "flask_smorest": ("web/",),
    "sqlalchemy": ("store/",),
    "prometheus_client": ("web/metrics.py",),
    "joserfc": ("cdshooks/jwks.py", "cdshooks/tokens.py", "cdshooks/minting.py"),
}
"""Outside package to the modules (or folders) that may import it."""

PURE_STANDARD_LIBRARY = {
    "__future__",
    *(
        "bisect",
        "collections",
        "contextlib",
        "dataclasses",
        "datetime",
        "decimal",
        "enum",
        "fractions",
        "functools",
    ),
    *(
        "hashlib",
        "heapq",
        "itertools",
        "math",
        "operator",
        "re",
        "statistics",
        "string",
        "types",
        "typing",
        "uuid",
    ),
}
CLOCK = {"now", "utcnow", "today", "fromtimestamp", "utcfromtimestamp", "uuid1", "uuid4"}
OUTSIDE_WORLD = {"open", "input", "print", "exec", "eval", "compile", "__import__", "breakpoint"}
OUTSIDE_ATTRIBUTES = {"environ", "getenv", "read_text", "read_bytes", "write_text", "write_bytes"}
ADDRESS = re.compile(r"https?://|urn:(oid|uuid)")
CLINICAL_CODE = re.compile(
    r"(?<![\d.])\d{5,18}(?![\d.])"  # RxNorm, SNOMED CT
    r"|\b\d{2,6}-\d\b"  # LOINC
    r"|\b[A-TV-Z]\d[0-9AB]\.\w{1,4}\b"  # ICD-10-CM
    r"|\b[A-V]\d\d[A-Z]{1,2}(\d\d)?\b"  # ATC
)
WIRE_NAME = re.compile(
    r"resourceType|medicationCodeableConcept|medicationReference|dosageInstruction|doseAndRate|doseQuantity"
    r"|value(Quantity|CodeableConcept)|effective(DateTime|Period)|onset(DateTime|Period)|authoredOn|timingTiming"
)
LONGEST_PHRASE = 4
MOST_LINES = 300
NUMBERS_WITHOUT_MEANING = {0, 1}  # others only as the places in round(amount, 2)


@cache
def tree_of(name: str) -> ast.Module:
    return ast.parse((PACKAGE / name).read_text(encoding="utf-8"), filename=name)


def part_of(name: str) -> str:
    return name.partition("/")[0].removesuffix(".py")


def at(name: str, node: ast.AST) -> str:
    return f"{name}:{getattr(node, 'lineno', 0)}"


def outside_imports(name: str) -> Iterator[tuple[str, ast.AST]]:
    """Full dotted names of absolute imports."""
    for node in ast.walk(tree_of(name)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module or "", node


def inside_imports(name: str) -> Iterator[tuple[str, ast.AST]]:
    """Parts of our own package that a module imports, relative or absolute."""
    folders = name.split("/")[:-1]
    for node in ast.walk(tree_of(name)):
        if isinstance(node, ast.ImportFrom) and node.level:
            above = folders[: len(folders) - node.level + 1]
            dotted = [*above, *(node.module.split(".") if node.module else [])]
            if dotted:
                yield dotted[0], node
            else:
                yield from ((alias.name, node) for alias in node.names)
    for dotted_name, node in outside_imports(name):
        if dotted_name.startswith("baclofen_safety."):
            yield dotted_name.split(".")[1], node


def docstrings(tree: ast.Module) -> set[int]:
    """Ids of string constants that stand alone as a statement."""
    return {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


def raised(tree: ast.Module) -> set[int]:
    """Ids of all nodes inside a ``raise``: an error for developers may speak in sentences."""
    return {id(inner) for node in ast.walk(tree) if isinstance(node, ast.Raise) for inner in ast.walk(node)}


def rounding(tree: ast.Module) -> set[int]:
    """Ids of the second arguments of ``round``."""
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    return {id(one) for call in calls if ast.unparse(call.func) == "round" for one in call.args[1:]}


def strings(name: str) -> Iterator[tuple[str, ast.AST]]:
    """String constants that are neither docstrings nor text of an error."""
    tree = tree_of(name)
    left_out = docstrings(tree) | raised(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in left_out:
            yield node.value, node


@pytest.mark.parametrize("name", MODULES)
def test_imports_go_inward_only(name: str) -> None:
    part = part_of(name)
    assert part in MAY_IMPORT, f"{name}: say in MAY_IMPORT what {part!r} may import"
    wrong = [
        f"{at(name, node)}: {part} must not import {other}"
        for other, node in inside_imports(name)
        if other != part and other not in MAY_IMPORT[part] and not other.startswith("__")
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", MODULES)
def test_each_outside_package_has_one_home(name: str) -> None:
    wrong = []
    for dotted, node in outside_imports(name):
        top = dotted.partition(".")[0]
        if top in sys.stdlib_module_names or top == "baclofen_safety":
            continue
        homes = HOMES.get(top)
        if homes is None:
            wrong.append(f"{at(name, node)}: {top} has no home; name it in HOMES")
        elif not any(name == home or (home.endswith("/") and name.startswith(home)) for home in homes):
            wrong.append(f"{at(name, node)}: {top} may be imported by {', '.join(homes)} only")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", PURE)
def test_core_and_rules_know_neither_clock_nor_file_nor_environment(name: str) -> None:
    wrong = [
        f"{at(name, node)}: imports {dotted}"
        for dotted, node in outside_imports(name)
        if dotted.partition(".")[0] not in PURE_STANDARD_LIBRARY
    ]
    for node in ast.walk(tree_of(name)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in OUTSIDE_WORLD:
            wrong.append(f"{at(name, node)}: calls {node.func.id}")
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCK:
            wrong.append(f"{at(name, node)}: calls .{node.func.attr}(); time comes in as an argument")
        elif isinstance(node, ast.Attribute) and node.attr in OUTSIDE_ATTRIBUTES:
            wrong.append(f"{at(name, node)}: uses .{node.attr}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", PURE)
def test_core_and_rules_hold_no_address_and_no_clinical_code(name: str) -> None:
    wrong = [
        f"{at(name, node)}: {text!r} belongs into a ValueSet, a table or a writer"
        for text, node in strings(name)
        if ADDRESS.search(text) or CLINICAL_CODE.search(text) or WIRE_NAME.search(text)
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", RULES)
def test_rules_hold_no_number(name: str) -> None:
    places = rounding(tree_of(name))
    wrong = [
        f"{at(name, node)}: {node.value!r} belongs into a limit of the TOML"
        for node in ast.walk(tree_of(name))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, int | float)
        and not isinstance(node.value, bool)
        and id(node) not in places
        and node.value not in NUMBERS_WITHOUT_MEANING
    ]
    wrong += [
        f"{at(name, node)}: {ast.unparse(node)} belongs into a limit of the TOML"
        for node in ast.walk(tree_of(name))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in {"Decimal", "int", "float"}
        and any(isinstance(one, ast.Constant) and one.value not in {"0", "1", 0, 1} for one in node.args)
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", RULES)
def test_rules_hold_no_sentence(name: str) -> None:
    wrong = [
        f"{at(name, node)}: {text!r} belongs into the TOML"
        for text, node in strings(name)
        if len(text.split()) > LONGEST_PHRASE
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", MODULES)
def test_modules_are_short(name: str) -> None:
    lines = len((PACKAGE / name).read_text(encoding="utf-8").splitlines())
    assert lines <= MOST_LINES, f"{name} has {lines} lines; {MOST_LINES} at most"


@pytest.mark.parametrize("name", MODULES)
def test_no_star_import_no_print_no_later(name: str) -> None:
    wrong = []
    for node in ast.walk(tree_of(name)):
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
            wrong.append(f"{at(name, node)}: star import")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
            wrong.append(f"{at(name, node)}: print")
    later = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
    for number, line in enumerate((PACKAGE / name).read_text(encoding="utf-8").splitlines(), 1):
        if later.search(line):
            wrong.append(f"{name}:{number}: left for later: {line.strip()}")
    assert not wrong, "\n".join(wrong)


LEFT_OUT = {".git", ".venv", "node_modules", "__pycache__", ".conformance", ".hypothesis", "build", "dist"}
MACHINE_PATH = re.compile(r"(?<![\w.~$}/-])/(?:work|root|home|Users)/\w")


def repository_files() -> Iterator[Path]:
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        if path.is_file() and not any(one in LEFT_OUT or one.endswith("_cache") for one in parts):
            yield path


def test_no_file_names_a_path_of_one_machine() -> None:
    wrong = []
    for path in repository_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if found := MACHINE_PATH.search(text):
            line = text.count("\n", 0, found.start()) + 1
            wrong.append(f"{path.relative_to(ROOT)}:{line}: {found.group()}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", sorted(ROOT.glob("requirements*.lock")), ids=lambda path: path.name)
def test_python_locks_are_pinned_by_hash_and_name_no_index(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "://" not in text, f"{path.name} names an address"
    assert not re.search(r"^-", text, re.MULTILINE), f"{path.name} holds an option of one machine"
    pins = re.findall(r"^([\w.-]+)==\S+.*\\\n((?:\s+--hash=sha256:[0-9a-f]{64}.*\n)+)", text, re.MULTILINE)
    names = re.findall(r"^\w[^\s=]*", text, re.MULTILINE)
    assert names
    assert [name for name, _ in pins] == names, f"{path.name}: every line is name==version with hashes"


def test_node_lock_is_pinned_by_hash_and_names_no_download_address() -> None:
    lock = json.loads((ROOT / "conformance" / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: one for name, one in lock["packages"].items() if name and not one.get("inBundle")}
    assert packages
    assert not [name for name, one in packages.items() if "resolved" in one or "integrity" not in one]
