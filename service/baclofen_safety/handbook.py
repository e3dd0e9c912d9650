"""The generated pages: ``docs/rules.md`` from the knowledge, and the CodeSystem of issue codes from the rules.

``python -m baclofen_safety.handbook`` in a checkout writes both; tests hold them fresh.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from .assessor import load_knowledge
from .core.knowledge import Limit, Rulebook, RuleSheet, Tell
from .core.words import say
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


def rules_page(book: Rulebook) -> str:
    """``docs/rules.md``: every rule in the words of the knowledge."""
    return "\n".join(_page(book)) + "\n"


def issue_codes(book: Rulebook) -> str:
    """``CodeSystem-baclofen-issue.json``."""
    codes = {rule: (sheet.title, _definition(sheet, book)) for rule, sheet in book.sheets.items()}
    resource = issue_codesystem({**codes, **APPLICABILITY})
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


def _rule(sheet: RuleSheet) -> Iterator[str]:
    yield f"### {sheet.id} — {sheet.title}"
    yield ""
    rows = {
        "Fires when": sheet.fires,
        "Severity": " or ".join(sheet.severities) + f" (v3-ActCode {sheet.code})",
        "Says": sheet.summary,
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


def main() -> None:
    """Write the generated pages of this checkout."""
    book = load_knowledge("docs")
    (CHECKOUT / "docs" / "rules.md").write_text(rules_page(book), encoding="utf-8")
    (locate_profiles() / "CodeSystem-baclofen-issue.json").write_text(issue_codes(book), encoding="utf-8")


if __name__ == "__main__":
    main()
