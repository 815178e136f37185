"""The API's answers about conflicts of interest of judges, for organisers."""

from marshmallow import Schema, fields


class JudgeConflictAnswerSchema(Schema):
    """A conflict between a judge and a proposal."""

    judge = fields.String(required=True)
    proposal = fields.String(required=True)
    kind = fields.String(required=True)
    origin = fields.String(required=True)
    reason = fields.String(required=True, metadata={"description": "Of a proposed one, what suggests it."})


class JudgeConflictsSchema(Schema):
    """Conflicts in force that organisers entered, and those that the rosters suggest."""

    in_force = fields.List(fields.Nested(JudgeConflictAnswerSchema), required=True)
    proposed = fields.List(fields.Nested(JudgeConflictAnswerSchema), required=True)
