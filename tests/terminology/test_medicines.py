"""Medicines: codes, names and products lead to the right ingredients, strength, form and route."""

from __future__ import annotations

from decimal import Decimal

import pytest

from baclofen_safety.core.medicines import MedicineState, Strength
from baclofen_safety.terminology.catalogue import FORM_GROUPS
from baclofen_safety.terminology.lookup import Terminology
from baclofen_safety.terminology.ndc import candidates
from baclofen_safety.terminology.products import read_product
from baclofen_safety.terminology.rows import Tables

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
NDC = "http://hl7.org/fhir/sid/ndc"
ATC = "http://www.whocc.no/atc"
UNII = "http://fdasis.nlm.nih.gov"
EPIC = "urn:oid:1.2.840.114350.1.13.0.1.7.2.698288"

PRODUCTS = tuple(
    Tables().rows("baclofen_codes", "code", "system", "tty", "strength_value", "strength_unit", "dose_form", "route")
)


@pytest.mark.parametrize("row", PRODUCTS, ids=lambda row: f"{row[2]}-{row[0]}")
def test_every_baclofen_code_gives_its_strength_form_and_route(terms: Terminology, row: tuple[str, ...]) -> None:
    code, system, tty, value, unit, form, route = row
    found = terms.medicine([(system, code, "")], "")
    if tty in ("allergy code", "poisoning") or not found.ingredients:
        pytest.fail(f"{row} is not recognised")
    assert found.is_baclofen
    assert found.state is MedicineState.MATCHED
    assert found.how == "coded"
    product = tty not in ("IN", "BN")
    expected = Strength(Decimal(value), "mL" if unit == "mg/mL" else "unit") if value and product else None
    assert found.strength == expected
    assert found.form == (FORM_GROUPS[form] if form and product else None)
    assert found.product_route == (f"route-{route}" if route and product else None)


def test_every_ndc_of_a_baclofen_product_is_baclofen(terms: Terminology) -> None:
    products = {row[0] for row in PRODUCTS if row[2] in ("SCD", "SBD")}
    codes = [ndc for ndc, rxcui in Tables().rows("ndc_all", "ndc11", "rxcui") if rxcui in products]
    assert len(codes) > 800
    for ndc in codes:
        found = terms.medicine([(NDC, ndc, "")], "")
        assert found.is_baclofen, ndc
        assert found.strength is not None, ndc
        assert found.product_route in ("route-oral", "route-intrathecal"), ndc


@pytest.mark.parametrize(
    ("text", "ingredients"),
    [
        ("BACLOFEN 10MG TAB", {"baclofen"}),
        ("Baclofène 10 mg", {"baclofen"}),
        ("baclofeno 10 mg comprimidos", {"baclofen"}),
        ("Ozobax DS 10mg/5ml", {"baclofen"}),
        ("Lioresal 25 mg Tabletten", {"baclofen"}),
        ("バクロフェン錠10mg", {"baclofen"}),
        ("stop baclofen", {"baclofen"}),
        ("gabapentin-baclofen cream", {"baclofen", "gabapentin"}),
        ("XANAX 0.5", {"alprazolam"}),
        ("APAP/codeine #3", {"codeine"}),
        ("Morphin 10 mg", {"morphine"}),
    ],
)
def test_names_as_written_are_found(terms: Terminology, text: str, ingredients: set[str]) -> None:
    found = terms.medicine([], text)
    assert ingredients <= found.ingredients
    assert found.state is MedicineState.MATCHED
    assert found.how == "text"
    assert found.name == text


@pytest.mark.parametrize(
    "text",
    [
        "Liofen 10",
        "LIOFEN XL 20 mg",
        "Baclopar 10 mg Tablets",
        "Beklo 10 mg",
        "Baclon 25 mg",
        "Baclospas",
        "Baclosan tab. 10 mg",
        "Баклосан таб 25мг",
        "Fenobac 10 mg tab",
        "Baclof 25",
        "Baclotin-10",
        "Bafen comprimidos",
        "GLASBOR 10MG/TAB TAB",
        "Liorel",
        "Axant 25mg",
        "Gabalon Intrathecal Injection 0.05%",
        "ギャバロン錠5mg",
        "リオレサール錠10mg",
        'ליורזל 25 מ"ג טבליות',
        "Baklofen Mylan 10 mg tabletter",
        "Baklofén",
        "baklofeeni",
    ],
)
def test_foreign_names_of_baclofen_are_baclofen(terms: Terminology, text: str) -> None:
    found = terms.medicine([], text)
    assert (found.ingredients, found.state) == ({"baclofen"}, MedicineState.MATCHED)
    assert found.is_baclofen


