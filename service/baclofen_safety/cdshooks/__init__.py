"""CDS Hooks: from an EHR's call to cards. HTTP stays in ``web/cds.py``."""
