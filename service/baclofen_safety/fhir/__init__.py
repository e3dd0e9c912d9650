"""FHIR in and out: reading a Bundle into a chart, writing a verdict as resources."""