def test_every_name_of_baclofen_says_where_it_was_found() -> None:
    rows = [row for row in Tables().rows("own_names", "name_normalised", "ingredients", "origin") if "baclofen" in row]
    assert len(rows) > 20
    assert [name for name, _, origin in rows if not origin.strip()] == []


def test_a_brand_is_no_route(terms: Terminology) -> None:
    assert terms.medicine([], "Gabalon").product_route is None  # tablets and ampoules carry the name
    assert terms.medicine([], "Gabalon Intrathecal Injection").product_route == "route-intrathecal"


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("arbaclofen 5 mg", MedicineState.KNOWN),
        ("arbaclofen placarbil", MedicineState.KNOWN),
        ("hydroxychloroquine 200 mg", MedicineState.KNOWN),
        ("loperamide 2 mg", MedicineState.KNOWN),
        ("Lipitor 20 mg", MedicineState.KNOWN),
        ("Zocor 20 mg", MedicineState.KNOWN),
        ("isopropyl alcohol swab", MedicineState.KNOWN),
        ("T3", MedicineState.UNRECOGNISED),
        ("Bacofen 10 mg", MedicineState.UNRECOGNISED),
        ("", MedicineState.UNRECOGNISED),
    ],
)
def test_other_names_are_never_a_class(terms: Terminology, text: str, state: MedicineState) -> None:
    found = terms.medicine([], text)
    assert found.state is state
    assert found.concepts == frozenset()


@pytest.mark.parametrize(
    ("system", "code", "concepts"),
    [
        ("urn:oid:2.16.840.1.113883.6.88", "197391", {"med-baclofen"}),
        ("2.16.840.1.113883.6.88", "197391", {"med-baclofen"}),
        (ATC, "M03BX01", {"med-baclofen"}),
        ("urn:oid:2.16.840.1.113883.6.73", "N02AA01", {"med-opioid"}),
        ("http://fhir.de/CodeSystem/bfarm/atc", "N05BA01", {"med-benzodiazepine"}),
        (ATC, "N02AJ99", {"med-opioid"}),
        (ATC, "R05DA09", set()),
        (ATC, "R06AE07", set()),
        (ATC, "N05AN01", {"med-lithium"}),
        (ATC, "B05DA", {"med-peritoneal-dialysis-fluid"}),
        (UNII, "H789N3FKE8", {"med-baclofen"}),
        (RXNORM, "800003", {"med-magnesium", "med-peritoneal-dialysis-fluid"}),
        (RXNORM, "800000", {"med-magnesium", "med-peritoneal-dialysis-fluid"}),
        (RXNORM, "8163", set()),
        (RXNORM, "no such code", set()),
    ],
)
def test_codes_lead_to_classes(terms: Terminology, system: str, code: str, concepts: set[str]) -> None:
    assert terms.medicine([(system, code, "")], "").concepts == concepts


def test_a_brand_never_decides_the_route(terms: Terminology) -> None:
    lioresal = terms.medicine([(RXNORM, "202996", "Lioresal")], "")
    assert lioresal.is_baclofen
    assert lioresal.product_route is None
    assert terms.medicine([], "Lioresal 10 mg").product_route is None
    assert terms.medicine([], "baclofen 2 mg/mL").product_route is None
    assert terms.medicine([(RXNORM, "331146", "baclofen 1 MG/ML")], "").product_route is None


def test_product_and_its_ingredients_are_one_drug(terms: Terminology) -> None:
    epic = [(RXNORM, code, "") for code in ("1292", "197391", "317302")]
    epic.append((EPIC, "3021", "BACLOFEN 10 MG TABLET"))
    found = terms.medicine(epic, "baclofen 10 mg tablet")
    assert found.state is MedicineState.MATCHED
    assert found.strength == Strength(Decimal(10), "unit")


def test_the_display_of_a_local_code_is_text(terms: Terminology) -> None:
    found = terms.medicine([(EPIC, "3021", "BACLOFEN 10 MG TABLET")], "")
    assert (found.is_baclofen, found.how, found.form) == (True, "text", "tablet")


@pytest.mark.parametrize(
    "codings",
    [
        [(RXNORM, "8163", "Baclofen 10 MG Oral Tablet")],
        [(RXNORM, "1292", ""), (RXNORM, "8163", "")],
    ],
)
def test_a_wrong_code_is_a_conflict_that_keeps_baclofen(
    terms: Terminology, codings: list[tuple[str, str, str]]
) -> None:
    found = terms.medicine(codings, "")
    assert found.state is MedicineState.CONFLICT
    assert found.is_baclofen


def test_compounded_ingredients_are_joined(terms: Terminology) -> None:
    found = terms.medicine(
        [], "compounded cream", ingredients=[([(RXNORM, "1292", "")], ""), ([], "gabapentin")], form=([], "cream")
    )
    assert found.ingredients == {"baclofen", "gabapentin"}
    assert (found.state, found.form, found.product_route) == (MedicineState.MATCHED, "topical", "route-topical")


