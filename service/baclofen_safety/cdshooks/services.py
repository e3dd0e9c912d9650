"""The CDS services on offer, read once from ``services.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any, Literal, get_args

from ..errors import BaclofenSafetyError
from ..fhir.searches import OPTIONAL, PREFETCH

About = Literal["session", "patient"]
Role = Literal["draft", "running", "ending", "booking", "facts"]
VERSION = "2.0.1"
"""The version of CDS Hooks the services speak; callers of 3.0 are understood."""

SETTINGS = "configuration-items"
"""Key of the discovery extension of HL7's PDDI-CDS guide."""


class ServicesError(BaclofenSafetyError):
    """``services.toml`` names something that is not there."""


@dataclass(frozen=True, slots=True)
class Service:
    """One service: a hook, and what its moment is about.

    ``prefetch`` leads from key to query template; ``required`` keys are those without which nothing can be said,
    ``optional`` ones those of which nothing is said when they did not come; ``holds`` names the fields of the context
    that bring resources, and what becomes of them; ``settings`` are what a caller may ask for in its extension, as
    PDDI-CDS advertises it.
    """

    id: str
    hook: str
    title: str
    description: str
    usage: str
    hook_version: str
    about: About
    required: tuple[str, ...]
    optional: frozenset[str]
    prefetch: Mapping[str, str]
    holds: Mapping[str, Role]
    settings: tuple[Mapping[str, str], ...] = field(default=())


def load_services() -> Mapping[str, Service]:
    """Every service by id, in the order of the file. Raises ServicesError."""
    table = tomllib.loads(files(__package__).joinpath("services.toml").read_text("utf-8"))
    services = [_service(row, PREFETCH | OPTIONAL, table["may_lack"]) for row in table["service"]]
    if len({one.id for one in services}) < len(services):
        raise ServicesError("services.toml: an id stands twice")
    return {one.id: one for one in services}


def _service(row: Mapping[str, Any], templates: Mapping[str, str], may_lack: str) -> Service:
    name = row["id"]
    optional = row.get("optional", ())
    asked = (*row["prefetch"], *optional)
    lost = {*asked, *row["required"]} - templates.keys()
    roles = dict(row.get("holds", {}))
    if lost or not {*row["required"]} <= {*row["prefetch"]}:
        raise ServicesError(f"services.toml, {name}: no such prefetch key: {', '.join(sorted(lost)) or 'required'}")
    if row["about"] not in get_args(About) or not {*roles.values()} <= {*get_args(Role)}:
        raise ServicesError(f"services.toml, {name}: about or holds has a value nobody knows")
    return Service(
        id=name,
        hook=row["hook"],
        title=row["title"],
        description=row["description"],
        usage=may_lack.format(usage=row["usage"], keys=", ".join(optional)) if optional else row["usage"],
        hook_version=row["hook_version"],
        about=row["about"],
        required=tuple(row["required"]),
        optional=frozenset(optional),
        prefetch={key: templates[key] for key in asked},
        holds=roles,
        settings=tuple(row.get("settings", ())),
    )


def discovery(services: Mapping[str, Service]) -> dict[str, Any]:
    """What ``GET /cds-services`` answers."""
    return {
        "services": [
            {
                "hook": one.hook,
                "id": one.id,
                "title": one.title,
                "description": one.description,
                "usageRequirements": one.usage,
                "version": VERSION,
                "hookVersion": one.hook_version,
                "prefetch": dict(one.prefetch),
                **({"extension": {SETTINGS: list(one.settings)}} if one.settings else {}),
            }
            for one in services.values()
        ]
    }
