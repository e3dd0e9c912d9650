"""``python tests/metamorphic.py [HOW_MANY] [SEED]``: damage Bundles in which a rule is known to fire, look for silence.

Every rule takes its turn with one of its firing cases (no longer tagged as a complete record). One place is damaged: a
field dropped or retyped, a code nobody knows, another unit, a resource or every resource of a type missing, the entries
in another order. Told: crashes, broken rules, answers "success" without any finding, and answers "success" in which the
rule at hand says nothing any more. The last are listed by rule and place: some are right (an opioid that is not there
adds to nothing), none may be a hazard that is still in the record. One problem less among others of its kind leaves no
trace: that silence is counted by itself, as gone.
"""

from __future__ import annotations

import copy
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from baclofen_safety.assessor import Assessor, load_assessor
from baclofen_safety.config import Settings
from baclofen_safety.core.verdict import Verdict
from baclofen_safety.errors import BadInput
from baclofen_safety.fhir.operations import Ask
from builders import make_bundle
from cases import Case, every_case
from test_damage import DAMAGES, damage, is_another_answer, is_the_order, places

Bundle = dict[str, Any]
Damaged = tuple[Bundle, str] | None
"""The damaged Bundle and the place; None when this damage does not fit."""
UNITS = ("mg", "mcg", "mL", "mmol/L", "umol/L", "kg", "[degF]", "qqq", "")


def drop_field(bundle: Bundle, chance: random.Random) -> Damaged:
    path = chance.choice([one for one in places(bundle["entry"]) if len(one) > 2])
    whole = ("entry", *path)
    return None if is_the_order(bundle, whole) else (damage(bundle, whole, None), _said(bundle, path))


def retype(bundle: Bundle, chance: random.Random) -> Damaged:
    path = chance.choice([one for one in places(bundle["entry"]) if len(one) > 2])
    value = DAMAGES[chance.choice([name for name in DAMAGES if name != "dropped"])]
    if is_another_answer(bundle, ("entry", *path), value):
        return None
    return damage(bundle, ("entry", *path), value), _said(bundle, path)


def unknown_code(bundle: Bundle, chance: random.Random) -> Damaged:
    """A coding nobody knows, without words that say what it is."""
    return _instead(bundle, chance, "coding", [{"system": "urn:nobody:knows", "code": "qqq"}], "text")


def other_unit(bundle: Bundle, chance: random.Random) -> Damaged:
    return _instead(bundle, chance, "unit", chance.choice(UNITS), "code")


def _instead(bundle: Bundle, chance: random.Random, name: str, value: Any, without: str) -> Damaged:
    """Another value in one of the fields of that name, and the field beside it gone."""
    found = [one for one in places(bundle["entry"]) if one[-1] == name]
    if not found:
        return None
    path = chance.choice(found)
    broken = damage(bundle, ("entry", *path), value)
    holder: Any = broken["entry"]
    for key in path[:-1]:
        holder = holder[key]
    holder.pop(without, None)
    return broken, _said(bundle, path)


def drop_resource(bundle: Bundle, chance: random.Random) -> Damaged:
    at = chance.randrange(len(bundle["entry"]))
    kind = bundle["entry"][at]["resource"]["resourceType"]
    if kind.startswith("Medication"):
        return None
    return damage(bundle, ("entry", at), None), kind


def drop_type(bundle: Bundle, chance: random.Random) -> Damaged:
    kinds = sorted({one["resource"]["resourceType"] for one in bundle["entry"]})
    kind = chance.choice(kinds)
    if kind.startswith("Medication"):
        return None
    left = [one for one in bundle["entry"] if one["resource"]["resourceType"] != kind]
    return {**bundle, "entry": copy.deepcopy(left)}, f"every {kind}"


def reorder(bundle: Bundle, chance: random.Random) -> Damaged:
    entries = copy.deepcopy(bundle["entry"])
    chance.shuffle(entries)
    return {**bundle, "entry": entries}, "entries"


