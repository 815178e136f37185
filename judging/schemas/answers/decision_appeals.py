"""The API's answers about appeals."""

from marshmallow import Schema, fields


class AppealEffectSchema(Schema):
    """Whether a further scoresheet of a judge could change the decision."""

    judge = fields.String(required=True)
    computed_at = fields.AwareDateTime(required=True)
    is_listed = fields.Boolean(required=True, attribute="content.is_listed")
    threshold = fields.Float(
        required=True,
        allow_none=True,
        attribute="content.threshold",
        metadata={"description": "The smallest total on 0..100 with which it is on the list; null when none is."},
    )
    lowest = fields.Float(required=True, attribute="content.lowest")
    highest = fields.Float(required=True, attribute="content.highest")
    rank = fields.Integer(required=True, allow_none=True, attribute="content.rank")
    rank_at_lowest = fields.Integer(required=True, allow_none=True, attribute="content.rank_at_lowest")
    rank_at_highest = fields.Integer(required=True, allow_none=True, attribute="content.rank_at_highest")


class AppealedJudgeSchema(Schema):
    """A judge who was asked to score because of an appeal."""

    judge = fields.String(required=True)
    asked_at = fields.AwareDateTime(required=True)
    is_submitted = fields.Boolean(required=True)


class ListedAppealSchema(Schema):
    """An appeal with all that was done about it."""

    number = fields.Integer(required=True, attribute="row.number")
    proposal = fields.String(required=True)
    asked_by = fields.String(required=True, attribute="row.asked_by")
    reason = fields.String(required=True, attribute="row.reason")
    entered_at = fields.AwareDateTime(required=True, attribute="row.entered_at")
    entered_by = fields.String(required=True)
    release = fields.Integer(required=True, metadata={"description": "In force when it was entered."})
    state = fields.String(required=True, metadata={"enum": ["open", "stands", "changed"]})
    effects = fields.List(fields.Nested(AppealEffectSchema), required=True)
    judges = fields.List(fields.Nested(AppealedJudgeSchema), required=True)
    settled_by = fields.String(required=True, metadata={"description": "Name; empty while it is open."})
    changed_by = fields.Integer(required=True, allow_none=True, metadata={"description": "Number of the release."})
