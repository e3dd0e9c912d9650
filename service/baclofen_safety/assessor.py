"""The five steps every door walks: load, read, assess, write, dump. Here are the middle three, joined once at start."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

from .config import PREFIX, BadSetting, Settings
from .core.assess import assess
from .core.concepts import BACLOFEN
from .core.knowledge import KnowledgeError, Rulebook
from .core.verdict import Verdict
from .errors import BaclofenSafetyError
from .fhir.capability import CAPABILITY, capability
from .fhir.fitting import asked_about, fit
from .fhir.message_events import published_events
from .fhir.operations import Ask
from .fhir.outcome import ISSUE_SYSTEM
from .fhir.publishing import published_knowledge
from .fhir.reading import read_chart
from .fhir.requirements import few
from .fhir.resources import check_output
from .fhir.session_orders import is_unjudged, with_orders
from .fhir.writing import Letterhead, write_answer
from .profiles import Profiles, ProfilesError, load_profiles
from .rules import FAMILIES, LANGUAGES, SHARED_TABLES, load_rulebook
from .rules.site import lay_over
from .terminology.catalogue import CONCEPTS
from .terminology.lookup import Terminology
from .terminology.rows import TerminologyError

UNUSABLE = (BaclofenSafetyError, KnowledgeError, ProfilesError, TerminologyError)
"""What settings, tables and policies raise that no service can start with: each says in one line what and where."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A verdict, the Bundle that says it, and the rulebook of that day."""

    verdict: Verdict
    bundle: dict[str, Any]
    book: Rulebook


@dataclass(frozen=True, slots=True)
class Assessor:
    """Everything an assessment needs; immutable, shared between threads and workers."""

    book: Rulebook
    terms: Terminology
    profiles: Profiles
    settings: Settings
    letterhead: Letterhead
    artifacts: Mapping[tuple[str, str], Mapping[str, Any]]  # published, by (resource type, id): profiles and knowledge

    def answer(self, ask: Ask, now: datetime) -> Answer:
        """Judge one question. ``now`` (aware) is used when the caller names no time.

        Raises BadInput when the content cannot be judged at all; AssertionError when ``strict`` finds our own answer
        not valid.
        """
        as_of = ask.as_of or now.astimezone(self.settings.zone)
        chart = read_chart(
            with_orders(ask.content, ask.orders, as_of),
            as_of=as_of,
            subject=ask.subject,
            terms=self.terms,
            site_zone=self.settings.zone,
            strict=self.settings.strict,
            declared=ask.declared,
            acted_on=ask.acted_on,
        )
        book = self.book.on(as_of.date())
        verdict = assess(chart, as_of, book, traced=ask.trace)
        if is_unjudged(asked_about(ask), chart):
            verdict = replace(verdict, status="data-required")  # the very question is open
        written = write_answer(verdict, book, self.letterhead, language=ask.language, told=ask.messages)
        bundle = fit(written, ask, verdict)
        if self.settings.strict:
            errors = check_output(bundle)
            assert not errors, errors
        return Answer(verdict, bundle, book)


def load_assessor(settings: Settings) -> Assessor:
    """Read knowledge, profiles and terminology, and refuse to start when they disagree.

    Raises KnowledgeError, ProfilesError or TerminologyError, each naming the file, or BadSetting.
    """
    profiles = load_profiles(settings.profiles)
    book = load_knowledge(profiles.sha256)
    _check_agreement(book, profiles)
    if settings.policy is not None:
        book = _under_policy(book, settings.policy)
    if settings.language and book.voice(settings.language).language != settings.language:
        raise BadSetting(f"{PREFIX}LANGUAGE", f"one of {', '.join(book.voices)}")
    terms = Terminology.load(settings.terminology)
    codes = {name: few(one["compose"]) for (kind, name), one in profiles.artifacts.items() if kind == "ValueSet"}
    letterhead = Letterhead(
        _baclofen(profiles), settings.emergency_number, settings.language, settings.public_url, codes
    )
    artifacts = {**profiles.artifacts, **published_knowledge(book), **published_events()}
    reliable = settings.keep_answers_days * 24 * 60 if settings.store else None
    artifacts[CAPABILITY] = capability(artifacts, book.version, reliable)
    return Assessor(book, terms, profiles, settings, letterhead, artifacts)


def load_knowledge(profiles_hash: str) -> Rulebook:
    """The rulebook of the shipped TOML; its version is a hash over every table and the profiles' hash."""
    digest = hashlib.sha256(profiles_hash.encode())
    tables: dict[str, Mapping[str, Any]] = {}
    folder = files("baclofen_safety.rules.baclofen")
    for stem in (*SHARED_TABLES, *FAMILIES):
        text = folder.joinpath(f"{stem}.toml").read_bytes()
        digest.update(text)
        tables[stem] = _parse(f"{stem}.toml", text)
    translations = []
    for language in LANGUAGES:
        text = files("baclofen_safety.locale").joinpath(f"{language}.toml").read_bytes()
        digest.update(text)
        translations.append(_parse(f"locale/{language}.toml", text))
    return load_rulebook(tables, digest.hexdigest()[:16], translations)


def _under_policy(book: Rulebook, path: Path) -> Rulebook:
    """The knowledge with a site's policy over it. Raises KnowledgeError naming the line."""
    text = path.read_bytes()
    choices = _parse("choices.toml", files("baclofen_safety.rules.baclofen").joinpath("choices.toml").read_bytes())
    return lay_over(book, _parse(path.name, text), choices, hashlib.sha256(text).hexdigest()[:8])


def _parse(name: str, text: bytes) -> dict[str, Any]:
    try:
        return tomllib.loads(text.decode(), parse_float=Decimal)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise KnowledgeError(name, str(error)) from None


def _check_agreement(book: Rulebook, profiles: Profiles) -> None:
    """Rules, knowledge, look-up and profiles name the same issues and concepts."""
    if profiles.value_sets() != CONCEPTS:
        raise KnowledgeError("ValueSet-*.json", f"disagree on {sorted(profiles.value_sets() ^ CONCEPTS)}")
    issues = profiles.artifacts.get(("CodeSystem", "baclofen-issue"), {})
    named = {concept["code"] for concept in issues.get("concept", ())}
    missing = set(book.sheets) - named
    unknown = {code for code in named if code.startswith("BAC-")} - set(book.sheets)
    if issues.get("url") != ISSUE_SYSTEM or missing or unknown:
        raise KnowledgeError("CodeSystem-baclofen-issue.json", f"disagrees on {sorted(missing | unknown)}")


def _baclofen(profiles: Profiles) -> dict[str, Any]:
    """Baclofen as the proposals code it: the RxNorm ingredient of its own ValueSet, not one of the products there."""
    value_set = profiles.artifacts["ValueSet", BACLOFEN]
    include = next(one for one in value_set["compose"]["include"] if "rxnorm" in one["system"])
    (ingredient,) = (one for one in include["concept"] if one.get("display") == "baclofen")
    return {"coding": [{"system": include["system"], **ingredient}], "text": "baclofen (oral)"}
