"""A stored scoresheet in the API's response."""

from marshmallow import Schema, fields

from judging.schemas.answers.problems import ProblemSchema
from judging.schemas.pages import NEXT


class SavedScoresheetSchema(Schema):
    """The newest version, with the fields of the input schema and values computed by the server."""

    version = fields.Integer(metadata={"description": "0 while nothing is stored."})
    state = fields.String(metadata={"description": "draft or submitted."})
    saved_at = fields.AwareDateTime(allow_none=True)
    total = fields.Float(allow_none=True, metadata={"description": "On 0..100; null while a criterion lacks a score."})
    is_open = fields.Boolean(metadata={"description": "Whether the scoresheet can still be written."})
    scores = fields.Dict(keys=fields.String(), values=fields.Float())
    comments = fields.Dict(keys=fields.String(), values=fields.String())
    comment = fields.String()
    chair_note = fields.String()
    justification = fields.String()
    language = fields.String(allow_none=True)
    confidence = fields.Integer(allow_none=True)
    identity_revealed = fields.Boolean()
    handed_over_by = fields.String(
        allow_none=True,
        metadata={
            "description": "Who handed over the sign-in link of the session that saved it. Only in answers to GET."
        },
    )
    stored_digest = fields.String(
        allow_none=True,
        metadata={"description": "SHA-256 of this version as the audit log has it. Only in answers to GET."},
    )


class GivenBackSchema(Schema):
    """The state of an assignment after it was given back or taken back."""

    state = fields.String(metadata={"description": "recused, abstained or active."})
    reason = fields.String()
    text = fields.String()


class AcceptedScoresheetSchema(SavedScoresheetSchema):
    """The version that was stored for a request. An answer without this digest is not the service's."""

    sent_digest = fields.String(metadata={"description": "SHA-256 of the bytes of the request's body, hexadecimal."})


class SheetConflictSchema(ProblemSchema):
    """A save that was refused because something else is stored, or the round is closed."""

    current = fields.Nested(SavedScoresheetSchema, metadata={"description": "What is stored."})


class VersionSchema(Schema):
    """One version of a scoresheet."""

    version = fields.Integer(required=True)
    state = fields.String(required=True, metadata={"description": "draft or submitted."})
    source = fields.String(required=True, metadata={"description": "How it came, for example `form` or `api`."})
    saved_at = fields.AwareDateTime(required=True)
    total = fields.Float(required=True, allow_none=True, metadata={"description": "On 0..100."})
    scores = fields.Dict(keys=fields.String(), values=fields.Float(), required=True)
    comments = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    comment = fields.String(required=True)


class VersionsPageSchema(Schema):
    """A page of the versions of a scoresheet, newest first."""

    entries = fields.List(fields.Nested(VersionSchema), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"description": NEXT})
