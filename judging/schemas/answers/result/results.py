"""The API's responses about released results."""

from marshmallow import Schema, fields, validate

from judging.competition import AWARD_KINDS, RESULTS_ORDER
from judging.rubric import LANGUAGES


class FeedQuerySchema(Schema):
    """The language of a feed."""

    language = fields.String(load_default="en", validate=validate.OneOf(LANGUAGES))


class PublishedProposalSchema(Schema):
    """One proposal of the list."""

    proposal = fields.String(required=True, metadata={"description": "Its key."})
    title = fields.String(required=True)
    team = fields.String(required=True)
    city = fields.String(required=True, metadata={"description": "A key of `cities`."})
    category = fields.String(required=True, allow_none=True, metadata={"description": "A key of `categories`."})
    status = fields.String(
        required=True,
        metadata={"enum": ["seat", "reserve", "award"], "description": "award: neither seat nor reserve."},
    )
    rank = fields.Integer(required=True, allow_none=True, metadata={"description": "null in an alphabetical list."})
    awards = fields.List(fields.String(), required=True, metadata={"description": "Keys of `awards`."})


class PublishedAwardSchema(Schema):
    """One award with its winners."""

    award = fields.String(required=True)
    name = fields.Dict(required=True, metadata={"description": "By language."})
    kind = fields.String(required=True, metadata={"enum": list(AWARD_KINDS)})
    category = fields.String(required=True, allow_none=True)
    winners = fields.List(fields.String(), required=True, metadata={"description": "Keys of proposals."})


class PublishedReleaseSchema(Schema):
    """The release that the list is made of."""

    number = fields.Integer(required=True)
    released_at = fields.AwareDateTime(required=True)
    signed_by = fields.List(fields.String(), required=True, metadata={"description": "Keys of `cities`."})
    digest = fields.String(required=True, metadata={"description": "SHA-256 of the content that the chairs signed."})
    run = fields.Integer(required=True)
    input_digest = fields.String(required=True)
    rules_digest = fields.String(required=True)
    result_digest = fields.String(required=True)
    code_version = fields.String(required=True)


class PublishedResultsSchema(Schema):
    """Released results: seats, reserves and awards. It has no scores."""

    competition = fields.String(required=True)
    competition_name = fields.Dict(required=True, metadata={"description": "By language."})
    round = fields.String(required=True)
    round_name = fields.Dict(required=True)
    cities = fields.Dict(required=True, metadata={"description": "Key -> name by language."})
    categories = fields.Dict(required=True, metadata={"description": "Key -> name by language."})
    order = fields.String(required=True, metadata={"enum": list(RESULTS_ORDER)})
    release = fields.Nested(PublishedReleaseSchema, required=True)
    proposals = fields.List(fields.Nested(PublishedProposalSchema), required=True)
    awards = fields.List(fields.Nested(PublishedAwardSchema), required=True)
    verify = fields.String(required=True, metadata={"description": "How to verify it."})
