"""Implants: what they are, whose make and model, since when they are used and whether they run."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files

from ..core.chart import Implant, Measurement
from ..core.concepts import Concept
from ..core.moment import Moment
from ..terminology.lookup import Coding
from .numbers import brief, read_number
from .page import Page, shown
from .read_medicines import unit_of

_NOT_RUNNING = frozenset({"off", "standby"})
_SETTING: Concept = "fact-alarm-volume"
_CONSTANT: Concept = "proc-pump-constant-flow"
_NAMED: Concept = "proc-pump-device-text"
_PUT_IN: Concept = "proc-pump-implant"  # "baclofen pump implant": of a device, the thing itself


@cache
def _models() -> Mapping[str, re.Pattern[str]]:
    table = tomllib.loads(files(__package__).joinpath("pump_words.toml").read_text("utf-8"))["models"]
    return {
        model: re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, words)) + r")(?!\w)")
        for model, words in table.items()
    }


def read_device(page: Page) -> None:
    """Add a device of a kind we know, and the alarm volume it is set to."""
    status = page.string("status").strip().lower()
    if status == "entered-in-error":
        page.tell("not-used", "entered in error")
        return
    _add_implant(page, page, active=status in ("", "active", "unknown"))
    _read_settings(page)


def read_device_use(page: Page) -> None:
    """Add the device of a use statement; its own words stand in when the device was not sent."""
    status = page.string("status").strip().lower()
    if status == "entered-in-error":
        page.tell("not-used", "entered in error")
        return
    element = page.element("device")
    target = element.get("reference") if type(element.get("reference")) is dict else element
    found = page.intake.record.find(target, page.resource)
    device = page if found is None else Page(page.intake, found[1], found[0], "Device")
    _add_implant(page, device, active=status in ("", "active", "intended"))


def read_device_metric(page: Page) -> None:
    """Note that the device a metric belongs to does not run."""
    if page.string("operationalStatus").strip().lower() not in _NOT_RUNNING:
        return
    source = page.reference("source") or page.reference("device")
    page.intake.implants = [replace(each, off=True) if each.ref == source else each for each in page.intake.implants]


def _add_implant(page: Page, device: Page, *, active: bool) -> None:
    terms = page.intake.terms
    codings, text = device.concept("type")
    if device is page and page.kind != "Device":
        element = page.element("device")
        codings, text = page.words(element.get("concept"), "device.concept")
        text = text or page.string("display", element, "device.")
    said = "; ".join(filter(None, (text or shown((codings, "")), *_device_names(device))))
    concepts = terms.concepts("proc", codings) if codings else frozenset()
    if not concepts and said:
        concepts = terms.text_concepts("proc", said)
        concepts |= {_NAMED} if _PUT_IN in concepts else set()
    maker = device.string("manufacturer")
    model = _model(device, f"{said}; {maker}", codings, concepts)
    if not concepts and not model:
        if active and not codings and not said and device.resource.get("type"):
            page.tell("unreadable", "a device whose type cannot be read; it may be a pump", "type", needed=True)
        return
    page.intake.implants.append(
        Implant(
            ref=page.ref,
            concepts=concepts or frozenset({_NAMED}),
            active=active,
            text=said,
            model=model,
            maker=maker,
            since=_used_since(page),
            made=device.moment("manufactureDate"),
        )
    )


def _model(device: Page, said: str, codings: list[Coding], concepts: frozenset[Concept]) -> str:
    """The model by its names, number, carrier text or the words of its type; by code without a battery."""
    labels = [device.string("carrierHRF", each, "udiCarrier.") for each in device.elements("udiCarrier")]
    words = [said, device.string("modelNumber"), *labels, *(display for _, _, display in codings)]
    text = "; ".join(filter(None, words)).casefold()
    named = next((model for model, pattern in _models().items() if pattern.search(text)), "")
    return named or ("constant-flow" if _CONSTANT in concepts else "")


def _used_since(page: Page) -> Moment | None:
    """Start of use in a statement of use, in any version's place."""
    for key in ("timingPeriod", "whenUsed"):
        if key in page.resource:
            return page.period(key)[0]
    return page.moment("timingDateTime")


def _read_settings(page: Page) -> None:
    """The alarm volume among the properties of the device; it has no date."""
    for each in page.elements("property"):
        codings, text = page.words(each.get("type"), "property.type")
        terms = page.intake.terms
        if _SETTING not in (terms.concepts("fact", codings) or terms.text_concepts("fact", text)):
            continue
        quantity = page.element("valueQuantity", each, "property.")
        value = read_number(quantity.get("value"))
        if value is None or unit_of(page, quantity) != "mL":
            page.stumble("property.valueQuantity", "a volume in mL", needed=False)
            continue
        setting = Measurement(page.ref, _SETTING, None, value, value, unit="mL", shown=f"{brief(value)} mL")
        page.intake.measurements.setdefault(_SETTING, []).append(setting)


def _device_names(device: Page) -> list[str]:
    names = [device.string("name", each, "deviceName.") for each in device.elements("deviceName")]
    names += [
        device.string("value", each, "name.") for each in device.elements("name") if type(each.get("value")) is str
    ]
    model = device.resource.get("model")
    return [*names, model] if type(model) is str else names
