"""The API's responses about webhooks."""

from marshmallow import Schema, fields, validate

from judging.schemas.webhooks import EVENTS, TEST
from judging.schemas.whole_numbers import WholeNumberInText


class WebhookSchema(Schema):
    """An address of another program that is told about events; its secret is shown once, when it is added."""

    number = fields.Integer(required=True)
    address = fields.String(required=True)
    events = fields.List(fields.String(metadata={"enum": list(EVENTS)}), required=True)
    is_paused = fields.Boolean(required=True)
    created_at = fields.AwareDateTime(required=True)


class AddedWebhookSchema(WebhookSchema):
    """A webhook that was added just now."""

    secret = fields.String(
        required=True,
        metadata={"description": "Messages are signed with it. Keep it now: it is shown nowhere again."},
    )


class DeliverySchema(Schema):
    """An event for one webhook."""

    number = fields.Integer(required=True)
    webhook = fields.Integer(required=True, metadata={"description": "Its number."})
    address = fields.String(required=True)
    message_id = fields.String(required=True, metadata={"description": "The header `webhook-id`, in every try."})
    event = fields.String(required=True, metadata={"enum": [*EVENTS, TEST]})
    state = fields.String(required=True, metadata={"enum": ["queued", "delivered", "failed"]})
    tries = fields.Integer(required=True)
    answer = fields.Integer(required=True, allow_none=True, metadata={"description": "HTTP status of the last try."})
    problem = fields.String(required=True, allow_none=True, metadata={"description": "Why the last try failed."})
    created_at = fields.AwareDateTime(required=True)
    last_try_at = fields.AwareDateTime(required=True, allow_none=True)
    next_try_at = fields.AwareDateTime(required=True, allow_none=True)
    ended_at = fields.AwareDateTime(required=True, allow_none=True)


class DeliveryQuerySchema(Schema):
    """Which deliveries."""

    webhook = WholeNumberInText(
        validate=validate.Range(1, 2**31 - 1), metadata={"description": "Only those of the webhook with this number."}
    )
