"""The table files: a site's rows are laid over, broken files are named, imports keep to the licences."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from baclofen_safety.terminology.importing import LICENSED, import_tables
from baclofen_safety.terminology.lookup import Terminology, TerminologyError
from baclofen_safety.terminology.rows import SHIPPED, Tables, read_table
from baclofen_safety.terminology.systems import SNOMED

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site's folder with the rows a licence keeps out of the package."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "conditions_snomed.csv").write_text(
        "class,system,code,display,role,origin\n"
        "ckd_stage_4,http://snomed.info/sct,731000119105,CKD stage 4 due to hypertension,listed,x\n"
    )
    (folder / "med_ingredients.csv").write_text(
        "ingredient,classes,rxnorm_in,unii,snomed_substance,snomed_medication_codes_r4\n"
        "baclofen,baclofen,1292,,387342009,6102009\n"
        "wonderdrug,opioid,999999999,,,\n"
    )
    (folder / "procedures_devices.csv").write_text(
        "class,system,code,display\ndialysis_care,http://snomed.info/sct,385971003,Dialysis care\n"
        "pump_refill,text,pump top up,\n"
    )
    with gzip.open(folder / "ndc_all.csv.gz", "wt") as file:
        file.write("ndc11,rxcui\n99999999999,1292\n")
    return folder


def test_a_site_adds_its_rows(site: Path, terms: Terminology) -> None:
    laid = Terminology.load(site)
    stage = [(SNOMED, "731000119105", "")]
    assert terms.concepts("cond", stage) == frozenset()
    assert laid.concepts("cond", stage) == {"cond-ckd-stage-4"}
    for code in ("387342009", "6102009"):
        assert not terms.medicine([(SNOMED, code, "")], "").is_baclofen
        assert laid.medicine([(SNOMED, code, "")], "").is_baclofen
    assert laid.medicine([(RXNORM, "197391", "")], "").is_baclofen
    assert laid.medicine([(RXNORM, "999999999", "")], "").concepts == {"med-opioid"}
    assert laid.concepts("proc", [(SNOMED, "385971003", "")]) == {"proc-dialysis-care"}
    assert laid.text_concepts("proc", "pump top up") == {"proc-pump-refill"}
    assert laid.medicine([("http://hl7.org/fhir/sid/ndc", "99999-9999-99", "")], "").is_baclofen


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"code,system,class\n", None),
        (b"something,else\n1,2\n", "routes.csv, line 1: expected a column 'route'"),
        (b"route,system,code,display_or_text\noral\n", "routes.csv, line 2: expected 4 values, found 1"),
        (b"\xff\xfe", "routes.csv, line 0: cannot be read (UnicodeDecodeError)"),
    ],
)
def test_a_broken_site_table_is_named(tmp_path: Path, content: bytes, words: str | None) -> None:
    name = "routes.csv" if words else "conditions_snomed.csv"
    (tmp_path / name).write_bytes(content)
    if words is None:
        Terminology.load(tmp_path)
        return
    with pytest.raises(TerminologyError, match="routes") as caught:
        Terminology.load(tmp_path)
    assert words in str(caught.value)
    assert caught.value.path == tmp_path / name


def test_a_site_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TerminologyError, match="is not a folder"):
        Tables(tmp_path / "missing")


def test_a_compressed_table_that_is_cut_is_named(tmp_path: Path) -> None:
    (tmp_path / "ndc_all.csv.gz").write_bytes(gzip.compress(b"ndc11,rxcui\n1,2\n")[:-6])
    with pytest.raises(TerminologyError, match=r"ndc_all\.csv\.gz"):
        list(read_table(tmp_path, "ndc_all", ("ndc11", "rxcui")))


def test_blank_lines_are_skipped(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b\n\n1,2\n")
    assert list(read_table(tmp_path, "t", ("a", "missing"))) == [("1", "")]


def test_an_import_ships_only_free_snomed_rows(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    free, kept_out = "90688005", "46177005"
    for name in sorted(path.name for path in SHIPPED.glob("*.csv*") if not path.name.startswith("own_")):
        (source / name).write_bytes((SHIPPED / name).read_bytes())
    with gzip.open(source / "rxnorm_all.csv.gz", "wt") as file:
        file.write("rxcui,tty,ingredient_rxcui,name\n")
        file.write("1292,IN,1292,baclofen\n2,BN,3|4,Fluidal\n3,SCD,3|4,x Intraperitoneal Solution [Fluidal]\n")
        file.write("5,IN,,\n6,IN,6,otherdrug\n")
    (source / "med_products.csv").write_text(
        f"code,system,ingredient_rxcui,route_group\n7,{RXNORM},6,topical\n8,x,6,\n"
    )
    (source / "med_names.csv").write_text(
        "name_normalised,ingredients,origin\nbaclofen,baclofen,RxNorm/INN\nx,baclofen,ch-term (SNOMED CT)\n"
    )
    (source / "baclofen_ndc.csv").write_text("ndc11,rxcui\n11111111111,1292\n")
    (source / "snomed_ips_free.csv").write_text(f"code\n{free}\n")
    (source / "conditions_snomed.csv").write_text(
        f"class,system,code,display,role\nesrd,{SNOMED},{free},a,root\nesrd,{SNOMED},{kept_out},b,root\n"
    )
    import_tables(source, target)
    for name, columns in LICENSED:
        codes = {code for code, system in read_table(target, name, columns[:2]) if system == SNOMED}
        assert codes <= {free}, name
    assert list(read_table(target, "med_names", ("name_normalised",))) == [("baclofen",)]
    assert list(read_table(target, "rxnorm_names", ("name", "tty"))) == [("fluidal", "BN"), ("otherdrug", "IN")]
    assert list(read_table(target, "rxnorm_all", ("rxcui", "route_group"))) == [
        ("2", "intraperitoneal"),
        ("3", "intraperitoneal"),
        ("6", ""),
        ("7", "topical"),
        ("1292", ""),
    ]
    first = (target / "ndc_all.csv.gz").read_bytes()
    import_tables(source, target)
    assert (target / "ndc_all.csv.gz").read_bytes() == first


def test_a_specimen_of_a_site_is_known_in_any_case(tmp_path: Path) -> None:
    (tmp_path / "specimens.csv").write_text(
        "code,system,display,origin\nsst,http://lab.example/tubes,Serum tube,site\n"
    )
    laid = Terminology.load(tmp_path)
    assert {laid.specimen([("http://lab.example/tubes", code, "")]) for code in ("sst", "SST")} == {"Serum tube"}
