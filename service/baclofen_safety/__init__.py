"""Baclofen medication safety: FHIR resources in, a sourced verdict out."""

__version__ = "0.1.0"
