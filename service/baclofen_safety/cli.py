"""The command line: the same judgement, for a file or a pipe."""

from __future__ import annotations

import os
import sys
import uuid
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

import click
import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from . import __version__
from .assessor import UNUSABLE, Answer, Assessor, load_assessor
from .at_ehr import BadUse, as_asked, told, visit
from .cdshooks.minting import Wish, as_toml, fresh_key, mint
from .clock import utc_now
from .config import PREFIX, BadSetting, read_settings
from .core.words import asked, headline, summary
from .errors import BaclofenSafetyError, BadInput
from .explaining import LISTS, explain
from .fhir.answering_r5 import in_version
from .fhir.decoding import decode
from .fhir.operations import unpack
from .fhir.outcome import error_outcome
from .fhir.publishing import package
from .fhir.versions import WRITTEN, FhirVersion
from .fhir.write_back import Report
from .store.sql import SqlStore
from .tallying import Tally

NO_FINDINGS, FINDINGS, NOT_JUDGED = 0, 1, 2
COLOURS = {"high": "bold red", "moderate": "yellow", "low": "cyan"}


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="baclofen-safety")
def cli() -> None:
    """Baclofen medication safety: FHIR in, findings out."""


@cli.command()
@click.argument("file", type=click.File("rb"), required=False)
@click.option("--patient", help="judge the record of this patient, read from the server of --ehr")
@click.option("--ehr", help="base address of a FHIR server (https; http on this machine only)")
@click.option("--network", multiple=True, help="private network the server may stand in, as 10.20.0.0/16")
@click.option("--token-file", type=click.Path(path_type=Path), help="file that holds the bearer token for the server")
@click.option("--write-back", is_flag=True, help="write findings, messages and proposals into the server")
@click.option("--as-of", help="judge as of this FHIR dateTime (default: now)")
@click.option("--subject", help="the patient, when the Bundle holds several")
@click.option("--language", help="language of patient texts")
@click.option("--trace", is_flag=True, help="say what became of every rule, and on what facts")
@click.option("--format", "shape", type=click.Choice(["table", "fhir"]), default="table", show_default=True)
@click.option("--fhir-version", "version", type=click.Choice([*map(str, WRITTEN)]), default="4.0", help="of FHIR")
@click.pass_obj
def assess(
    assessor: Assessor | None,
    file: BinaryIO | None,
    patient: str | None,
    ehr: str | None,
    network: tuple[str, ...],
    token_file: Path | None,
    write_back: bool,
    as_of: str | None,
    subject: str | None,
    language: str | None,
    trace: bool,
    shape: str,
    version: str,
) -> None:
    """Judge the Bundle (or Parameters) in FILE, - for standard input; or a PATIENT of an EHR.

    Exit status: 0 judged, no findings; 1 findings; 2 no findings but not everything judged, or bad input, or findings
    that could not be written back.
    """
    query = {"asOf": as_of, "subject": subject or patient, "language": language, "trace": "true" if trace else None}
    try:
        there = visit(patient, ehr, network, token_file)
        if (file is None) == (there is None) or (write_back and there is None):
            raise BadUse("a FILE expected, or --patient and --ehr")
        assessor = _loaded(assessor)
        settings = assessor.settings
        document = there.record() if there else decode(file.read() if file else b"", max_bytes=settings.max_bytes)
        ask = unpack(document, {k: v for k, v in query.items() if v}, max_entries=settings.max_entries)
        answer = assessor.answer(ask, utc_now())
        report = there.write_back(answer.bundle) if there and write_back else Report()
    except BadInput as error:
        _refuse(error, shape)
    except BaclofenSafetyError as error:
        click.echo(f"baclofen-safety: {error}", err=True)
        sys.exit(NOT_JUDGED)
    if shape == "fhir":
        _write(in_version(answer.bundle, FhirVersion(version)))
    else:
        _show(answer, Console(), assessor.book, document if there else None)
    for line in told(report):
        click.echo(line, err=True)
    sys.exit(NOT_JUDGED if report.problems else _exit_status(answer))


