"""The command line: the same judgement, for a file or a pipe."""

from __future__ import annotations

import os
import sys
from typing import Any, BinaryIO, NoReturn

import click
import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from . import __version__
from .assessor import Answer, Assessor, load_assessor
from .clock import utc_now
from .config import read_settings
from .core.words import question, summary
from .errors import BaclofenSafetyError, BadInput
from .fhir.decoding import decode
from .fhir.operations import unpack
from .fhir.outcome import error_outcome

NO_FINDINGS, FINDINGS, NOT_JUDGED = 0, 1, 2
COLOURS = {"high": "bold red", "moderate": "yellow", "low": "cyan"}


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="baclofen-safety")
def cli() -> None:
    """Baclofen medication safety: FHIR in, findings out."""


@cli.command()
@click.argument("file", type=click.File("rb"))
@click.option("--as-of", help="judge as of this FHIR dateTime (default: now)")
@click.option("--subject", help="the patient, when the Bundle holds several")
@click.option("--language", help="language of patient texts")
@click.option("--format", "shape", type=click.Choice(["table", "fhir"]), default="table", show_default=True)
@click.pass_obj
def assess(
    assessor: Assessor | None,
    file: BinaryIO,
    as_of: str | None,
    subject: str | None,
    language: str | None,
    shape: str,
) -> None:
    """Judge the Bundle (or Parameters) in FILE, - for standard input.

    Exit status: 0 judged, no findings; 1 findings; 2 no findings but not everything judged, or bad input.
    """
    query = {"asOf": as_of, "subject": subject, "language": language}
    try:
        assessor = assessor or load_assessor(read_settings(os.environ))
        settings = assessor.settings
        document = decode(file.read(), max_bytes=settings.max_bytes)
        ask = unpack(document, {k: v for k, v in query.items() if v}, max_entries=settings.max_entries)
        answer = assessor.answer(ask, utc_now())
    except BadInput as error:
        _refuse(error, shape)
    except BaclofenSafetyError as error:
        click.echo(f"baclofen-safety: {error}", err=True)
        sys.exit(NOT_JUDGED)
    if shape == "fhir":
        _write(answer.bundle)
    else:
        _show(answer, Console(), assessor.book)
    sys.exit(_exit_status(answer))


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8080, show_default=True, type=click.IntRange(1, 65535))
def serve(host: str, port: int) -> None:
    """Run the service under gunicorn."""
    os.environ.update(HOST=host, PORT=str(port))
    command = [sys.executable, "-m", "gunicorn", "-c", "python:baclofen_safety.serving"]
    os.execv(sys.executable, command)


def _exit_status(answer: Answer) -> int:
    if answer.verdict.issues:
        return FINDINGS
    return NO_FINDINGS if answer.verdict.status == "success" else NOT_JUDGED


def _refuse(error: BadInput, shape: str) -> NoReturn:
    if shape == "fhir":
        _write(error_outcome(error.code, error.text, error.expression))
    else:
        click.echo(f"baclofen-safety: {error.text}", err=True)
    sys.exit(NOT_JUDGED)


def _write(resource: dict[str, Any]) -> None:
    sys.stdout.buffer.write(orjson.dumps(resource, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def _show(answer: Answer, out: Console, book: Any) -> None:
    verdict = answer.verdict
    out.print(Text(f"{verdict.status}: {book.phrases[verdict.why]}", style="bold"))
    if verdict.issues:
        table = Table("rule", "severity", "finding", show_lines=True)
        for issue in verdict.issues:
            severity = Text(issue.severity.value, style=COLOURS[issue.severity.value])
            name = f"{issue.sheet.id}\n(if signed)" if issue.preliminary else issue.sheet.id
            table.add_row(name, severity, Text(f"{summary(issue, book)}\n{issue.sheet.do}"))
        out.print(table)
    for open_question in verdict.questions:
        out.print(Text(f"not checked  {open_question.sheet.id}: {question(open_question, book)}"))
    for trouble in verdict.troubles:
        out.print(Text(f"not used  {trouble.ref}: {trouble.says}"))
