"""Baclofen: one family of rules per module, its words and limits in the TOML of the same name."""
