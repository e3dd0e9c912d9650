"""Pumps, bookings and scans in the shapes senders use."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from test_reading import FACT, NOW, P1, PATIENT, chart

HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
PUMP = {"coding": [{"system": HCPCS, "code": "C1772"}]}
SCAN = {"resourceType": "ImagingStudy", "id": "i", "status": "available", "subject": P1}
DICOM = "http://dicom.nema.org/resources/ontology/DCM"


def device(**more: Any) -> dict[str, Any]:
    return {"resourceType": "Device", "id": "d", "status": "active", "patient": P1, "type": PUMP, **more}


def booking(**more: Any) -> dict[str, Any]:
    return {"resourceType": "Appointment", "id": "a", "status": "booked", "start": "2026-12-01T09:00:00Z", **more} | {
        "participant": [{"actor": P1, "status": "accepted"}]
    }


def read(*resources: dict[str, Any]) -> Any:
    return chart(PATIENT, *resources)


@pytest.mark.parametrize(
    ("more", "model"),
    [
        ({"deviceName": [{"name": "SynchroMed II", "type": "model-name"}]}, "synchromed"),
        ({"deviceName": [{"name": "SynchroMed III", "type": "model-name"}]}, "synchromed-iii"),
        ({"modelNumber": "8637-20"}, "synchromed"),
        ({"manufacturer": "Flowonix Medical"}, "prometra"),
        ({"udiCarrier": [{"carrierHRF": "(01)00763000 Prometra II"}]}, "prometra"),
        ({"name": [{"value": "SynchroMed II", "type": "user-friendly-name"}]}, "synchromed"),
        ({"model": "SynchroMed II"}, "synchromed"),
        ({"type": {"coding": [{"system": HCPCS, "code": "E0782"}]}}, "constant-flow"),
        ({"type": {"text": "Implanted infusion pump"}}, ""),
    ],
)
def test_models_by_name_number_carrier_and_maker(more: dict[str, Any], model: str) -> None:
    (pump,) = read(device(**more)).implants
    assert pump.model == model


def test_a_model_number_alone_is_a_pump() -> None:
    bare = {key: value for key, value in device(modelNumber="8637-40").items() if key != "type"}
    (pump,) = read(bare).implants
    assert pump.concepts == {"proc-pump-device-text"}


def test_a_pump_called_by_its_implant_is_a_pump() -> None:
    (pump,) = read(device(type={"text": "Baclofen pump implant"})).implants
    assert "proc-pump-device-text" in pump.concepts


def test_other_devices_and_errors_are_none() -> None:
    assert read(device(type={"text": "Hearing aid"})).implants == ()
    assert read(device(status="entered-in-error")).implants == ()
    used = {"resourceType": "DeviceUseStatement", "id": "u", "status": "entered-in-error", "subject": P1}
    assert read({**used, "device": {"reference": "Device/d"}}).implants == ()


@pytest.mark.parametrize("sort", [7, [7], {"a": 1}])
def test_a_device_whose_type_cannot_be_read_may_be_a_pump(sort: Any) -> None:
    says = "a device whose type cannot be read; it may be a pump"
    found = read(device(type=sort))
    assert (found.implants, [one.needed for one in found.troubles if one.says == says]) == ((), [True])


@pytest.mark.parametrize("status", ["off", "standby"])
@pytest.mark.parametrize("key", ["source", "device"])
def test_a_pump_off_or_on_standby(status: str, key: str) -> None:
    metric = {"resourceType": "DeviceMetric", "id": "m", "operationalStatus": status, key: {"reference": "Device/d"}}
    other = device(id="other")
    assert {pump.ref: pump.off for pump in read(device(), other, metric).implants} == {
        "Device/d": True,
        "Device/other": False,
    }


def test_a_pump_that_runs_is_not_off() -> None:
    metric = {"resourceType": "DeviceMetric", "id": "m", "operationalStatus": "on", "source": {"reference": "Device/d"}}
    (pump,) = read(device(), metric).implants
    assert not pump.off


@pytest.mark.parametrize(
    "when",
    [
        {"timingPeriod": {"start": "2020-01-01"}},
        {"timingDateTime": "2020-01-01"},
        {"whenUsed": {"start": "2020-01-01"}},
    ],
)
def test_use_of_a_device_tells_since_when(when: dict[str, Any]) -> None:
    used = {"resourceType": "DeviceUseStatement", "id": "u", "status": "active", "subject": P1, **when}
    inside = {key: value for key, value in device().items() if key not in ("patient", "id")}
    found = read({**used, "contained": [{**inside, "id": "in"}], "device": {"reference": "#in"}})
    assert [str(pump.since) for pump in found.implants] == ["2020-01-01"]


def test_use_of_a_device_by_its_words() -> None:
    used = {"resourceType": "DeviceUsage", "id": "u", "status": "active", "patient": P1}
    (pump,) = read({**used, "device": {"concept": PUMP}}).implants
    assert pump.active
    (named,) = read({**used, "device": {"concept": {}, "display": "Intrathecal pump"}}).implants
    assert named.text == "Intrathecal pump"


def test_settings_of_a_device() -> None:
    volume = {"coding": [{"system": FACT, "code": "alarm-volume"}]}
    right = {"type": volume, "valueQuantity": [{"value": 1.5, "unit": "mL"}]}
    wrong = {"type": volume, "valueQuantity": [{"value": 1.5, "unit": "mg"}]}
    found = read(device(property=[right, wrong, {"type": {"text": "colour"}}]))
    (setting,) = found.measurements["fact-alarm-volume"]
    assert (setting.value, setting.at) == (Decimal("1.5"), None)
    assert [trouble.path for trouble in found.troubles] == ["property.valueQuantity"]


@pytest.mark.parametrize(
    ("more", "state", "booked"),
    [
        ({}, "planned", True),
        ({"status": "proposed"}, "planned", False),
        ({"status": "fulfilled"}, "unsure", False),
        ({"start": "2026-11-01T09:00:00Z"}, "unsure", True),
    ],
)
def test_bookings(more: dict[str, Any], state: str, booked: bool) -> None:
    (act,) = read(booking(serviceType=[{"text": "Pump refill"}], **more)).acts
    assert (act.state, act.booked, act.concepts) == (state, booked, {"proc-pump-refill"})


def test_a_booking_is_for_what_its_request_asks() -> None:
    request = {"resourceType": "ServiceRequest", "id": "r", "status": "active", "intent": "order", "subject": P1}
    asked = {**request, "code": {"text": "Pump refill"}, "authoredOn": "2026-11-01"}
    found = read(asked, booking(basedOn=[{"reference": "ServiceRequest/r"}, {"reference": "ServiceRequest/gone"}]))
    (act,) = (act for act in found.acts if act.kind == "Appointment")
    assert act.concepts == {"proc-pump-refill"}
    (first,) = (act for act in found.acts if act.kind == "ServiceRequest")
    assert str(first.authored) == "2026-11-01"


def test_bookings_that_are_none() -> None:
    assert read(booking(status="noshow", serviceType=[{"text": "Pump refill"}])).acts == ()
    assert read(booking(serviceType=[{"text": "Dentist"}])).acts == ()


@pytest.mark.parametrize(
    ("more", "scans"),
    [
        ({"modality": [{"system": DICOM, "code": "MR"}], "started": "2026-11-01"}, 1),
        ({"series": [{"modality": {"system": DICOM, "code": "MR"}}]}, 1),
        ({"description": "MRI of the brain"}, 1),
        ({"modality": [{"system": DICOM, "code": "CT"}]}, 0),
        ({"description": "MRI of the brain", "status": "cancelled"}, 0),
        ({"description": "MRI of the brain", "started": "2026-12-24"}, 0),
    ],
)
def test_scans_made(more: dict[str, Any], scans: int) -> None:
    assert len(read({**SCAN, **more}).acts) == scans


def test_what_a_pump_was_filled_with() -> None:
    product = {"resourceType": "Medication", "id": "in", "code": {"text": "baclofen 2 mg/mL injection"}}
    done = {"resourceType": "Procedure", "id": "p", "status": "completed", "subject": P1, "performedDateTime": NOW}
    filled = {**done, "performedDateTime": "2026-11-01", "code": {"text": "Pump refill"}, "contained": [product]}
    for used in ({"usedReference": [{"reference": "#in"}]}, {"used": [{"reference": {"reference": "#in"}}]}):
        (act,) = read({**filled, **used}).acts
        assert act.medicine is not None
        assert act.medicine.is_baclofen
    (act,) = read({**filled, "usedReference": [{"reference": "Device/d"}]}, device()).acts
    assert act.medicine is None


def test_answers_in_words_are_facts() -> None:
    alarm = {
        "resourceType": "Observation",
        "id": "o",
        "status": "final",
        "subject": P1,
        "effectiveDateTime": "2026-11-01",
    }
    alarm["code"] = {"coding": [{"system": FACT, "code": "pump-alarm"}]}
    for value in ({"valueString": "Low reservoir"}, {"valueCodeableConcept": {"text": "Low reservoir"}}):
        (told,) = read({**alarm, **value}).measurements["fact-pump-alarm"]
        assert told.concept_value == {"fact-alarm-low-reservoir"}


def test_words_about_an_alarm_that_may_be_a_lesson_are_told() -> None:
    talk = {"resourceType": "Communication", "id": "c", "status": "completed", "subject": P1}
    said = {"sent": "2026-11-01T09:00:00Z", "payload": [{"contentString": "A two-tone alarm: call us"}]}
    held = read({**talk, **said})
    assert held.acts == ()
    assert [trouble.kind for trouble in held.troubles] == ["not-used"]
