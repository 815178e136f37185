"""The API's responses about jobs."""

from marshmallow import Schema, fields, validate

from judging.rubric import LANGUAGES
from judging.schemas.pages import NEXT
from judging.schemas.whole_numbers import WholeNumber


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


class JobsPageSchema(Schema):
    """A page of jobs, newest first."""

    entries = fields.List(fields.Nested(JobSchema), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"description": NEXT})


class BundleSchema(Schema):
    """What a results bundle is to hold."""

    run = WholeNumber(
        load_default=None,
        allow_none=True,
        validate=validate.Range(min=1, max=2**31 - 1),
        metadata={"description": "A calibration run; default: that of the release in force, or the newest."},
    )
    language = fields.String(
        load_default="en",
        validate=validate.OneOf(LANGUAGES),
        metadata={"description": "Language of the names of the competition."},
    )


class MethodReportSchema(BundleSchema):
    """What a method report is to be."""

    language = fields.String(
        load_default="en", validate=validate.OneOf(LANGUAGES), metadata={"description": "Language of the report."}
    )
    format = fields.String(load_default="pdf", validate=validate.OneOf(("pdf", "html")))


class MinutesFileSchema(Schema):
    """What the file of a meeting's minutes is to be."""

    language = fields.String(
        load_default="en", validate=validate.OneOf(LANGUAGES), metadata={"description": "Language of the minutes."}
    )
    format = fields.String(load_default="pdf", validate=validate.OneOf(("pdf", "docx", "html")))


class ExportSchema(BundleSchema):
    """What a results file is to hold."""

    languages = fields.List(
        fields.String(validate=validate.OneOf(LANGUAGES)),
        load_default=list(LANGUAGES),
        validate=validate.Length(min=1, max=len(LANGUAGES)),
        metadata={"description": "Languages of headings and sentences of the workbook."},
    )
    format = fields.String(load_default="xlsx", validate=validate.OneOf(("xlsx", "csv")))
