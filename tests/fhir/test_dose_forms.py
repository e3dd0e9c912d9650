"""An order named "Baclofen" alone: forms in the sig and in the units say that it is swallowed, or say nothing."""

from __future__ import annotations

from typing import Any

import pytest
from test_reading import PATIENT, chart, order

TIMING = {"repeat": {"frequency": 3, "period": 1, "periodUnit": "d"}}
SNOMED = "http://snomed.info/sct"
UCUM = "http://unitsofmeasure.org"


def dose(unit: str = "", system: str = "", code: str = "", **more: Any) -> dict[str, Any]:
    quantity = {"value": 1, "unit": unit, "system": system, "code": code}
    quantity = {key: value for key, value in quantity.items() if value != ""}
    return {"timing": TIMING, "doseAndRate": [{"doseQuantity": quantity}], **more}


def read(dosage: Any, name: str = "Baclofen") -> tuple[Any, bool, bool]:
    """The route, whether it was assumed, and whether it was asked for."""
    found = chart(PATIENT, order(medicationCodeableConcept={"text": name}, dosageInstruction=dosage))
    assert len(found.orders) == 1
    asked = any(one.kind == "route" for one in found.troubles)
    return found.orders[0].route, "assumed-route" in found.orders[0].concepts, asked


@pytest.mark.parametrize(
    "dosage",
    [
        {"text": "1 tab TID"},
        {"text": "Take one tablet three times a day"},
        {"text": "TAKE 1 TABLET 3 TIMES DAILY WITH FOOD"},
        {"text": "1 tablet tid, take it with food"},
        {"text": "2 caps bid"},
        {"text": "1 Tablette dreimal täglich"},
        {"text": "1 comprimé 3 fois par jour"},
        {"text": "1 packet of granules tid"},
        {"text": "5 mL of the suspension tid"},
        {"text": "5 mL oral solution tid"},
        {"text": "half a pill at night"},
        {"text": "1回1錠 1日3回"},
        {"patientInstruction": "1 tablet three times a day"},
        dose("tablet"),
        dose("{tablet}", UCUM, "{tablet}"),
        dose("Tab"),
        dose("TAB", "http://terminology.hl7.org/CodeSystem/v3-orderableDrugForm", "TAB"),
        dose("capsule"),
        dose("tablet", SNOMED, "428673006"),
        dose("packet"),
        {"timing": TIMING, "doseAndRate": [{"doseRange": {"low": {"value": 1}, "high": {"value": 2, "unit": "tab"}}}]},
        {"timing": TIMING, "doseQuantity": {"value": 1, "unit": "tablet"}},
    ],
)
def test_a_form_that_is_swallowed_is_a_route(dosage: dict[str, Any]) -> None:
    assert read([dosage]) == ("route-oral", False, False)


@pytest.mark.parametrize(
    "dosage",
    [
        {"text": "5 mL tid"},
        dose("mL"),
        {"text": "1 ampoule"},
        {"text": "1 vial as directed"},
        {"text": "via pump, with 1 tablet in reserve"},
        {"text": "300 mcg/day"},
        {"text": "300 mcg/day, 1 tab as rescue"},
        {"text": "1 tab = 500 µg"},
        {"text": "20 mL refill of the reservoir; stop the tablets"},
        {"text": "IT once, tablets at home"},
        {"text": "5 mL solution tid"},
        {"text": "apply cream, no tablet"},
        {"text": "1 Stück"},
        dose("ampoule"),
        dose("tablet", text="intrathecal, or by mouth"),
        dose("tablet", route={"text": "by the usual way"}),
        {
            "doseAndRate": [
                {"doseQuantity": {"value": 1, "unit": "tablet"}, "rateQuantity": {"value": 1, "unit": "mL/h"}}
            ]
        },
        {"doseAndRate": [{"doseQuantity": {"value": 1}}, None, 5], "text": 5},
        {"text": "three times a day"},
    ],
)
def test_what_could_be_spinal_stays_open(dosage: dict[str, Any]) -> None:
    route, _, asked = read([dosage])
    assert (route == "route-oral", asked) == (False, route is None)


@pytest.mark.parametrize(
    "name", ["Baclofen 500 mcg/mL", "Baclofen 2 mg/mL", "Baclofen pump", "Baclofen intrathecal", "ギャバロン髄注"]
)
def test_a_product_that_could_be_pumped_is_not_a_tablet(name: str) -> None:
    assert read([{"text": "1 tablet tid"}], name)[0] != "route-oral"


def test_one_spinal_dosage_leaves_the_whole_order_open() -> None:
    assert read([dose("tablet"), {"text": "then 300 mcg/day"}])[0] is None


def test_a_tablet_applied_elsewhere_keeps_that_route() -> None:
    assert read([{"text": "1 tablet rectal tid"}])[0] == "route-rectal"


@pytest.mark.parametrize(
    ("text", "route"), [("18 mL once", None), ("5 mL tid", "route-oral"), ("40 mg once", "route-oral")]
)
def test_millilitres_given_once_may_fill_a_pump(text: str, route: str | None) -> None:
    count = {"timing": {"repeat": {"count": 1}}} if "once" in text else {}
    value, unit, _ = text.split()
    amount = {"doseAndRate": [{"doseQuantity": {"value": int(value), "unit": unit}}]}
    found = read([{"text": text, **amount, **count}], "Baclofen 2 mg/mL solution")
    assert found == (route, route is not None, True)  # asked for in any case
