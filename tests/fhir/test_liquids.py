"""How one dose of a liquid is written: mg, mL, both, and whether they agree."""

from decimal import Decimal

import pytest
from dosages import LIQUID, PLAIN, TABLETS, dose, quantity, read, repeat, step_of

BOTH = {"doseAndRate": [{"doseQuantity": quantity(10)}, {"doseQuantity": quantity(10, "mL")}]}
UNLIKE = {"doseAndRate": [{"doseQuantity": quantity(10)}, {"doseQuantity": quantity(2, "mL")}]}


@pytest.mark.parametrize(
    ("dosage", "medicine", "written", "volume"),
    [
        (dose(10), TABLETS, "mg", None),
        (dose(1, "tablet"), TABLETS, None, None),
        (dose(10), LIQUID, "mg", None),
        (dose(10, "mL"), LIQUID, "mL", 10),
        (dose(10, "mL"), PLAIN, "mL", 10),
        (BOTH, LIQUID, "agree", 10),
        (BOTH, PLAIN, "agree", 10),
        (UNLIKE, LIQUID, "differ", 2),
        (dose(10, "mL") | {"text": "10 mg (10 mL) three times daily"}, LIQUID, "agree", 10),
        (dose(10, "mL") | {"text": "give 5 mg three times daily"}, LIQUID, "differ", 10),
        (dose(10, "mL") | {"text": "10 mL of the 1 mg/mL solution"}, LIQUID, "mL", 10),
        (dose(10, "mL") | {"text": "10 mL of 5 mg/5 mL, 30 mg per day"}, LIQUID, "mL", 10),
        (dose(10) | {"text": "2 teaspoons three times daily"}, LIQUID, "agree", None),
        ({"text": "take 10 mL three times daily"}, LIQUID, "mL", 10),
        ({"text": "take 10 mL (10 mg) three times daily"}, LIQUID, "agree", 10),
        ({"text": "take 10 mg three times daily"}, LIQUID, "mg", None),
        ({"text": "take 10 mL (5 mg) three times daily"}, LIQUID, "differ", None),
        ({"text": "as directed"}, LIQUID, None, None),
    ],
)
def test_written(dosage, medicine, written, volume):
    step = step_of({**repeat(frequency=3, period=1, periodUnit="d"), **dosage}, medicine)
    assert (step.mg_and_ml, step.volume_ml) == (written, None if volume is None else Decimal(volume))


def test_parts_of_one_day_tell_the_worst():
    steps, _ = read([dose(10), dose(10, "mL")], LIQUID)
    assert [step.mg_and_ml for step in steps] == ["mL"]


def test_a_rate_of_unknown_strength_is_no_volume():
    assert step_of({"doseAndRate": [{"rateQuantity": quantity(10, "mL/d")}]}, PLAIN).volume_ml is None
