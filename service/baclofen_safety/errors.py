"""Our error tree. Messages say what, where and what was expected; they never carry patient data."""

from __future__ import annotations

from collections.abc import Sequence

ADDRESS = "http.url"
"""The place of what is wrong with the address of a request, or with no part of it in particular."""
BODY = "http.body"
"""The place of what is wrong with a body that is no resource to point into."""


def in_request(name: str) -> str:
    """The place of a header, or of a parameter of the address: names of ours only, never what a caller made up."""
    return f"http.{name}"


class BaclofenSafetyError(Exception):
    """Anything this package raises on purpose."""


class BadInput(BaclofenSafetyError):
    """The input cannot be judged at all. Doors answer with an OperationOutcome built from the attributes.

    ``status`` is the HTTP status, ``code`` the OperationOutcome issue type, ``text`` the words for people and
    ``expression`` the places: FHIRPath into what was sent, or ``http.`` and the part of the request that is meant
    (``in_request``); no values. ``place`` is where errors of a kind are that name none. ``retry_after`` is in seconds,
    where the same request may succeed later.
    """

    status = 400
    code = "invalid"
    place = ADDRESS
    retry_after: int | None = None

    def __init__(
        self,
        text: str,
        expression: Sequence[str] = (),
        *,
        status: int | None = None,
        code: str | None = None,
    ) -> None:
        super().__init__(text)
        self.text = text
        self.expression = tuple(expression) or (type(self).place,)
        self.status = type(self).status if status is None else status
        self.code = type(self).code if code is None else code


class BadSyntax(BadInput):
    """Not JSON we accept: broken text, duplicate keys, NaN, wrong character set."""

    code = "structure"
    place = BODY


class TooSlow(BadInput):
    """The sender went quiet in the middle of a body."""

    status = 408
    code = "timeout"
    place = BODY


class NotFhir(BadInput):
    """JSON, but not the FHIR document asked for."""

    code = "structure"
    place = BODY


class BadParameter(BadInput):
    """A parameter (subject, asOf, language …) that cannot be read."""

    code = "value"


class TooManyPatients(BadInput):
    """Two or more patients and no subject named."""

    status = 422
    code = "multiple-matches"


class TooLarge(BadInput):
    """More bytes, entries or levels than we read."""

    status = 413
    code = "too-long"
    place = BODY


class UnsupportedMediaType(BadInput):
    """A content type, character set or FHIR version we do not read."""

    status = 415
    code = "not-supported"
    place = "http.Content-Type"


class NotAcceptable(BadInput):
    """The caller accepts nothing we write of what was asked for."""

    status = 406
    code = "not-supported"
    place = "http.Accept"


class Unauthorized(BadInput):
    """Who calls is not proven. ``reason`` is a code, and ``client`` our name of a known caller, for the log alone:
    the answer tells nothing of either."""

    status = 401
    code = "login"
    place = "http.Authorization"

    def __init__(self, reason: str, client: str = "") -> None:
        super().__init__("Authentication is required.")
        self.reason = reason
        self.client = client


class Unavailable(BaclofenSafetyError):
    """Something needed for an answer is out of reach for now. Doors answer 503; ``retry_after`` is in seconds."""

    retry_after = 30
