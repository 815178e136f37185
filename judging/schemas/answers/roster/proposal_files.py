"""Decks and videos in the API."""

from marshmallow import Schema, fields

from judging.media.media_limits import KINDS


class StoredFileSchema(Schema):
    """A deck or a video that is in use."""

    kind = fields.String(metadata={"enum": list(KINDS)})
    name = fields.String(metadata={"description": "As it was uploaded; judges do not see it."})
    media_type = fields.String()
    n_bytes = fields.Integer()
    digest = fields.String(metadata={"description": "SHA-256 of the content."})
    uploaded_at = fields.AwareDateTime()
    pages = fields.Integer(metadata={"description": "Of a deck, when its pages can be shown; 0 before."})
    address = fields.String(metadata={"description": "Where the file itself is, for everybody who may read it."})


class EarlierFileSchema(Schema):
    """A deck or a video that was replaced or removed."""

    number = fields.Integer(required=True)
    kind = fields.String(metadata={"enum": list(KINDS)})
    name = fields.String()
    digest = fields.String()
    uploaded_at = fields.AwareDateTime()
    removed_at = fields.AwareDateTime()
    is_kept = fields.Boolean(metadata={"description": "Whether it can be used again: contents are kept for 30 days."})


class FilesOfProposalSchema(Schema):
    """A proposal with its files."""

    proposal = fields.String()
    files = fields.List(fields.Nested(StoredFileSchema))
    earlier = fields.List(fields.Nested(EarlierFileSchema), metadata={"description": "Newest first."})


class RefusedFileSchema(Schema):
    """A file that was not stored, and why."""

    name = fields.String()
    messages = fields.List(fields.String())


class AddedFileSchema(Schema):
    """A file that is stored."""

    name = fields.String()
    proposal = fields.String()
    kind = fields.String(metadata={"enum": list(KINDS)})


class AddedFilesSchema(Schema):
    """What became of the files of one request."""

    stored = fields.List(fields.Nested(AddedFileSchema))
    refused = fields.List(fields.Nested(RefusedFileSchema))


class PutBackFileSchema(AddedFileSchema):
    """An earlier file that is in use again."""

    digest = fields.String()
