"""Words of an order that say to stop or hold it, or that it was, at once or later; not those about something else."""

from __future__ import annotations

import re

_OURS = re.compile(
    r"\b(?:bac\w*|lior\w*|gablo\w*|ozobax|lyvispah|fleqsuvy|doses?|meds?|medications?|medicines?|drugs?|tabs?|tablets?"
    r"|pills?|capsules?|pump|infusion|orders?|rx|prescription|therapy|treatment|this|it|everything|all)\b"
)
_BOUND = re.compile(
    r"\b(?:until|till|til|pending|after|before|prior|during|while|whilst|on|at|in|by|from|for|over|x|with|without|and|then"
    r"|now|today|tonight|tomorrow|immediately|asap|stat|completely|entirely|temporarily|suddenly|abruptly|gradually|slowly"
    r"|due|because|as|per|since|when|if|unless|next|further|anymore|any\s+more|(?:mon|tue|wed|thu|fri|sat|sun)\w*)\b|\d"
)
"""Where the name of what is stopped ends."""
_TOO = re.compile(r"\b(?:and|or)\s+(?:the\s+)?(?:baclofen|lioresal)\b")
_FILLER = re.compile(r"\b(?:taking|using|giving|the|your|my|his|her|their|any|dosing|to)\b")
_BEFORE = (
    r"\W*(?:(?:please|patient|pt|he|she|they|baclofen|lioresal|this|it|the|medication|medicine|med|drug|dose|order|rx"
    r"|therapy|is|was|has|have|had|been|being|to|be|now|currently|temporarily|will|should|must|can|may|status)\W+)*"
)
_ORDERED = re.compile(
    _BEFORE + r"(?:hold|withhold|suspend|pause|stop|discontinue|discontinued|held|holding|on\s+hold|withheld|suspended"
    r"|paused|stopped|stopping|cancel|cancell?ed|d\s?/\s?c(?:'?\s?e?d)?|dc(?:'?e?d)?|quit|ended|skip"
    r"|(?:no\s+longer|not|stopped)\s+(?:taking|using|takes?)|not\s+to\s+be\s+(?:taken|given))\b"
)
_FORBIDDEN = re.compile(_BEFORE + r"(?:do\s+not|don'?t|no\s+longer)\s+(?:give|take|administer|use)\b")
_TAPERED = re.compile(_BEFORE + r"(?:taper|wean)(?:ing|ed)?\s+(?:\w+\s+)?(?:off|to\s+(?:0|zero|off|stop))\b")
_LAST = re.compile(
    _BEFORE + r"(?:last|final)\s+doses?\b"
    r"(?!\W+(?:was|were|taken|given|received|administered|change|changed|of|increase|reported|at\s+bed|before\s+bed|at\s+least"
    r"|no\s+later|by|should|about|approx))"
)
_AT_THE_END = re.compile(
    r"\b(?:(?:last|final)\s+doses?\W+(?:is\W+)?(?:on\W+)?(?:tonight|today|tomorrow|\d+[/-]\d)"
    r"|then\s+(?:stop|discontinue|hold)\W*$)"
)
_DEPENDS = re.compile(
    r"\s+(?:(?:the\s+)?(?:dose|medication|baclofen)\s+)?(?:if|when|unless"
    r"|for(?!\s+(?:\d|surg|proc|oper|npo|intub|now|today|tonight|one|two|three|an?\s)))\b"
)
_IF = re.compile(r"\b(?:if|unless|when|whenever|in\s+case)\b")
_LATER_ON = re.compile(
    r"\W*(?:$|(?:until|till|til|pending|any\s?more|now|today|tonight|tomorrow|from|after|for\s+\d)\b)"
)
_CLAUSE = re.compile(r"[.;!\n]+(?!\d)")


def may_end(words: str, *, tapered: bool = False) -> bool:
    """Does a clause say to stop or hold the order, or that it is? ``tapered``: its steps are those of a taper."""
    clauses = [each for each in _CLAUSE.split(words.casefold()) if each.strip()]
    return any(_ends(clause, first=place == 0, tapered=tapered) for place, clause in enumerate(clauses))


def _ends(clause: str, *, first: bool, tapered: bool) -> bool:
    if found := _ORDERED.match(clause):
        rest = clause[found.end() :]
        return _DEPENDS.match(rest) is None and (first or _IF.search(rest) is None) and _names_ours(rest)
    if found := _FORBIDDEN.match(clause):
        rest = clause[found.end() :]
        return _names_ours(rest) and _LATER_ON.match(rest[_name_end(rest) :]) is not None
    if tapered:
        return False
    if _LAST.match(clause) or _AT_THE_END.search(clause):
        return True
    return (found := _TAPERED.match(clause)) is not None and _names_ours(clause[found.end() :])


def _name_end(rest: str) -> int:
    found = _BOUND.search(rest)
    return found.start() if found else len(rest)


def _names_ours(rest: str) -> bool:
    """Is what follows no name, or one of the order?"""
    name = rest[: _name_end(rest)]
    none = re.search(r"\w", _FILLER.sub("", name)) is None
    return none or _OURS.search(name) is not None or _TOO.search(rest) is not None
