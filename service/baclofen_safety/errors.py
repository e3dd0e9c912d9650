"""Our error tree. Messages say what, where and what was expected; they never carry patient data."""

from __future__ import annotations

from collections.abc import Sequence


class BaclofenSafetyError(Exception):
    """Anything this package raises on purpose."""


class BadInput(BaclofenSafetyError):
    """The input cannot be judged at all. Doors answer with an OperationOutcome built from the attributes.

    ``status`` is the HTTP status, ``code`` the OperationOutcome issue type, ``text`` the words for people and
    ``expression`` the places in the input (FHIRPath-like, no values). ``retry_after`` is in seconds, where the same
    request may succeed later.
    """

    status = 400
    code = "invalid"
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
        self.expression = tuple(expression)
        self.status = type(self).status if status is None else status
        self.code = type(self).code if code is None else code


class BadSyntax(BadInput):
    """Not JSON we accept: broken text, duplicate keys, NaN, wrong character set."""

    code = "structure"


class NotFhir(BadInput):
    """JSON, but not the FHIR document asked for."""

    code = "structure"


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


class UnsupportedMediaType(BadInput):
    """A content type, character set or FHIR version we do not read."""

    status = 415
    code = "not-supported"


class NotAcceptable(BadInput):
    """The caller accepts nothing we write of what was asked for."""

    status = 406
    code = "not-supported"


class Unauthorized(BadInput):
    """Who calls is not proven. ``reason`` is a code, and ``client`` our name of a known caller, for the log alone:
    the answer tells nothing of either."""

    status = 401
    code = "login"

    def __init__(self, reason: str, client: str = "") -> None:
        super().__init__("Authentication is required.")
        self.reason = reason
        self.client = client


class Unavailable(BaclofenSafetyError):
    """Something needed for an answer is out of reach for now. Doors answer 503; ``retry_after`` is in seconds."""

    retry_after = 30
