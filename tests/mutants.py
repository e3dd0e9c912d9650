"""``python tests/mutants.py [MODULE …]``: how many small faults in the rules the tests would notice.

Every mutant changes one place of one module (``mutating``) in the running code. Then the cases that run the changed
lines are judged again on charts read once, and held against what is written down of them (``golden``); then the
bounds, then (in a forked child) the unit tests of the module. The first red one kills the mutant. What survives is
printed with its place, so that it can be killed or explained (``tests/survivors.toml``). What is explained is not
tried again: take its line out to try it.
"""

from __future__ import annotations

import importlib
import io
import os
import signal
import sys
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from baclofen_safety.core.assess import assess
from baclofen_safety.core.chart import Chart
from baclofen_safety.core.knowledge import Rulebook
from baclofen_safety.fhir.reading import read_chart
from baclofen_safety.rules import FAMILIES
from baclofen_safety.terminology.lookup import Terminology
from builders import make_bundle
from cases import Case, every_case, faults
from core import charts
from core.bounds import BOUNDS
from doors import told_by_core
from golden import write_down
from mutating import PACKAGE, Mutant, apply, mutants_of

HERE = Path(__file__).parent
LOADED_BEFORE_ANY_FORK = [importlib.import_module(name) for name in ("hypothesis.strategies", "baclofen_safety.app")]
CORE = (
    *("aki", "body", "dialysis", "egfr", "kidney", "measuring", "renal_formulas", "dosing", "units", "liquid"),
    *("taper", "taper_refusal", "overlaps", "pairs", "line", "supply", "stops", "plans"),
)
"""The dose, kidney and taper modules of the core."""
LINE_TESTS = ("test_oral", "test_timeline", "test_edges", "test_hospital")
ALSO = {
    **dict.fromkeys((f"core/{name}" for name in ("overlaps", "pairs", "line", "supply", "stops", "plans")), LINE_TESTS),
    **dict.fromkeys(("core/aki", "core/dialysis", "core/kidney"), ("test_kidney", "test_bands")),
    "core/body": ("test_person", "test_kidney"),
    "core/measuring": ("test_person", "test_kidney"),
}
"""Unit tests that ask a module through another one."""
MOST_SECONDS = 3
MOST_SECONDS_OF_TESTS = 60
"""Processor time: a mutant that takes longer over one case, or over its unit tests, is caught in a loop: noticed."""

FIRST = 40
"""So many cases are asked before the unit tests."""
ALREADY_IMPORTED = "ignore::pytest.PytestAssertRewriteWarning"


class TakesTooLong(BaseException):
    """Nothing that is judged may catch it."""


@dataclass(frozen=True, slots=True)
class Check:
    """A case, its chart, read once, and the rules it names."""

    case: Case
    chart: Chart
    rules: frozenset[str]

    def says(self, book: Rulebook) -> str:
        return write_down(assess(self.chart, self.case.as_of, book), book)


def read_checks(book: Rulebook) -> list[Check]:
    """Every case. They and the bounds must hold before anything is changed."""
    terms, checks = Terminology.load(), []
    for _, case in every_case():
        chart = read_chart(make_bundle(case), as_of=case.as_of, subject=None, terms=terms)
        assert not faults(case, told_by_core(assess(chart, case.as_of, book), book)), case.name
        checks.append(Check(case, chart, frozenset(_rules_named(case))))
    for bound in BOUNDS:
        bound(book)
    return checks


class Trial:
    """What the mutants of one module are held against: ``book`` holds the judges that may notice them."""

    def __init__(self, module: str, checks: list[Check], whole: Rulebook) -> None:
        """For a family the judges of its rules, and of those they look at; else all. Its own cases come first."""
        rules = rules_of(module)
        judges = {rule: whole.judges[rule] for rule in _needed(rules, whole)} if rules else whole.judges
        self.whole = whole  # the bounds ask rules of every family
        self.book = replace(whole, judges=judges)
        self.module = module
        self.tests = unit_tests_of(module)
        red = [files for files in self.tests if killed_by_unit_tests(files)]
        assert not red, f"red as they are: {red}"
        self.checks = sorted(checks, key=lambda check: check.rules.isdisjoint(rules))
        self.said: list[str] = []
        self.runs = self._lines_run()
        self.order = list(range(len(self.checks)))

    def _lines_run(self) -> list[frozenset[int]]:
        """By check the lines of the module that it runs; ``said`` is filled on the way."""
        path = importlib.import_module(f"{PACKAGE.name}.{self.module.replace('/', '.')}").__file__
        seen: set[int] = set()

        def step(frame: Any, event: str, _: object) -> Any:
            if frame.f_code.co_filename != path:
                return None
            seen.add(frame.f_lineno)
            return step

        found = []
        for check in self.checks:
            seen.clear()
            sys.settrace(step)
            verdict = assess(check.chart, check.case.as_of, self.book)
            sys.settrace(None)
            found.append(frozenset(seen))
            self.said.append(write_down(verdict, self.book))
        return found

    def survives(self, mutant: Mutant) -> bool:
        """A changed module that does not load, and a judge of no sheet, are noticed."""
        try:
            judges, back = apply(mutant)
        except Exception:
            return False
        try:
            return judges.keys() <= self.whole.judges.keys() and not self._is_killed(mutant, judges)
        finally:
            back()

    def _is_killed(self, mutant: Mutant, judges: dict[str, Any]) -> bool:
        """Cases that go different ways through the module are asked first, those that go a way again come last."""
        book, whole = _with(judges, self.book), _with(judges, self.whole)
        ways: dict[frozenset[int], int] = {}
        for at in self._reached(mutant):
            ways.setdefault(self.runs[at], at)
        first = list(ways.values())[:FIRST]
        rest = [at for at in self._reached(mutant) if at not in first]
        return (
            any(self._kills(at, book) for at in first)
            or any(_is_red(partial(bound, whole)) for bound in BOUNDS)
            or any(killed_by_unit_tests(files) for files in self.tests)
            or any(self._kills(at, book) for at in rest)
        )

    def _reached(self, mutant: Mutant) -> list[int]:
        if mutant.lines is None:
            return list(self.order)
        return [at for at in self.order if not self.runs[at].isdisjoint(mutant.lines)]

    def _kills(self, at: int, book: Rulebook) -> bool:
        """What noticed one fault is asked first about the next."""
        red = _is_red(lambda: self.checks[at].says(book) != self.said[at])
        if red:
            self.order.remove(at)
            self.order.insert(0, at)
        return red