KINDS: dict[str, Callable[[Bundle, random.Random], Damaged]] = {
    "field dropped": drop_field,
    "field retyped": retype,
    "unknown code": unknown_code,
    "other unit": other_unit,
    "resource missing": drop_resource,
    "type missing": drop_type,
    "reordered": reorder,
}


def _said(bundle: Bundle, path: tuple[Any, ...]) -> str:
    kind = bundle["entry"][path[0]]["resource"]["resourceType"]
    return f"{kind}.{'.'.join(str(one) for one in path[2:] if not isinstance(one, int))}"


@dataclass(slots=True)
class Report:
    """What the run came to."""

    mutants: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    crashes: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    quieter: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))


def firing_cases() -> dict[str, list[Case]]:
    """By rule the cases that expect it."""
    found: dict[str, list[Case]] = defaultdict(list)
    for _, case in every_case():
        for expected in case.expect:
            found[expected.partition(" ")[0]].append(case)
    return found


def run(how_many: int, seed: int, assessor: Assessor) -> Report:
    """Damage until so many mutants were judged."""
    chance, report, cases = random.Random(seed), Report(), firing_cases()
    rules = sorted(cases)
    while sum(report.mutants.values()) < how_many:
        for rule in rules:
            _one(rule, chance.choice(cases[rule]), chance, report, assessor)
    return report


def _one(rule: str, case: Case, chance: random.Random, report: Report, assessor: Assessor) -> None:
    bundle = {key: value for key, value in make_bundle(case).items() if key != "meta"}
    if rule not in _rules(_judge(bundle, case, assessor)):
        return  # fires in the complete record alone
    kind = chance.choice(list(KINDS))
    damaged = KINDS[kind](bundle, chance)
    if damaged is None:
        return
    report.mutants[kind] += 1
    where = f"{rule} [{case.name}] {kind}: {damaged[1]}"
    try:
        verdict = _judge(damaged[0], case, assessor)
    except BadInput:
        report.refused += 1
        return
    except Exception as error:
        report.crashes.append(f"{where} {type(error).__name__}")
        return
    if any(question.broken for question in verdict.questions):
        report.crashes.append(f"{where} broke {[one.sheet.id for one in verdict.questions if one.broken]}")
    if verdict.status == "success" and rule not in _rules(verdict):
        if not verdict.issues:
            kinds = {one["resource"]["resourceType"] for one in damaged[0]["entry"]}
            traceless = kind == "resource missing" and damaged[1] in kinds
            (report.gone if traceless else report.silent).append(where)
        if rule not in {one.rule for one in verdict.put_aside}:
            report.quieter[rule][f"{kind}: {damaged[1]}"] += 1


def _judge(bundle: Bundle, case: Case, assessor: Assessor) -> Verdict:
    return assessor.answer(Ask(bundle, as_of=case.as_of), case.as_of).verdict


def _rules(verdict: Verdict) -> set[str]:
    return {issue.sheet.id for issue in verdict.issues}


def main(arguments: list[str]) -> int:
    how_many, seed = (int(one) for one in (*arguments, *("20000", "20261120")[len(arguments) :]))
    report = run(how_many, seed, load_assessor(Settings()))
    for rule, places_of in sorted(report.quieter.items()):
        for place, count in places_of.most_common():
            sys.stdout.write(f"quieter  {rule}  {place}  {count}\n")
    for name, found in (("crash", report.crashes), ("gone", report.gone), ("silent", report.silent)):
        sys.stdout.writelines(f"{name}  {one}\n" for one in found)
    kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(report.mutants.items()))
    sys.stdout.write(
        f"{sum(report.mutants.values())} mutants of {len(firing_cases())} rules ({kinds}), seed {seed}: "
        f"{report.refused} refused, {len(report.crashes)} crashes or broken rules, {len(report.silent)} silent, "
        f"{len(report.gone)} with nothing left that says so, "
        f"{sum(sum(one.values()) for one in report.quieter.values())} in which the rule fell quiet under success\n"
    )
    return 1 if report.crashes or report.silent else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
