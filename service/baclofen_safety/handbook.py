"""The generated pages: ``docs/rules.md`` and ``docs/leaflets.md`` from the knowledge, ``docs/coverage.md`` from
``docs/coverage.toml``, the CDS Hooks parts of ``docs/integration.md``, and the CodeSystem of issue codes.

``python -m baclofen_safety.handbook`` in a checkout writes them; tests hold them fresh.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from .assessor import load_knowledge
from .core.knowledge import Limit, Rulebook, RuleSheet, Tell
from .core.words import say
from .hooks_page import hooks_parts
from .profiles import locate_profiles
from .terminology.valuesets import issue_codesystem

PREFACE = (
    "Generated from the knowledge (`service/baclofen_safety/rules/baclofen/*.toml`) by `make docs`; do not edit.",
    "",
    "A source id such as S21 is explained at the end. K13 marks a choice of this project that no source sets;",
    "K2 to K12 are figures from knowledge whose text was not opened. All of them need a local sign-off before use.",
)
APPLICABILITY = {
    "applicable": ("Applicable", "Baclofen, or a pump that may hold it, was judged."),
    "not-applicable": ("Not applicable", "There was no baclofen to judge."),
}
CHECKOUT = Path(__file__).resolve().parents[2]
COVERAGE = CHECKOUT / "docs" / "coverage.toml"
PARTS = {
    "taper": "step-down schedule",
    "tier": "withdrawal risk tier",
    "routing": "who is told",
}
"""What implements a claim without being a rule or a text."""
COVERAGE_PREFACE = (
    "Generated from `docs/coverage.toml` by `make docs`; do not edit.",
    "",
    "What the patient pages this knowledge started from claim, what of it this service does, and a case that shows it:",
    "`family: name` is a case of `tests/rules/baclofen/<family>.toml`. A text without a case is sent by no rule; it is",
    "part of a [leaflet](leaflets.md). A test holds that every case named does what this page says.",
)
LEAFLET_PREFACE = (
    "Generated from the knowledge (`service/baclofen_safety/rules/baclofen/texts.toml`) by `make docs`; do not edit.",
    "",
    "What patients and caregivers are told, word for word: first the leaflets, to be handed out as a whole, then every",
    "text. [rules.md](rules.md) says which rule sends which.",
)


def rules_page(book: Rulebook) -> str:
    """``docs/rules.md``: every rule in the words of the knowledge."""
    return "\n".join(_page(book)) + "\n"


def issue_codes(book: Rulebook) -> str:
    """``CodeSystem-baclofen-issue.json``."""
    codes = {rule: (sheet.title, _definition(sheet, book)) for rule, sheet in book.sheets.items()}
    translations = [voice for voice in book.voices.values() if voice.issues]
    resource = issue_codesystem({**codes, **APPLICABILITY}, {voice.language: voice.issues for voice in translations})
    unread = [f"Designations in {voice.name}: {voice.review}." for voice in translations if voice.review]
    resource["description"] = " ".join([resource["description"], *unread])
    return json.dumps(resource, indent=2, ensure_ascii=False) + "\n"


def _definition(sheet: RuleSheet, book: Rulebook) -> str:
    """When the rule fires and on whose word: what DetectedIssue.reference leads to."""
    cited = "; ".join(f"[{name}] {book.sources[name].citation}" for name in sheet.sources)
    return f"{sheet.fires} Sources: {cited}"


def _page(book: Rulebook) -> Iterator[str]:
    yield "# Rules"
    yield ""
    yield from PREFACE
    for family, title in book.family_titles.items():
        yield from ("", f"## {title}", "")
        sheets = [sheet for sheet in book.sheets.values() if sheet.group == family]
        for sheet in sheets:
            yield from _rule(sheet)
        yield from _limits(book.families[family].limits, "Limits of this family")
    yield from ("", "## Shared definitions", "")
    yield from _limits(book.shared.limits, "Limits shared by all families, the taper among them")
    yield from (
        "",
        "## Which finding gives way",
        "",
        "| Finding | gives way to | how | when | why |",
        "|---|---|---|---|---|",
    )
    for row in book.relations:
        kind = f"{row.kind} to {row.to}" if row.to else row.kind
        by, when = ", ".join(row.by) or "a state", row.when or "always"
        yield f"| {', '.join(row.over)} | {by} | {kind} | {when} | {row.about} |"
    yield from ("", "## Sources", "", "| Id | Citation | Read at | Status |", "|---|---|---|---|")
    for source in book.sources.values():
        yield f"| {source.id} | {source.citation} | {source.read_at} | {source.status} |"


def _codes(sheet: RuleSheet) -> str:
    return ", ".join([sheet.code, *(f"{code} for {variant}" for variant, code in sheet.codes.items())])


def _rule(sheet: RuleSheet) -> Iterator[str]:
    yield f"### {sheet.id} — {sheet.title}"
    yield ""
    rows = {
        "Fires when": sheet.fires,
        "Severity": " or ".join(sheet.severities) + f" (v3-ActCode {_codes(sheet)})",
        "Says": sheet.summary,
        **{f"Says instead, {note}": f"{one.summary} {one.do}" for note, one in sheet.instead.items()},
        "Why it matters": sheet.consequence,
        "What to do": sheet.do,
        "Order change": sheet.order_change,
        "Told": "; ".join(_told(name, tell) for name, tell in sheet.tell.items()),
        "Needs": ", ".join(sheet.needs),
        "Helped by": ", ".join(sheet.helps),
        "Cannot judge": sheet.cannot_judge,
        "Quiet when": sheet.quiet,
        "Sources": f"{', '.join(sheet.sources)}; in effect since {sheet.effective}",
    }
    yield from (f"- **{name}:** {text}" for name, text in rows.items() if text)
    yield ""


def _told(name: str, tell: Tell) -> str:
    roles = [
        f"{role} {priority}"
        for role, priority in (
            ("prescriber", tell.requester),
            ("pharmacist", tell.pharmacist),
            ("patient", tell.patient),
        )
        if priority
    ]
    texts = f" ({', '.join(tell.texts)})" if tell.texts else ""
    return f"{name + ': ' if name else ''}{', '.join(roles) or 'nobody'}{texts}"


def _limits(limits: tuple[Limit, ...], title: str) -> Iterator[str]:
    if not limits:
        return
    yield from (f"{title}:", "", "| Limit | Value | Meaning | Sources | Since |", "|---|---|---|---|---|")
    for limit in limits:
        yield (
            f"| `{limit.name}` | {say(limit.value)} {limit.unit} | {limit.about} | {', '.join(limit.sources)} "
            f"| {limit.effective} |"
        )
    yield ""


def leaflets() -> Mapping[str, Mapping[str, Any]]:
    """The leaflets of ``texts.toml``: title and ids of texts."""
    table = tomllib.loads(files("baclofen_safety.rules.baclofen").joinpath("texts.toml").read_text("utf-8"))
    return {name: dict(row) for name, row in table["leaflet"].items()}


def leaflets_page(book: Rulebook) -> str:
    """``docs/leaflets.md``: every text for patients, and what is handed out together."""
    return "\n".join(_leaflets(book)) + "\n"


def _leaflets(book: Rulebook) -> Iterator[str]:
    yield from ("# Leaflets and texts for patients", "", *LEAFLET_PREFACE)
    for leaflet in leaflets().values():
        yield from ("", f"## {leaflet['title']}", "")
        yield from (f"- **{book.texts[name].title}** ({name})" for name in leaflet["texts"])
    yield from ("", "## Every text", "")
    for text in book.texts.values():
        yield from (f"### {text.id} — {text.title}", "", text.text, "")


def coverage() -> Mapping[str, Any]:
    """``docs/coverage.toml``."""
    return tomllib.loads(COVERAGE.read_text(encoding="utf-8"))


def shown_by(row: Mapping[str, Any], table: Mapping[str, Any]) -> dict[str, str]:
    """Rule, text or part of a row to the case that shows it; the row's own choice before the common one."""
    named = (*row.get("rules", ()), *row.get("texts", ()), *row.get("parts", ()))
    return {one: case for one in named if (case := row.get("cases", {}).get(one) or table["shown"].get(one))}


