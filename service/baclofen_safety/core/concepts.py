"""Concepts: the words the rules and the reader share. Each is the id of a ValueSet in ``fhir_profiles/``.

``cond-…`` conditions, ``lab-…`` observations, ``proc-…`` procedures and devices, ``med-…`` medicine classes,
``route-…`` routes, ``fact-…`` codes of our own CodeSystem ``baclofen-fact``.
"""

from __future__ import annotations

Concept = str

BACLOFEN: Concept = "med-baclofen"

BY_MOUTH: Concept = "route-oral"
ORAL_ROUTES = frozenset({BY_MOUTH, "route-enteral-tube"})
INTRATHECAL_ROUTES = frozenset({"route-intrathecal", "route-intrathecal-check"})
INJECTED_ROUTES = frozenset({"route-intravenous", "route-intramuscular", "route-subcutaneous", "route-epidural"})