def _with(judges: dict[str, Any], book: Rulebook) -> Rulebook:
    return replace(book, judges={rule: judges.get(rule, judge) for rule, judge in book.judges.items()})


def _needed(rules: frozenset[str], book: Rulebook) -> list[str]:
    """The rules and those whose findings they look at, in the order they are judged."""
    needed = set(rules)
    while more := {other for rule in needed for other in book.sheets[rule].after} - needed:
        needed |= more
    return [rule for rule in book.judges if rule in needed]


def _rules_named(case: Case) -> Iterator[str]:
    yield from (expected.partition(" ")[0] for expected in case.expect)
    yield from case.silent
    yield from (gap.partition(":")[0] for gap in case.gaps)


def _is_red(check: Callable[[], bool | None]) -> bool:
    """Does a check say so, fail, or never end?"""
    with _limit():
        try:
            return bool(check())
        except (Exception, TakesTooLong):
            return True


@contextmanager
def _limit() -> Iterator[None]:
    signal.setitimer(signal.ITIMER_VIRTUAL, MOST_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def too_long(number: int, frame: object) -> None:
    raise TakesTooLong


def unit_tests_of(module: str) -> tuple[list[str], list[str]]:
    """The module's own test files, and those that import it; tables of cases left out: they were judged already."""
    name = f"{PACKAGE.name}.{module.replace('/', '.')} import"
    slow = {"test_doors", "test_limits", "test_cases", "test_damage", "test_properties", "test_golden"}
    files = [path for path in sorted(HERE.rglob("test_*.py")) if path.stem not in slow]
    own = [path for path in files if path.stem == f"test_{Path(module).name}"]
    also = ALSO.get(module, ())
    others = [path for path in files if path not in own and (path.stem in also or name in path.read_text("utf-8"))]
    return [str(path) for path in own], [str(path) for path in others]


def killed_by_unit_tests(files: list[str]) -> bool:
    """In a child that holds the mutant already: do the unit tests turn red?"""
    if not files:
        return False
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGVTALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_VIRTUAL, MOST_SECONDS_OF_TESTS)
        code = 1
        nowhere = io.StringIO()
        with suppress(BaseException), redirect_stdout(nowhere), redirect_stderr(nowhere):
            code = pytest.main(["-x", "-q", "-p", "no:cacheprovider", "-W", ALREADY_IMPORTED, *files])
        os._exit(1 if code else 0)
    return os.waitpid(child, 0)[1] != 0


def rule_modules() -> list[str]:
    return sorted(f"rules/baclofen/{path.stem}" for path in (PACKAGE / "rules" / "baclofen").glob("[!_]*.py"))


def rules_of(module: str) -> frozenset[str]:
    """The rules of the family a rule module belongs to; for others none come first."""
    stem = Path(module).name
    family = next((name for name in sorted(FAMILIES, key=len, reverse=True) if stem.startswith(name)), "")
    return frozenset(FAMILIES[family].RULES) if module.startswith("rules/") and family else frozenset()


def explained() -> dict[str, str]:
    """Survivors that were looked at: "module: line of code: change" to the reason."""
    path = HERE / "survivors.toml"
    return tomllib.loads(path.read_text("utf-8")).get("survivor", {}) if path.is_file() else {}


def main(modules: Iterable[str]) -> int:
    whole, known = charts.book(), explained()
    checks = read_checks(whole)
    signal.signal(signal.SIGVTALRM, too_long)
    total: Counter[str] = Counter()
    for module in modules:
        total += _try(Trial(module, checks, whole), known)
    sys.stdout.write(_line("all", total))
    return 0


def _try(trial: Trial, known: dict[str, str]) -> Counter[str]:
    """Every mutant of a module: the survivors told, all counted."""
    module = trial.module
    lines = (PACKAGE / f"{module}.py").read_text("utf-8").splitlines()
    counts: Counter[str] = Counter()
    unused = {key for key in known if key.startswith(f"{module}: ")}
    for mutant in mutants_of(module):
        counts["mutants"] += 1
        code = lines[mutant.line - 1].strip()
        key = f"{module}: {code}: {mutant.says}"
        unused.discard(key)
        if key in known:
            counts["explained"] += 1
        elif trial.survives(mutant):
            counts["survived"] += 1
            sys.stdout.write(f"{module}.py:{mutant.line}: {mutant.says}: {code}\n")
            sys.stdout.flush()
    sys.stdout.writelines(f"explained, but there is no such mutant: {key}\n" for key in sorted(unused))
    sys.stdout.write(_line(module, counts))
    sys.stdout.flush()
    return counts


def _line(name: str, counts: Counter[str]) -> str:
    made, alive = counts["mutants"], counts["survived"] + counts["explained"]
    share = 100 * (made - alive) / made if made else 100
    return f"{name}: {made} mutants, {alive} survived ({counts['explained']} explained), {share:.1f} % killed\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or [*rule_modules(), *(f"core/{name}" for name in CORE)]))
