"""``python -m baclofen_safety`` is the command line."""

from __future__ import annotations

from .cli import cli


def main() -> None:
    """Entry point of the ``baclofen-safety`` command."""
    cli(prog_name="baclofen-safety")


if __name__ == "__main__":
    main()
