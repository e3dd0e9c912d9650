"""Who is told what, how soon: one message per recipient and rule group."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from .knowledge import PRIORITIES, Priority, Rulebook, Tell, Voice
from .rule import Severity
from .verdict import Issue, Verdict
from .words import fill, summary

Role = Literal["requester", "pharmacist", "patient"]
ROLES: tuple[Role, ...] = ("requester", "pharmacist", "patient")


@dataclass(frozen=True, slots=True)
class Message:
    """What one recipient is to be told about one group of rules. ``not_before`` is aware."""

    role: Role
    group: str
    priority: Priority
    rules: tuple[str, ...]
    text: str
    language: str
    not_before: datetime


def messages(
    verdict: Verdict, book: Rulebook, *, emergency_number: str = "", language: str | None = None
) -> tuple[Message, ...]:
    """The messages of a verdict, worst priority first within the order of roles and groups.

    A merged issue has no message of its own: that of the issue it is merged into names it, and is as urgent as either.
    Patients are spoken to in the language of their record, else in ``language``, where there is a translation.
    """
    wait = timedelta(hours=book.shared_limits(verdict.as_of.date()).int("patient-message-wait-hours"))
    groups: dict[str, list[tuple[Issue, Tell]]] = {group: [] for group in book.family_titles}
    everything = [(issue, _tell(issue)) for issue in verdict.issues]
    for issue, tell in everything:
        groups[issue.sheet.group].append((issue, tell))
    lines = {issue.sheet.id: _clinician_line(issue, book) for issue in verdict.issues}
    clinicians, patients = book.voice(), book.voice(verdict.chart.patient.language, language)
    told = []
    for role in ROLES:
        for group, issues in groups.items():
            addressed = [(issue, tell) for issue, tell in issues if not issue.merged and _is_told(role, issue, tell)]
            if not addressed:
                continue
            carried = {rule for issue, _ in addressed for rule in issue.carries}
            merged = (one for one in everything if one[0].sheet.id in carried)
            addressed += [(issue, tell) for issue, tell in merged if _is_told(role, issue, tell)]
            priority = max((_priority(role, tell) for _, tell in addressed), key=PRIORITIES.index)
            at_once = role != "patient" or any(
                issue.severity is Severity.HIGH or tell.at_once for issue, tell in addressed
            )
            told.append(
                Message(
                    role=role,
                    group=group,
                    priority=priority,
                    rules=tuple(issue.sheet.id for issue, _ in addressed),
                    text=_patient_text(addressed, priority, patients, emergency_number)
                    if role == "patient"
                    else "\n".join((_clinician_title(group, book), *(lines[issue.sheet.id] for issue, _ in addressed))),
                    language=(patients if role == "patient" else clinicians).language,
                    not_before=verdict.as_of if at_once else verdict.as_of + wait,
                )
            )
    return tuple(sorted(told, key=lambda message: -PRIORITIES.index(message.priority)))


def _tell(issue: Issue) -> Tell:
    return issue.sheet.tell_for(issue.severity, issue.finding.variant)


def _priority(role: Role, tell: Tell) -> Priority:
    chosen: Priority | None = getattr(tell, role)
    assert chosen is not None
    return chosen


def _is_told(role: Role, issue: Issue, tell: Tell) -> bool:
    """Is the issue for this role? What was never started, or may not be taken, tells the patient nothing."""
    return getattr(tell, role) is not None and not (role == "patient" and (issue.preliminary or issue.supposed))


def _clinician_title(group: str, book: Rulebook) -> str:
    return fill(book.phrases["clinician-message"], {"group": book.family_titles[group].lower()})


def _clinician_line(issue: Issue, book: Rulebook) -> str:
    values = {"severity": issue.severity.value, "summary": summary(issue, book), "do": issue.sheet.do}
    return fill(book.phrases["clinician-line"], values)


def _patient_text(addressed: list[tuple[Issue, Tell]], priority: Priority, voice: Voice, emergency_number: str) -> str:
    """The texts of all issues, each once, and the emergency number where one is spoken of."""
    texts = [voice.texts[name] for name in dict.fromkeys(n for _, tell in addressed for n in tell.texts)]
    lines = [f"{text.title}: {text.text}" for text in texts]
    told = {issue.sheet.id for issue, _ in addressed}
    if any(told.intersection(issue.opposed) for issue, _ in addressed):
        lines.insert(0, voice.phrases["opposed-heading"])
    if priority == "stat" or any(text.emergency for text in texts):
        lines.append(
            fill(voice.phrases["emergency-number"], {"number": emergency_number})
            if emergency_number
            else voice.phrases["emergency-local"]
        )
    lines.append(voice.phrases["patient-closing"])
    return "\n\n".join(lines)
