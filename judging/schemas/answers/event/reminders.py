"""The API's bodies and answers about reminders."""

from marshmallow import Schema, fields, validate

from judging.schemas.reminder_hours import MOST_HOURS, MOST_REMINDERS
from judging.schemas.whole_numbers import WholeNumber


class RemindedJudgeSchema(Schema):
    """A judge who has not finished."""

    judge = fields.String(required=True)
    n_open = fields.Integer(required=True)
    reminded_at = fields.AwareDateTime(required=True, allow_none=True)
    obstacle = fields.String(
        required=True, allow_none=True, metadata={"description": "Why no reminder is sent now, in words."}
    )


class RemindersSchema(Schema):
    """The reminders of a round."""

    hours = fields.List(
        fields.Integer(), required=True, metadata={"description": "Hours before the deadline, the earliest first."}
    )
    judges = fields.List(fields.Nested(RemindedJudgeSchema), required=True)


class ReminderHoursSchema(Schema):
    """When judges are reminded by themselves."""

    hours = fields.List(
        WholeNumber(validate=validate.Range(min=1, max=MOST_HOURS)),
        required=True,
        validate=validate.Length(max=MOST_REMINDERS),
    )


class WrittenReminderSchema(Schema):
    """The reminder of one judge, as a row for mail merge."""

    name = fields.String(required=True)
    email = fields.String(required=True, metadata={"description": "Empty for a judge without an account."})
    language = fields.String(required=True)
    subject = fields.String(required=True)
    text = fields.String(required=True)
    link = fields.String(
        required=True,
        metadata={"description": "A sign-in link, for who cannot sign in without one; never for an access token."},
    )
    valid_until = fields.String(required=True)
    n_open = fields.Integer(required=True, metadata={"description": "How many scoresheets are open."})
