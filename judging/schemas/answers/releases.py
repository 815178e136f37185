"""What the API says of a round before its first score, of its rules, and of its releases."""

from marshmallow import Schema, fields


def _said(description: str) -> dict[str, str]:
    return {"description": description}


class LinkSchema(Schema):
    """Readings from one city to another."""

    judge_city = fields.String(required=True)
    proposal_city = fields.String(required=True)
    n_read = fields.Integer(metadata=_said("Proposals read across."))
    n_proposals = fields.Integer(metadata=_said("All proposals of that city."))
    n_readings = fields.Integer()


class LoadSchema(Schema):
    """Scoresheets of one judge."""

    judge = fields.String(required=True)
    n_sheets = fields.Integer(required=True)


class ForecastSchema(Schema):
    """What the readings will be able to tell; points on 0..100."""

    difference_error = fields.Float(metadata=_said("Standard error of a difference between two proposals."))
    known_judges_error = fields.Float(metadata=_said("The same if every judge were known."))
    reliability = fields.Float()
    city_severity_error = fields.Float(allow_none=True)


class VariancesSchema(Schema):
    """Where the forecast's variances come from; without a run they are typical values."""

    competition = fields.String()
    round = fields.String()
    run = fields.Integer(allow_none=True)
    proposal = fields.Float()
    judge = fields.Float()
    residual = fields.Float()


class ReadingSchema(Schema):
    """A further reading, and the error of a difference after it."""

    proposal = fields.String(required=True)
    judge = fields.String(required=True)
    difference_error = fields.Float()


class LimitSchema(Schema):
    """Something that the data will not be able to tell, and what would help; in English."""

    text = fields.String(required=True)
    remedy = fields.String(required=True)


class PreflightSchema(Schema):
    """A round before its first score."""

    n_proposals = fields.Integer(required=True)
    n_judges = fields.Integer(required=True)
    n_readings = fields.Integer(required=True)
    linked_sets = fields.List(fields.List(fields.String()), required=True)
    connectivity = fields.Float()
    judges = fields.List(fields.Nested(LoadSchema))
    links = fields.List(fields.Nested(LinkSchema))
    forecast = fields.Nested(ForecastSchema, allow_none=True, metadata=_said("Null while nothing is assigned."))
    variances = fields.Nested(VariancesSchema)
    helpful_readings = fields.List(fields.Nested(ReadingSchema))
    limits = fields.List(fields.Nested(LimitSchema))


class SignedSchema(Schema):
    """Who agreed, for which city."""

    city = fields.String(required=True)
    name = fields.String(required=True)
    at = fields.AwareDateTime(required=True, format="iso")


class RulesVersionSchema(Schema):
    """One version of a round's rules."""

    number = fields.Integer(required=True)
    state = fields.String(required=True, metadata={"enum": ["proposed", "sealed", "withdrawn"]})
    digest = fields.String(required=True)
    reason = fields.String()
    proposed_at = fields.AwareDateTime(format="iso")
    sealed_at = fields.AwareDateTime(format="iso", allow_none=True)
    consents = fields.List(fields.Nested(SignedSchema))
    waiting_for = fields.List(fields.String(), metadata=_said("Cities still to agree."))


class RulesSchema(Schema):
    """The rules in force and their versions, newest first."""

    digest = fields.String(required=True)
    definition = fields.Dict(required=True)
    versions = fields.List(fields.Nested(RulesVersionSchema), required=True)


class ReleaseSchema(Schema):
    """One release. Proposals with which the reader declared a conflict are left out of its content."""

    number = fields.Integer(required=True)
    state = fields.String(required=True, metadata={"enum": ["in force", "proposed", "stale", "superseded", "lapsed"]})
    digest = fields.String(required=True, metadata=_said("SHA-256 of the content as canonical JSON."))
    reason = fields.String()
    proposed_at = fields.AwareDateTime(format="iso")
    proposed_by = fields.String()
    signatures = fields.List(fields.Nested(SignedSchema), required=True)
    waiting_for = fields.List(fields.String(), metadata=_said("Cities still to sign."))
    changed = fields.List(fields.String(), metadata=_said("What has changed since, in English."))
    content = fields.Dict(required=True)