def coverage_page(book: Rulebook) -> str:
    """``docs/coverage.md``: claims of the first documents, what implements each and the case that shows it."""
    return "\n".join(_coverage(book, coverage())) + "\n"


def _coverage(book: Rulebook, table: Mapping[str, Any]) -> Iterator[str]:
    yield from ("# What the first documents claim, and where it is", "", *COVERAGE_PREFACE)
    for source in dict.fromkeys(row["source"] for row in table["row"]):
        rows = [row for row in table["row"] if row["source"] == source]
        yield from ("", f"## {source}: {book.sources[source].citation}", "")
        yield from ("| Claim | Here | Shown by |", "|---|---|---|")
        for row in rows:
            here = [*row.get("rules", ()), *row.get("texts", ()), *(PARTS[one] for one in row.get("parts", ()))]
            said = "; ".join(filter(None, (", ".join(here), row.get("outside", ""))))
            cases = dict.fromkeys(shown_by(row, table).values())
            yield f"| {row['claim']} | {said} | {'<br>'.join(f'`{case}`' for case in cases)} |"


def main() -> None:
    """Write the generated pages of this checkout."""
    book = load_knowledge("docs")
    for name, page in (("rules", rules_page), ("leaflets", leaflets_page), ("coverage", coverage_page)):
        (CHECKOUT / "docs" / f"{name}.md").write_text(page(book), encoding="utf-8")
    integration = CHECKOUT / "docs" / "integration.md"
    integration.write_text(hooks_parts(integration.read_text(encoding="utf-8"), book), encoding="utf-8")
    (locate_profiles() / "CodeSystem-baclofen-issue.json").write_text(issue_codes(book), encoding="utf-8")


if __name__ == "__main__":
    main()
