"""A judge's own mirror in the API."""

from marshmallow import Schema, fields


class MirrorSchema(Schema):
    """Numbers of one judge; null when there is an obstacle or the model has no such number."""

    obstacle = fields.String(
        allow_none=True,
        metadata={"description": "policy, open, no-run, model or few: why there is nothing to show; null otherwise."},
    )
    level = fields.Float(metadata={"description": "Coverage probability of the intervals."})
    computed_at = fields.AwareDateTime(allow_none=True)
    n_sheets = fields.Integer(allow_none=True)
    severity = fields.Float(allow_none=True, metadata={"description": "Points on 0..100; + is stricter."})
    low = fields.Float(allow_none=True)
    high = fields.Float(allow_none=True)
    scale_use = fields.Float(allow_none=True, metadata={"description": "How far scores are spread; 1 is the panel."})
    scale_use_low = fields.Float(allow_none=True)
    scale_use_high = fields.Float(allow_none=True)
    drift = fields.Float(allow_none=True, metadata={"description": "Points from the first sheet to the last."})
    drift_low = fields.Float(allow_none=True)
    drift_high = fields.Float(allow_none=True)
