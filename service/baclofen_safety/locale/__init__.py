"""The patient texts in other languages, one TOML each; English stands beside the rules."""
