"""The licensed subset: from a folder of source tables to the tables this package ships.

What may be shipped is decided here and nowhere else: SNOMED CT rows only when the code is in the IPS Free Set
(``snomed_ips_free.csv`` of the source folder), ATC codes without names, no WHO ICD-10 names, no names taken
from SNOMED CT translations. Everything left out can be laid over by a site folder.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from .rows import SHIPPED, read_table
from .systems import RXNORM, SNOMED
from .text import words

Row = tuple[str, ...]

_BRAND_IN_BRACKETS = re.compile(r"\[([^\]]+)\]")

PLAIN: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("code_systems", ("code_system", "canonical_uri", "other_uris_seen")),
    ("med_ingredients", ("ingredient", "classes", "rxnorm_in", "unii")),
    ("med_ingredient_atc", ("ingredient", "atc", "use")),
    ("med_class_atc_rules", ("class", "rule", "atc")),
    ("conditions_icd_rules", ("class", "system", "rule", "prefix")),
    ("observations_loinc", ("concept", "system", "code", "display", "canonical_unit", "to_canonical")),
    ("routes", ("route", "system", "code", "display_or_text")),
    ("dose_forms", ("dose_form", "system", "code", "display")),
    ("unit_aliases", ("as_sent", "ucum")),
    ("baclofen_excipients", ("product", "region", "dose_form", "excipient_groups", "note")),
)
LICENSED: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("baclofen_codes", ("code", "system", "tty", "strength_value", "strength_unit", "dose_form", "route")),
    ("conditions_snomed", ("code", "system", "class", "display", "role")),
    ("procedures_devices", ("code", "system", "class", "display")),
    ("excipient_allergies", ("code", "system", "excipient", "kind", "display")),
)
"""Tables with SNOMED CT rows: the first two columns are code and system."""


def import_tables(source: Path, target: Path = SHIPPED) -> None:
    """Write every shipped table from the source folder. Raises ``TerminologyError`` for a table that is
    missing."""
    target.mkdir(parents=True, exist_ok=True)
    for name, columns in PLAIN:
        write_csv(target / f"{name}.csv", columns, read_table(source, name, columns))
    free = {code for (code,) in read_table(source, "snomed_ips_free", ("code",))}
    for name, columns in LICENSED:
        kept = (row for row in read_table(source, name, columns) if row[1] != SNOMED or row[0] in free)
        write_csv(target / f"{name}.csv", columns, kept)
    names = tuple(_class_names(source))
    write_csv(target / "med_names.csv", ("name_normalised", "ingredients"), names)
    write_csv(target / "rxnorm_all.csv.gz", ("rxcui", "ingredient_rxcui", "route_group"), _rxnorm(source))
    write_csv(target / "rxnorm_names.csv.gz", ("name", "ingredient_rxcui", "tty"), _other_names(source, names))
    write_csv(target / "ndc_all.csv.gz", ("ndc11", "rxcui"), _ndc(source))


def _class_names(source: Path) -> Iterator[Row]:
    for name, ingredients, origin in read_table(source, "med_names", ("name_normalised", "ingredients", "origin")):
        if not origin.startswith("ch-term"):
            yield name, ingredients


def _rxnorm(source: Path) -> Iterator[Row]:
    """Every RxNorm code with its ingredient codes and, where known, its route group."""
    ingredients: dict[str, str] = {}
    routes: dict[str, str] = {}
    brands: dict[str, str] = {}
    fluids: set[str] = set()
    for rxcui, tty, parts, name in read_table(source, "rxnorm_all", ("rxcui", "tty", "ingredient_rxcui", "name")):
        ingredients[rxcui] = parts
        if tty == "BN":
            brands[name] = rxcui
        if "Intraperitoneal" in name:
            routes[rxcui] = "intraperitoneal"
            fluids.update(_BRAND_IN_BRACKETS.findall(name))
    columns = ("code", "system", "ingredient_rxcui", "route_group")
    for code, system, parts, route in read_table(source, "med_products", columns):
        if system == RXNORM:
            ingredients[code] = ingredients.get(code) or parts
            routes.setdefault(code, route)
    routes.update({brands[brand]: "intraperitoneal" for brand in fluids if brand in brands})
    for rxcui in sorted(ingredients, key=int):
        if ingredients[rxcui]:
            yield rxcui, ingredients[rxcui], routes.get(rxcui, "")


def _other_names(source: Path, class_names: Iterable[Row]) -> Iterator[Row]:
    """Names of ingredients, salts and brands that are in no class: they tell a known drug from an unknown
    one."""
    taken = {words(name) for name, _ in class_names}
    found: dict[tuple[str, ...], Row] = {}
    columns = ("name", "tty", "ingredient_rxcui")
    for name, tty, parts in sorted(read_table(source, "rxnorm_all", columns), key=lambda row: (row[1] != "IN", row)):
        key = words(name)
        if tty in ("IN", "PIN", "BN") and parts and key not in taken and len(name) > 3:
            found.setdefault(key, (" ".join(key), parts, tty))
    yield from sorted(found.values())


def _ndc(source: Path) -> Iterator[Row]:
    found: dict[str, str] = {}
    for table in ("ndc_all", "baclofen_ndc"):
        found.update((ndc, rxcui) for ndc, rxcui in read_table(source, table, ("ndc11", "rxcui")))
    yield from sorted(found.items())


def write_csv(path: Path, columns: Row, rows: Iterable[Row]) -> None:
    """Write a table, byte for byte the same for the same rows; ``.gz`` is compressed without a time stamp."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    data = text.getvalue().encode()
    path.write_bytes(gzip.compress(data, 9, mtime=0) if path.suffix == ".gz" else data)
