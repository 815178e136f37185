"""The API's bodies and answers about the state of a round."""

from marshmallow import Schema, fields


class UnreadySchema(Schema):
    """A point of the checklist with what to do, in the language of the request."""

    text = fields.String(required=True)
    remedy = fields.String(required=True)


class RoundStateSchema(Schema):
    """The state of a round for its organisers."""

    key = fields.String(required=True)
    state = fields.String(required=True, metadata={"enum": ["draft", "open", "closed"]})
    closes_at = fields.AwareDateTime(required=True, allow_none=True, metadata={"description": "It closes by itself."})
    n_submitted = fields.Integer(required=True)
    n_assigned = fields.Integer(required=True)
    unfinished = fields.Dict(
        keys=fields.String(), values=fields.Integer(), metadata={"description": "Judge to missing scoresheets."}
    )
    too_few = fields.Dict(
        keys=fields.String(), values=fields.Integer(), metadata={"description": "Proposal to submitted scoresheets."}
    )
    checklist = fields.List(
        fields.Nested(UnreadySchema),
        required=True,
        metadata={"description": "Of a draft: what is not ready. It is opened with `knowingly` only."},
    )
    notes = fields.List(
        fields.Nested(UnreadySchema),
        required=True,
        metadata={"description": "Of a draft: what is good to know. It stops nobody."},
    )


class JudgeProgressSchema(Schema):
    """The scoresheets of one judge."""

    judge = fields.String(required=True)
    city = fields.String(required=True)
    n_assigned = fields.Integer(required=True)
    n_submitted = fields.Integer(required=True)
    n_started = fields.Integer(required=True)
    last_saved_at = fields.AwareDateTime(required=True, allow_none=True)
    is_late = fields.Boolean(required=True, metadata={"description": "Open scoresheets after the deadline."})
    is_behind = fields.Boolean(required=True, metadata={"description": "Fewer than the time that has gone asks for."})


class ProposalProgressSchema(Schema):
    """The scoresheets of one proposal."""

    proposal = fields.String(required=True)
    n_assigned = fields.Integer(required=True)
    n_submitted = fields.Integer(required=True)


class CityProgressSchema(Schema):
    """The scoresheets of the judges of one city."""

    city = fields.String(required=True)
    n_judges = fields.Integer(required=True)
    n_done = fields.Integer(required=True)
    n_assigned = fields.Integer(required=True)
    n_submitted = fields.Integer(required=True)


class ProgressSchema(Schema):
    """The progress of a round."""

    per_proposal = fields.Integer(required=True, metadata={"description": "Scoresheets a proposal that rules ask for."})
    judges = fields.List(fields.Nested(JudgeProgressSchema), required=True)
    proposals = fields.List(fields.Nested(ProposalProgressSchema), required=True)
    cities = fields.List(fields.Nested(CityProgressSchema), required=True)


class KnowinglySchema(Schema):
    """Whether what is not ready or missing is confirmed."""

    knowingly = fields.Boolean(load_default=False)


class ReopeningSchema(Schema):
    """Why a round is opened again, and until when."""

    reason = fields.String(required=True)
    deadline = fields.String(load_default="", metadata={"description": "Local time of the competition."})


class DeadlineSchema(Schema):
    """Another deadline."""

    deadline = fields.String(
        required=True, metadata={"description": "Local time of the competition, such as 2026-12-14T18:00."}
    )