@cli.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--as-of", help="judge as of this FHIR dateTime (default: now)")
@click.pass_obj
def tally(assessor: Assessor | None, files: tuple[Path, ...], as_of: str | None) -> None:
    """Judge every Bundle in FILES, one patient each, and count what each rule says; silent rules too.

    Exit status: 0 all judged, 2 when a file could not be.
    """
    assessor, counted, refused = _loaded(assessor), Tally(), 0
    settings = assessor.settings
    for file in files:
        try:
            document = decode(file.read_bytes(), max_bytes=settings.max_bytes)
            ask = unpack(document, {"asOf": as_of} if as_of else {}, max_entries=settings.max_entries)
            counted.add(assessor.answer(ask, utc_now()).verdict)
        except BadInput as error:
            refused += 1
            click.echo(f"{file}: {error.text}", err=True)
    _show_tally(counted, Console())
    sys.exit(NOT_JUDGED if refused else NO_FINDINGS)


@cli.command("explain")
@click.argument("rule")
@click.option("--format", "shape", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_obj
def explain_rule(assessor: Assessor | None, rule: str, shape: str) -> None:
    """Say what RULE looks for, its limits with source and date, whom it tells, and the cases that show it."""
    assessor = _loaded(assessor)
    if rule not in assessor.book.sheets:
        click.echo(f"baclofen-safety: no rule {rule}; one of {', '.join(assessor.book.sheets)}", err=True)
        sys.exit(NOT_JUDGED)
    told = explain(rule, assessor.book)
    if shape == "json":
        _write(told)
    else:
        _tell(told, Console())


@cli.command()
@click.argument("target", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.pass_obj
def publish(assessor: Assessor | None, target: Path) -> None:
    """Write profiles, value sets, rules and examples as a FHIR package (.tgz) to TARGET."""
    assessor = _loaded(assessor)
    target.write_bytes(package(assessor.artifacts, assessor.profiles.package, assessor.profiles.examples))
    click.echo(f"{target}: {len(assessor.artifacts)} artifacts, knowledge {assessor.book.version}")


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8080, show_default=True, type=click.IntRange(1, 65535))
def serve(host: str, port: int) -> None:
    """Run the service under gunicorn."""
    os.environ.update(HOST=host, PORT=str(port))
    command = [sys.executable, "-m", "gunicorn", "-c", "python:baclofen_safety.serving"]
    os.execv(sys.executable, command)


@cli.command("token")
@click.option("--issuer", help="iss: who the token says it is from")
@click.option("--audience", help="aud: the full address of the endpoint to be called")
@click.option("--key", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="private key, JWK or PEM")
@click.option("--kid", help="name of the key (default: its own)")
@click.option("--tenant", help="tenant")
@click.option("--minutes", type=click.IntRange(1, 1440), default=5, show_default=True, help="how long it lives")
@click.option("--new-key", type=click.Path(path_type=Path), help="write a fresh ES384 key to this file instead")
def mint_token(
    issuer: str | None,
    audience: str | None,
    key: Path | None,
    kid: str | None,
    tenant: str | None,
    minutes: int,
    new_key: Path | None,
) -> None:
    """Mint a test token for the CDS Hooks door, or with --new-key a key to sign such tokens with.

    The public half of a new key is printed as a line for the clients file. A file that is there is not overwritten.
    """
    try:
        if new_key is not None:
            click.echo(_keep_key(new_key))
        elif issuer and audience and key is not None:
            wish = Wish(issuer, audience, str(uuid.uuid4()), minutes, kid, tenant)
            click.echo(mint(key.read_bytes(), wish, utc_now()))
        else:
            raise click.UsageError("--issuer, --audience and --key expected, or --new-key")
    except (BaclofenSafetyError, OSError) as error:
        click.echo(f"baclofen-safety: {error}", err=True)
        sys.exit(NOT_JUDGED)


@cli.command("forget-comments")
@click.option(
    "--before",
    required=True,
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="remove what was received before this day, as 2026-01-31, in the time zone of the service",
)
def forget_comments(before: datetime) -> None:
    """Remove the comments that came with feedback, which may hold patient data, from the store.

    What was counted stays. The store is the one of the service: BACLOFEN_SAFETY_STORE.
    """
    try:
        settings = read_settings(os.environ)
        with closing(SqlStore(settings.store, utc_now)) as store:
            if store.in_memory or store.absent:
                raise BadSetting(f"{PREFIX}STORE", "the database of the service")
            gone = store.forget_comments(before.replace(tzinfo=settings.zone))
    except BaclofenSafetyError as error:
        click.echo(f"baclofen-safety: {error}", err=True)
        sys.exit(NOT_JUDGED)
    click.echo(f"{gone} comment{'' if gone == 1 else 's'} removed, received before {before:%Y-%m-%d}")


def _keep_key(target: Path) -> str:
    """Write a fresh key for its owner's eyes only; what to list of it."""
    private, public = fresh_key()
    target.touch(mode=0o600, exist_ok=False)
    target.write_text(f"{private}\n", encoding="utf-8")
    return as_toml(public)


def _loaded(assessor: Assessor | None) -> Assessor:
    """The service as the environment sets it up; a setting or table that does not fit ends the command."""
    try:
        return assessor or load_assessor(read_settings(os.environ))
    except UNUSABLE as error:
        click.echo(f"baclofen-safety: {error}", err=True)
        sys.exit(NOT_JUDGED)


def _tell(told: dict[str, Any], out: Console) -> None:
    """One rule as text: what it is, then a heading for each list, a line for each of its items."""
    out.print(Text(f"{told['id']}: {told['title']}", style="bold"))
    for name, value in told.items():
        if isinstance(value, str) and name not in ("id", "title"):
            out.print(Text.assemble((f"{name}: ", "bold"), value or "none"))
    for name, line in LISTS.items():
        if told[name]:
            out.print(Text(f"{name}:", style="bold"))
        for one in told[name]:
            out.print(Text(f"  {line(one)}"))


def _show_tally(counted: Tally, out: Console) -> None:
    statuses = ", ".join(f"{status} {n}" for status, n in sorted(counted.statuses.items()))
    out.print(f"{counted.patients} patients ({statuses or 'none'})")
    out.print(f"{counted.before} findings before rules gave way, {counted.after} told after")
    table = Table("rule", "high", "moderate", "low", "gave way", "silent", "not judged")
    for rule, numbers in counted.rows():
        table.add_row(rule, *(str(number or "") for number in numbers))
    out.print(table)


def _exit_status(answer: Answer) -> int:
    clear = NO_FINDINGS if answer.verdict.status == "success" else NOT_JUDGED
    return FINDINGS if answer.verdict.issues else clear


def _refuse(error: BadInput, shape: str) -> NoReturn:
    if shape == "fhir":
        _write(error_outcome(error.code, error.text, [one for one in error.expression if not one.startswith("http.")]))
    else:
        click.echo(f"baclofen-safety: {error.text}", err=True)
    sys.exit(NOT_JUDGED)


def _write(resource: dict[str, Any]) -> None:
    sys.stdout.buffer.write(orjson.dumps(resource, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def _show(answer: Answer, out: Console, book: Any, read: Any) -> None:
    verdict = answer.verdict
    out.print(Text(f"{verdict.status}: {headline(verdict, book)}", style="bold"))
    if verdict.issues:
        table = Table("rule", "severity", "finding", show_lines=True)
        for issue in verdict.issues:
            severity = Text(issue.severity.value, style=COLOURS[issue.severity.value])
            name = f"{issue.sheet.id}\n(if signed)" if issue.preliminary else issue.sheet.id
            table.add_row(name, severity, Text(f"{summary(issue, book)}\n{issue.sheet.do}"))
        out.print(table)
    for one in asked(verdict.questions, book):
        out.print(Text(f"not checked  {', '.join(sheet.id for sheet in one.sheets)}: {one.text}"))
    for trouble in verdict.troubles:
        out.print(Text(f"not used  {as_asked(read, trouble.ref) if read else trouble.ref}: {trouble.says}"))
    for line in verdict.trace:
        out.print(Text(f"{line.outcome}  {line.rule}: {line.because}"))
        for seen in line.seen:
            out.print(Text(f"    {seen.fact} = {seen.value}"))
