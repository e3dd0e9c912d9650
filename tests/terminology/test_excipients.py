"""What a product holds, by brand or maker and form; whatever is not known is not known."""

import pytest

from baclofen_safety.terminology.lookup import Terminology


@pytest.mark.parametrize(
    ("name", "held"),
    [
        ("Lioresal 10 mg tablets", {"excipient-wheat"}),
        ("baclofen 10 mg tablet (Lifestar)", {"excipient-galactose-lactose"}),
        ("baclofen 10 mg tablet (Mylan)", set()),
        ("Lioresal 1 mg/mL oral solution", {"excipient-paraben", "excipient-sorbitol-fructose"}),
        ("baclofen 10 mg tablet (Zydus)", None),  # the source of its starch is not named
        ("baclofen 10 mg tablet", None),
        ("Lioresal", None),
        ("diazepam 5 mg tablet (Mylan)", None),
    ],
)
def test_labels(terms: Terminology, name: str, held: set[str] | None) -> None:
    assert terms.medicine([], name).excipients == held


def test_weeks_of_pregnancy_stand_in_the_code(terms: Terminology) -> None:
    icd = "http://hl7.org/fhir/sid/icd-10-cm"
    assert terms.weeks([(icd, "Z3A.28", "")]) == 28
    assert terms.weeks([("urn:oid:2.16.840.1.113883.6.90", "Z3A08", "")]) == 8
    assert terms.weeks([(icd, "Z3A.00", ""), (icd, "Z33.1", "")]) is None