@pytest.mark.parametrize(
    ("text", "form", "strength", "route"),
    [
        ("baclofen 10 mg tablet", "tablet", ("10", "unit"), None),
        ("Baclofen 10 MG Oral Tablet", "tablet", ("10", "unit"), "route-oral"),
        ("baclofen 5 mg/5 mL oral solution", "liquid", ("1", "mL"), "route-oral"),
        ("baclofen 1 mg/mL solution", None, ("1", "mL"), None),
        ("baclofen 5 mg/5 mL solution", "liquid", ("1", "mL"), None),
        ("baclofen 10 mg/5 mL oral solution", "liquid", ("2", "mL"), "route-oral"),
        ("Baclofen 10mg/5mL solution", None, ("2", "mL"), None),  # drunk, or an ampoule for a pump
        ("Baclofen 10 mg per 5 ml sol", None, ("2", "mL"), None),
        ("ギャバロン髄注0.2%", "injection", None, "route-intrathecal"),
        ("ギャバロン錠5mg", "tablet", ("5", "unit"), None),
        ("Gabalon 0.05%", None, None, None),
        ("baclofen 0.2% gel", "topical", None, "route-topical"),
        ("baclofen 500 mcg/mL injection", "injection", ("0.5", "mL"), None),
        ("baclofen 40 mg/20 mL (2,000 mcg/mL) intrathecal", "injection", ("2", "mL"), "route-intrathecal"),
        ("20 ML baclofen 0.5 MG/ML Prefilled Syringe", "injection", ("0.5", "mL"), None),
        ("baclofen 10,000 mcg/20mL vial", "injection", ("0.5", "mL"), None),
        ("Baclofen 0,05 mg/ml Injektionslösung", "injection", ("0.05", "mL"), None),
        ("baclofen granules 10 mg packet", "granules", ("10", "unit"), None),
        ("baclofen 10 mg or 20 mg tablet", "tablet", None, None),
        ("baclofen 2% organogel", "topical", None, "route-topical"),
        ("baclofen 5%", "topical", None, "route-topical"),
        ("baclofen 50 mcg/mL in 0.9% sodium chloride", None, ("0.05", "mL"), None),
        ("baclofène 10 mg comprimé", "tablet", ("10", "unit"), None),
        ("baclofen", None, None, None),
    ],
)
def test_words_of_a_product(text: str, form: str | None, strength: tuple[str, str] | None, route: str | None) -> None:
    found = read_product(text)
    assert found.form == form
    assert found.route == route
    told = None if found.strength is None else (found.strength.mg, found.strength.per)
    assert told == (None if strength is None else (Decimal(strength[0]), strength[1]))


@pytest.mark.parametrize("text", ["Bacofen", "baclophen 10 mg", "balcofen", "backlofen", "Baclofin tab"])
def test_near_misses_of_baclofen(terms: Terminology, text: str) -> None:
    assert terms.looks_like_baclofen(text)


@pytest.mark.parametrize(
    "text", ["baclofen", "arbaclofen", "diclofenac", "aceclofenac", "loratadine", "", "beclometasone"]
)
def test_other_drugs_are_no_near_miss(terms: Terminology, text: str) -> None:
    assert not terms.looks_like_baclofen(text)


@pytest.mark.parametrize(
    ("code", "forms"),
    [
        ("0115-1010-01", ("00115101001",)),
        ("00115-101-01", ("00115010101",)),
        ("00115-1010-1", ("00115101001",)),
        ("00115101001", ("00115101001",)),
        ("0115101001", ("00115101001", "01151001001", "01151010001")),
        ("115", ()),
        ("a-b-c", ()),
        ("123456-1-1", ()),
    ],
)
def test_forms_of_an_ndc(code: str, forms: tuple[str, ...]) -> None:
    assert candidates(code) == forms


def test_preload_reads_the_ndc_table() -> None:
    loaded = Terminology.load()
    loaded.preload()
    assert loaded.medicine([(NDC, "00115-1010-01", "")], "").is_baclofen
    assert loaded.system("urn:oid:2.16.840.1.113883.6.69") == NDC


def test_products_of_different_strength_say_no_strength(terms: Terminology) -> None:
    found = terms.medicine([(RXNORM, "197391", ""), (RXNORM, "197392", "")], "")
    assert found.is_baclofen
    assert (found.strength, found.form, found.product_route) == (None, "tablet", "route-oral")
    bare = terms.medicine([(RXNORM, "317302", "")], "baclofen tablet")
    assert (bare.strength, bare.form) == (Strength(Decimal(10), "unit"), "tablet")


def test_a_code_alone_is_its_name(terms: Terminology) -> None:
    assert terms.medicine([(RXNORM, "197391", "")], "").name == "197391"
