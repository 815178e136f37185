"""The API's responses about jobs."""

from marshmallow import Schema, fields


class JobSchema(Schema):
    """A job: long work that a worker does."""

    number = fields.Integer(required=True)
    kind = fields.String(required=True)
    state = fields.String(required=True, metadata={"enum": ["waiting", "running", "done", "failed", "cancelled"]})
    progress = fields.Float(required=True, metadata={"description": "The share that is done, 0..1."})
    step = fields.String(allow_none=True, metadata={"description": "What it does now."})
    problem = fields.String(allow_none=True, metadata={"description": "Why it failed."})
    result = fields.Dict(allow_none=True, metadata={"description": "What came of it, for example the number of a run."})
    created_at = fields.AwareDateTime(required=True)
    started_at = fields.AwareDateTime(allow_none=True)
    ended_at = fields.AwareDateTime(allow_none=True)
