"""The inputs of ``$assess-medication-safety``: one table, which the published OperationDefinition is held to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Input:
    """One parameter. A primitive may also stand in the URL; ``also`` are other value elements it may come in."""

    name: str
    type: str
    max: str = "1"
    also: tuple[str, ...] = ()

    @property
    def primitive(self) -> bool:
        """Is it a plain value, and no resource?"""
        return self.type[0].islower()

    @property
    def elements(self) -> tuple[str, ...]:
        """The elements of ``Parameters.parameter`` that may hold it."""
        return (f"value{self.type[0].upper()}{self.type[1:]}", *self.also) if self.primitive else ("resource",)


INPUTS = {
    row.name: row
    for row in (
        Input("content", "Bundle"),
        Input("medicationRequest", "MedicationRequest", max="*"),
        Input("subject", "string", also=("valueReference",)),
        Input("asOf", "dateTime", also=("valueDate", "valueInstant")),
        Input("mode", "code"),
        Input("language", "code"),
        Input("trace", "boolean"),
    )
}
IN_URL = tuple(row.name for row in INPUTS.values() if row.primitive)
"""What may be a query parameter: FHIR lets plain values stand there beside a body that is the Bundle itself."""
