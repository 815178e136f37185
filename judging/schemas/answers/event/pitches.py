"""The pitches of a round in the API's answers."""

from marshmallow import Schema, fields


class StagePitchSchema(Schema):
    """One proposal of the running order; ``team`` is null where the rules hide teams."""

    key = fields.String()
    title = fields.String()
    language = fields.String(allow_none=True)
    team = fields.String(allow_none=True)


class PlacedPitchSchema(StagePitchSchema):
    """One proposal with its place in the running order."""

    place = fields.Integer()
    is_left_out = fields.Boolean()
    began_at = fields.AwareDateTime(allow_none=True)


class PitchesSchema(Schema):
    """Where the pitches are."""

    number = fields.Integer(metadata={"description": "Of the newest move; 0 before the first."})
    round_state = fields.String()
    phase = fields.String(metadata={"description": "before, called, pitch, questions, scoring or ended."})
    pitch = fields.Nested(StagePitchSchema, allow_none=True)
    next = fields.Nested(StagePitchSchema, allow_none=True)
    place = fields.Integer(metadata={"description": "Of the current pitch among those that take place; 0 without one."})
    n_pitches = fields.Integer()
    limit = fields.Integer(allow_none=True, metadata={"description": "Seconds of the phase; null without a clock."})
    used_seconds = fields.Float(metadata={"description": "That the clock had used before `running_since`."})
    running_since = fields.AwareDateTime(
        allow_none=True,
        metadata={"description": "Null while the clock stands still. The time of the service is in X-Server-Time."},
    )


class RunningOrderAnswerSchema(Schema):
    """The running order, with the number that a change of it must name."""

    number = fields.Integer()
    order = fields.List(fields.Nested(PlacedPitchSchema))


class JudgeSheetSchema(Schema):
    """The state of one judge's scoresheet."""

    judge = fields.String()
    name = fields.String()
    city = fields.String()
    state = fields.String(metadata={"description": "submitted, reopened, started, not-started, abstained or recused."})


class ScoredPitchSchema(Schema):
    """Who has scored one pitch."""

    key = fields.String()
    n_submitted = fields.Integer()
    n_expected = fields.Integer(metadata={"description": "Judges who have not given the proposal back."})
    sheets = fields.List(fields.Nested(JudgeSheetSchema))


class ScoredPitchesSchema(Schema):
    """Who has scored which pitch; no scores. Proposals with which you declared a conflict of interest are missing."""

    phase = fields.String()
    current = fields.String(allow_none=True)
    pitches = fields.List(fields.Nested(ScoredPitchSchema))
