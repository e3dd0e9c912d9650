"""``python tests/reading_table.py FOLDER [--rows | --amiss | --page] [--types] [--baclofen]``: how resources are read.

Every JSON file below FOLDER that is one resource is put alone into a Bundle with its patient and read as of the newest
date in it. Told by source (the folder a file is in), by type and by version seen: how many were read, how many were
left out and why, what became of the medicine and of the dose, and which kinds of trouble were told. ``--rows`` shows
every resource, ``--amiss`` those of which something was left out or cannot be read. ``--baclofen`` reads every order
as if it were for baclofen: the drug is replaced (tablets of 10 mg where the dose counts them), the shape kept.
``--page`` writes both as the table of ``docs/reading.md``; ``--types`` tells the types of a source apart.
"""

from __future__ import annotations

import copy
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from baclofen_safety.core.chart import Chart, Trouble
from baclofen_safety.core.medicines import DoseStep, Medicine, MedicineState, Order
from baclofen_safety.core.moment import Moment
from baclofen_safety.fhir.dosage import read_steps
from baclofen_safety.fhir.reading import read_chart
from baclofen_safety.fhir.versions import seen_versions
from baclofen_safety.fhir.when import read_moment
from baclofen_safety.terminology.lookup import Terminology

Json = dict[str, Any]
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
TABLET = {"coding": [{"system": RXNORM, "code": "197391", "display": "baclofen 10 MG Oral Tablet"}]}
INGREDIENT = {"coding": [{"system": RXNORM, "code": "1292", "display": "baclofen"}]}
MEDICINES = {"Medication", "MedicationOrder", "MedicationRequest", "MedicationStatement"}
MEDICINES |= {"MedicationDispense", "MedicationAdministration"}
ORDERS = {"MedicationOrder", "MedicationRequest", "MedicationStatement"}
COUNTED = re.compile(r"\b(?:tab|cap|pill|tbl|stuk|stück|錠|caplet|puff)|^1$|TAB|CAP", re.IGNORECASE)
REFUSED = {"not-used", "other-patient", "future", "unknown-type", "unsupported-version"}
NO_DATE = datetime(2026, 1, 1, tzinfo=UTC)
ONWARDS = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one resource."""

    file: str
    source: str
    kind: str
    version: str
    medicine: str
    dose: str
    route: str
    status: str
    start: str
    troubles: tuple[Trouble, ...]
    used: bool

    @property
    def outcome(self) -> str:
        """Read, or why not: the first trouble that keeps it out."""
        if self.used:
            return "read in part" if any(each.kind == "unreadable" for each in self.troubles) else "read"
        told = sorted(self.troubles, key=lambda each: each.kind not in REFUSED)
        why = [each.says for each in told if each.kind in REFUSED | {"unreadable"}]
        return f"left out: {why[0]}" if why else "nothing in it that is asked for"


@dataclass(slots=True)
class Tally:
    """The figures of one source."""

    resources: int = 0
    types: Counter[str] = field(default_factory=Counter)
    versions: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    medicines: Counter[str] = field(default_factory=Counter)
    doses: Counter[str] = field(default_factory=Counter)
    troubles: Counter[str] = field(default_factory=Counter)

    def add(self, row: Row) -> None:
        self.resources += 1
        self.types[row.kind] += 1
        self.versions[row.version] += 1
        self.outcomes[row.outcome] += 1
        if row.medicine:
            self.medicines[row.medicine.partition(":")[0]] += 1
        if row.dose:
            self.doses["computed" if row.dose[0].isdigit() else reason_of(row.dose)] += 1
        self.troubles.update({f"{each.kind}{' (needed)' if each.needed else ''}" for each in row.troubles})


def reason_of(problem: str) -> str:
    """Why there is no dose, without the unit or number at hand."""
    return re.sub(
        r'the dose unit ".*" is not known', "unit not known", re.sub(r"the dose \S+ has", "the dose has", problem)
    )


def resources_in(folder: Path) -> Iterator[tuple[Path, Json]]:
    """Every file below a folder that holds one resource other than a Bundle."""
    for path in sorted(folder.rglob("*.json")):
        try:
            found = orjson.loads(path.read_bytes())
        except orjson.JSONDecodeError:
            continue
        if isinstance(found, dict) and found.get("resourceType") not in (None, "Bundle"):
            yield path, found


def read_row(resource: Json, terms: Terminology, *, file: str = "", source: str = "", baclofen: bool = False) -> Row:
    """Read one resource alone."""
    kind = str(resource["resourceType"])
    document = bundle_of(as_baclofen(resource) if baclofen and kind in MEDICINES else [resource])
    chart = read_chart(document, as_of=newest_date(resource) + ONWARDS, subject=None, terms=terms)
    order = next(iter(chart.orders), None)
    medicine = medicine_of(chart, resource, terms)
    steps = steps_of(order, resource, terms) if kind in ORDERS and order is not None else ()
    return Row(
        file=file,
        source=source,
        kind=kind,
        version="/".join(sorted(one.name for one in seen_versions(resource))) or "contradictory",
        medicine=said_of(medicine) if medicine is not None else "",
        dose=dose_of(steps),
        route=str((order.route if order else None) or ""),
        status=order.status if order else "",
        start=shown(order.start) if order else "",
        troubles=chart.troubles,
        used=is_used(chart, resource, terms),
    )


def bundle_of(resources: list[Json]) -> Json:
    """The resources and the patient the first of them names."""
    first = resources[0]
    named = first.get("subject") or first.get("patient")
    target = named.get("reference") if isinstance(named, dict) else None
    identity = target.rpartition("/")[2] if isinstance(target, str) and not target.startswith("#") else "alone"
    patient: Json = {"resource": {"resourceType": "Patient", "id": identity.rpartition(":")[2][:64]}}
    if isinstance(target, str) and ":" in target:
        patient["fullUrl"] = target
    entries = [patient, *({"resource": one} for one in resources)]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def newest_date(resource: object) -> datetime:
    """The newest date anywhere in a resource."""
    found = [moment.first for text in _texts(resource) if (moment := read_moment(text, UTC)[0]) is not None]
    return max((one for one in found if one.year < 2100), default=NO_DATE)


def _texts(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        for value in node.values():
            yield from _texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from _texts(value)
    elif isinstance(node, str) and re.match(r"\d{4}-\d\d", node):
        yield node


def as_baclofen(resource: Json) -> list[Json]:
    """The resource for baclofen instead of its own drug, and the product where it names one outside."""
    made = copy.deepcopy(resource)
    drug = TABLET if any(COUNTED.search(word) for word in _units(made)) else INGREDIENT
    if made["resourceType"] == "Medication":
        return [{**made, "code": drug, "ingredient": []}]
    if "medicationCodeableConcept" in made:
        made["medicationCodeableConcept"] = drug
        return [made]
    medication = made.get("medication")
    if isinstance(medication, dict) and "concept" in medication:
        medication["concept"] = drug
        return [made]
    holder = medication if isinstance(medication, dict) else made
    target = holder.get("reference") if holder is medication else made.get("medicationReference")
    if not isinstance(target, dict) or not isinstance(target.get("reference"), str):
        made["medicationCodeableConcept"] = drug
        return [made]
    target.pop("display", None)
    name = target["reference"]
    for one in made.get("contained", []):
        if f"#{one.get('id')}" == name:
            one["code"] = drug
            one.pop("ingredient", None)
            return [made]
    target["reference"] = "Medication/alone"
    return [made, {"resourceType": "Medication", "id": "alone", "code": drug}]


def _units(resource: Json) -> Iterator[str]:
    for dosage in _listed(resource.get("dosageInstruction") or resource.get("dosage")):
        yield from (str(dosage.get(key) or "") for key in ("text", "patientInstruction"))
        for entry in (dosage, *_listed(dosage.get("doseAndRate"))):
            names = ("dose", "doseQuantity", "doseSimpleQuantity", "quantityQuantity")
            spans = _listed(entry.get("doseRange"))
            for dose in (*(one for name in names for one in _listed(entry.get(name))), *spans):
                high = dose.get("high", dose)
                yield str(high.get("unit") or high.get("code") or 1) if isinstance(high, dict) else ""


def _listed(value: object) -> list[Json]:
    """The objects of a list, or the one object that stands for it."""
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict)]


def medicine_of(chart: Chart, resource: Json, terms: Terminology) -> Medicine | None:
    """The medicine a resource was read to speak of."""
    found = [each.medicine for each in (*chart.orders, *chart.supplies, *chart.given)]
    if found or resource["resourceType"] != "Medication":
        return next(iter(found), None)
    order = {"resourceType": "MedicationRequest", "status": "active", "intent": "order", "subject": {}}
    order["medicationReference"] = {"reference": f"Medication/{resource.get('id')}"}
    read = read_chart(bundle_of([order, resource]), as_of=NO_DATE, subject=None, terms=terms)
    return next((each.medicine for each in read.orders), None)


def steps_of(order: Order, resource: Json, terms: Terminology) -> tuple[DoseStep, ...]:
    """The dose steps; of a medicine no rule speaks of, those its dosage would give."""
    if order.steps:
        return order.steps
    dosages = resource.get("dosageInstruction", resource.get("dosage"))
    return read_steps(
        dosages,
        order.medicine,
        route=None,
        start=order.start,
        zone=UTC,
        terms=terms,
        weight_kg=None,
        ref=order.ref,
    )[0]


def said_of(medicine: Medicine) -> str:
    if medicine.state is not MedicineState.MATCHED:
        return f"{medicine.state}: {medicine.name}"
    return f"in a class: {', '.join(sorted(medicine.ingredients))}" if not medicine.is_baclofen else "baclofen"


def dose_of(steps: tuple[DoseStep, ...]) -> str:
    """Daily doses, step after step, or why there is none."""
    if not steps:
        return ""
    if any(step.daily is None for step in steps):
        return next((problem for step in steps for problem in step.problems), "no reason")
    return ", ".join(f"{step.daily.normalize():f}" for step in steps if step.daily is not None)


def shown(moment: Moment | None) -> str:
    return "" if moment is None else moment.first.isoformat()[:16]


def is_used(chart: Chart, resource: Json, terms: Terminology) -> bool:
    """Did anything of the resource reach the chart (beside the patient)?"""
    kinds = (chart.orders, chart.supplies, chart.given, chart.measurements, chart.problems, chart.acts, chart.stays)
    more = (chart.implants, chart.lists, chart.allergies, chart.acknowledgements, chart.raised, chart.contacts)
    return any(map(bool, (*kinds, *more))) or medicine_of(chart, resource, terms) is not None


def rows_of(folder: Path, terms: Terminology, *, baclofen: bool = False, types: bool = False) -> list[Row]:
    """Every resource below a folder, read; with ``types`` a source is a folder and a type."""
    rows = []
    for path, resource in resources_in(folder):
        place = path.relative_to(folder)
        source = f"{place.parent} {resource['resourceType']}" if types else str(place.parent)
        row = read_row(resource, terms, file=str(place), source=source, baclofen=baclofen)
        rows.append(row)
    return rows


def table_of(rows: list[Row]) -> dict[str, Tally]:
    """The figures of every source, and of all."""
    table: dict[str, Tally] = {}
    for row in rows:
        table.setdefault(row.source, Tally()).add(row)
    whole = Tally()
    for row in rows:
        whole.add(row)
    return {**table, "all": whole}


def said(source: str, tally: Tally) -> Iterator[str]:
    """The figures of one source in lines."""
    yield f"\n## {source}: {tally.resources} resources"
    for name in ("types", "versions", "outcomes", "medicines", "doses", "troubles"):
        counted = getattr(tally, name).most_common()
        if counted:
            yield f"  {name}: " + "; ".join(f"{count} {what}" for what, count in counted)


def told(row: Row) -> Iterator[str]:
    """One resource in lines."""
    parts = (row.version, row.outcome, row.medicine, row.dose and f"dose {row.dose}", row.route, row.status, row.start)
    yield f"{row.file}: {' | '.join(part for part in parts if part)}"
    for each in row.troubles:
        yield f"    {each.kind}{' (needed)' if each.needed else ''} {each.path}: {each.says}"


def page_of(own: dict[str, Tally], turned: dict[str, Tally]) -> Iterator[str]:
    """The table of the documentation: as sent, and the doses with the drug replaced by baclofen."""
    heads = ("Source", "Resources", "Version seen", "Read", "Left out, and why")
    yield f"| {' | '.join((*heads, 'Medicine known', 'Dose as baclofen', 'No dose, and why'))} |"
    yield "| --- | ---: | --- | ---: | --- | ---: | ---: | --- |"
    for source, tally in own.items():
        why = {
            name.removeprefix("left out: "): count
            for name, count in tally.outcomes.items()
            if not name.startswith("read")
        }
        doses = dict(turned[source].doses)
        known = tally.medicines["baclofen"] + tally.medicines["known"] + tally.medicines["in a class"]
        computed = doses.pop("computed", 0)
        cells = (
            source,
            tally.resources,
            counted(tally.versions),
            tally.outcomes["read"] + tally.outcomes["read in part"],
            counted(why),
            f"{known} of {tally.medicines.total()}" if tally.medicines else "",
            computed if turned[source].doses else "",
            counted(doses),
        )
        yield f"| {' | '.join(map(str, cells))} |"


def counted(figures: Mapping[str, int]) -> str:
    """The figures of a cell, the largest first."""
    return "; ".join(f"{count} {what}" for what, count in sorted(figures.items(), key=lambda pair: (-pair[1], pair[0])))


def main() -> None:
    words = sys.argv[1:]
    folder = Path(next(word for word in words if not word.startswith("--")))
    terms = Terminology.load()
    types = "--types" in words
    rows = rows_of(folder, terms, baclofen="--baclofen" in words, types=types)
    if "--page" in words:
        turned = table_of(rows_of(folder, terms, baclofen=True, types=types))
        sys.stdout.writelines(f"{line}\n" for line in page_of(table_of(rows), turned))
        return
    amiss = [row for row in rows if row.outcome != "read"]
    for row in rows if "--rows" in words else amiss if "--amiss" in words else ():
        sys.stdout.writelines(f"{line}\n" for line in told(row))
    for source, tally in table_of(rows).items():
        sys.stdout.writelines(f"{line}\n" for line in said(source, tally))


if __name__ == "__main__":
    main()
