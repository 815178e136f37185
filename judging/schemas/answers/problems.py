"""What the API answers when something is refused: problem details (RFC 9457)."""

from __future__ import annotations

from marshmallow import Schema, fields

from judging import errors

MEDIA_TYPE = "application/problem+json"
_NAMESPACE = "urn:judging:problem:"

# The first class that matches counts.
TYPES: tuple[tuple[type[errors.JudgingError], str], ...] = tuple(
    (kind, _NAMESPACE + name)
    for kind, name in (
        (errors.InvalidInput, "invalid-input"),
        (errors.NotSignedIn, "not-signed-in"),
        (errors.ConfirmationNeeded, "confirmation-needed"),
        (errors.SecondFactorMissing, "second-factor-missing"),
        (errors.NotAllowed, "not-allowed"),
        (errors.NotFound, "not-found"),
        (errors.NotLinked, "not-linked"),
        (errors.Conflict, "conflict"),
        (errors.TooFast, "too-fast"),
        (errors.Unavailable, "unavailable"),
        (errors.RubricError, "invalid-rubric"),
        (errors.JudgingError, "failed"),
    )
)
"""The ``type`` of each of our own errors."""
CSRF_TYPE = _NAMESPACE + "csrf-token"
"""The session is there, but the write does not carry its token."""

REUSED_TYPE = _NAMESPACE + "idempotency-key-reused"
"""The idempotency key belongs to another request."""
RUNNING_TYPE = _NAMESPACE + "still-running"
"""The first request with this idempotency key is not answered yet."""
LOST_TYPE = _NAMESPACE + "answer-not-kept"
"""The request with this idempotency key was carried out; its answer cannot be repeated."""
CHANGED_TYPE = _NAMESPACE + "changed-meanwhile"
"""If-Match names another state than the present one."""


class ProblemSchema(Schema):
    """Why a request was refused, and what to do."""

    type = fields.String(
        required=True,
        metadata={
            "description": "What programs compare; about:blank when the status says everything.",
            "examples": [TYPES[0][1]],
        },
    )
    title = fields.String(required=True, metadata={"description": "The phrase of the status, in English."})
    status = fields.Integer(required=True)
    detail = fields.String(
        required=True, metadata={"description": "What is wrong and what to do, in the language of the answer."}
    )
    errors = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        metadata={"description": "Place of the input -> complaints about it."},
    )
    refused = fields.List(
        fields.Dict(), metadata={"description": "Of posted entries: each value that cannot be stored, with its place."}
    )
    linked_sets = fields.List(
        fields.List(fields.String()),
        metadata={"description": "Sets of judges that no proposal links, when a round cannot be calibrated."},
    )
