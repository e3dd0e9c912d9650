"""Hospital facts: stays, medicines in and after them, fasting, surgery."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from baclofen_safety.core.chart import Act, MedicineList, Stay
from baclofen_safety.core.fact import Known, Unknown, is_no, is_yes
from baclofen_safety.core.hospital import HospitalFacts
from baclofen_safety.core.medicines import Given, Order

from .builders import AS_OF, LIMITS, PARACETAMOL, TABLET, chart, moment, oral, order

HERE = Stay("Encounter/e", True, True, moment("11-19T06:00"), None)
GONE = Stay("Encounter/e", True, False, moment("11-10T06:00"), moment("11-18T12:00"))


def hospital(*orders: Order, **more: Any) -> HospitalFacts:
    return HospitalFacts(chart(*orders, **more), AS_OF, LIMITS, oral(*orders, **more))


def act(text: str = "", state: Any = "planned", start: str = "", end: str = "", **more: Any) -> Act:
    return Act(
        "ServiceRequest/a",
        more.get("kind", "ServiceRequest"),
        frozenset(more.get("concepts", ())),
        state,
        moment(start) if start else None,
        moment(end) if end else None,
        text,
    )


def test_current_stay() -> None:
    facts = hospital(order(), stays=(HERE, replace(HERE, ref="Encounter/o", inpatient=False)))
    assert facts.stay == HERE
    assert facts.admitted_at == moment("11-19T06:00")
    assert facts.discharged_at is None


def test_emergency_and_ward_are_one_stay() -> None:
    emergency = Stay("Encounter/em", True, False, moment("11-18T20:00"), moment("11-19T01:00"))
    older = Stay("Encounter/old", True, False, moment("10-01"), moment("10-05"))
    facts = hospital(stays=(HERE, emergency, older))
    assert facts.admitted_at == moment("11-18T20:00")


def test_discharge() -> None:
    facts = hospital(stays=(GONE,))
    assert facts.stay is None
    assert facts.discharged_at == moment("11-18T12:00")
    assert hospital().admitted_at is None
    assert hospital().discharged_at is None


def test_baclofen_in_hospital() -> None:
    ward = order("M2", authored="11-19T08:00", encounter="Encounter/e")
    assert is_yes(hospital(order(), ward, stays=(HERE,)).inpatient_baclofen)
    dose = Given("G", TABLET, moment("11-19T10:00"))
    assert is_yes(hospital(order(), stays=(HERE,), given=(dose,)).inpatient_baclofen)
    assert is_no(hospital(order(setting="community"), stays=(HERE,)).inpatient_baclofen)


def test_medicines_of_the_stay_not_sent() -> None:
    facts = hospital(order(setting="community"), stays=(HERE,), history=False)
    assert isinstance(facts.inpatient_baclofen, Unknown)
    other = order("P", medicine=PARACETAMOL, encounter="Encounter/e")
    assert is_no(hospital(order(), other, stays=(HERE,), history=False).inpatient_baclofen)
    given = Given("G", PARACETAMOL, moment("11-19T10:00"))
    assert is_no(hospital(order(), stays=(HERE,), given=(given,), history=False).inpatient_baclofen)


def test_home_baclofen() -> None:
    assert is_yes(hospital(order(), stays=(HERE,)).home_baclofen)
    assert is_yes(hospital(order(status="stopped", changed="11-01"), stays=(HERE,)).home_baclofen)
    assert is_no(hospital(order(status="stopped", changed="10-10"), stays=(HERE,)).home_baclofen)
    assert is_no(hospital(order(authored="11-15"), stays=(HERE,)).home_baclofen)
    assert isinstance(hospital(order(authored="11-15"), stays=(HERE,), history=False).home_baclofen, Unknown)
    assert isinstance(hospital(stays=(HERE,), history=False).home_baclofen, Unknown)
    assert isinstance(hospital(order()).home_baclofen, Unknown)
    told = order(reported=True, authored="11-01", proven="11-01")
    found = hospital(told, stays=(HERE,)).home_baclofen
    assert isinstance(found, Known)
    assert found.how == "assumed"


def test_home_dose() -> None:
    ward = order("M2", authored="11-19T08:00", encounter="Encounter/e", daily=45)
    facts = hospital(order(), ward, stays=(HERE,))
    assert isinstance(facts.home_dose, Known)
    assert facts.home_dose.value == 30
    stopped = hospital(order(status="stopped", changed="11-01"), stays=(HERE,))
    assert isinstance(stopped.home_dose, Known)
    assert stopped.home_dose.value == 30
    assert isinstance(hospital(stays=(HERE,)).home_dose, Known)
    assert isinstance(hospital().home_dose, Unknown)


def test_discharge_list() -> None:
    listed = MedicineList("List/d", "discharge", moment("11-18"), ("M1",))
    assert is_yes(hospital(order(), stays=(GONE,), lists=(listed,)).on_discharge_list)
    without = replace(listed, medicines=("P",))
    other = order("P", medicine=PARACETAMOL)
    assert is_no(hospital(order(), other, stays=(GONE,), lists=(without,)).on_discharge_list)
    assert isinstance(hospital(order(), stays=(GONE,), lists=(without,)).on_discharge_list, Unknown)
    assert isinstance(hospital(order(), stays=(GONE,)).on_discharge_list, Unknown)
    orders = hospital(order(), order("D", authored="11-18", setting="discharge"), stays=(GONE,))
    assert is_yes(orders.on_discharge_list)


def test_documented_stop() -> None:
    reason = order(status="stopped", changed="11-19", stop_reasons=frozenset({"toxicity"}))
    assert hospital(reason).documented_stop
    assert not hospital(order(status="stopped", changed="11-19")).documented_stop
    removed = MedicineList("List/d", "discharge", None, (), ("M1",))
    assert hospital(order(), lists=(removed,)).documented_stop
    plan = order(
        authored="11-18",
        steps=tuple(
            replace(order(daily=dose).steps[0], end=moment(end))
            for dose, end in ((30, "11-24"), (20, "12-01"), (10, "12-08"))
        ),
    )
    assert hospital(plan).documented_stop


def test_fasting() -> None:
    ahead = act("NPO after midnight", start="11-21T00:00", end="11-21T14:00")
    facts = hospital(order(), acts=(ahead,))
    assert [(npo.hours, npo.start) for npo in facts.fasts] == [(14, moment("11-21T00:00"))]
    running = act(concepts={"fact-npo"}, state="active", start="11-20T16:00")
    assert [n.hours for n in hospital(acts=(running,)).fasts] == [None]
    long = act(concepts={"fact-npo"}, state="active", start="11-20T06:00")
    assert [n.hours for n in hospital(acts=(long,)).fasts] == [14]
    undated = act("nil by mouth", "active")
    assert [n.hours for n in hospital(acts=(undated, ahead)).fasts] == [14, None]


def test_no_fasting() -> None:
    for text in ("NPO except meds", "clear fluids, fasting"):
        assert hospital(acts=(act(text, "active", "11-20"),)).fasts == ()
    assert hospital(acts=(act("NPO", "active", "11-18", "11-19"),)).fasts == ()
    assert hospital(acts=(act("fasting", "active", "11-20", kind="Procedure"),)).fasts == ()


def test_surgery() -> None:
    far = act("hip surgery", start="12-05")
    near = replace(act("knee surgery", start="11-22T08:00"), ref="ServiceRequest/b")
    facts = hospital(acts=(far, near))
    assert facts.surgery == near
    assert facts.surgery_in_h == 36
    assert hospital(acts=(far,)).surgery is None
    undated = act(concepts={"proc-anaesthesia"})
    assert hospital(acts=(undated,)).surgery == undated
    assert hospital(acts=(undated,)).surgery_in_h is None
    assert hospital(acts=(act("surgery", start="11-20"),)).surgery_in_h == Decimal(0)
    assert hospital(acts=(act("surgery", start="11-18"),)).surgery is None
    assert hospital(acts=(act("excision under local anaesthesia, no surgery"),)).surgery is None
    assert hospital().surgery_in_h is None


def test_perioperative_plan() -> None:
    assert hospital(acts=(act(concepts={"fact-perioperative-baclofen-plan"}, state="active"),)).perioperative_plan
    assert hospital(acts=(act("Give baclofen by tube", "active", "11-19"),)).perioperative_plan
    assert not hospital(acts=(act("Give baclofen by tube", "active", "06-01"),)).perioperative_plan
    assert not hospital(acts=(act("baclofen allergy review", "active"),)).perioperative_plan
    assert hospital(order(route="route-enteral-tube")).perioperative_plan
    assert not hospital(order()).perioperative_plan
