"""The API's responses about a round before its first score, and its releases."""

from marshmallow import Schema, fields


def _description(description: str) -> dict[str, str]:
    return {"description": description}


class LinkSchema(Schema):
    """Scoresheets by judges of one city for proposals of another city."""

    judge_city = fields.String(required=True)
    proposal_city = fields.String(required=True)
    n_read = fields.Integer(metadata=_description("Proposals of the other city that are assigned."))
    n_proposals = fields.Integer(metadata=_description("All proposals of that city."))
    n_readings = fields.Integer()


class LoadSchema(Schema):
    """The number of scoresheets of one judge."""

    judge = fields.String(required=True)
    n_sheets = fields.Integer(required=True)


class ForecastSchema(Schema):
    """The expected precision of the results; points on 0..100."""

    difference_error = fields.Float(metadata=_description("Standard error of a difference between two proposals."))
    known_judges_error = fields.Float(
        metadata=_description("The same if the severity of every judge were known exactly.")
    )
    reliability = fields.Float(
        metadata=_description("0..1; that of the round's newest run, where there is one that has it.")
    )
    city_severity_error = fields.Float(allow_none=True)


class VariancesSchema(Schema):
    """The source of the forecast's variances; without a run they are typical values."""

    competition = fields.String()
    round = fields.String()
    run = fields.Integer(allow_none=True)
    proposal = fields.Float()
    judge = fields.Float()
    residual = fields.Float()


class ReadingSchema(Schema):
    """A further assignment, and the standard error of a difference with it."""

    proposal = fields.String(required=True)
    judge = fields.String(required=True)
    difference_error = fields.Float()


class LimitSchema(Schema):
    """A quantity that the data will not identify well, and a remedy; in English."""

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
    forecast = fields.Nested(ForecastSchema, allow_none=True, metadata=_description("Null while nothing is assigned."))
    variances = fields.Nested(VariancesSchema)
    helpful_readings = fields.List(fields.Nested(ReadingSchema))
    limits = fields.List(fields.Nested(LimitSchema))


class SignedSchema(Schema):
    """Who agreed, for which city, and from where."""

    city = fields.String(required=True)
    name = fields.String(required=True)
    at = fields.AwareDateTime(required=True, format="iso")
    session_began_by = fields.String(
        attribute="origin.how",
        allow_none=True,
        metadata={"enum": ["link", "password", "passkey", "single_sign_on", None]},
    )
    address = fields.String(attribute="origin.address")
    link_issuer = fields.String(
        attribute="origin.link_issuer",
        allow_none=True,
        metadata={"description": "Who asked for the link that began the session; null when nobody else did."},
    )
    confirmed_by = fields.String(
        attribute="origin.confirmed_by",
        allow_none=True,
        metadata={
            "enum": ["passkey", "code", "recovery_code", None],
            "description": "Second factor; null when none was asked for.",
        },
    )


class ReleaseSchema(Schema):
    """One release. Proposals with a conflict of interest of the reader are left out of its content."""

    number = fields.Integer(required=True)
    state = fields.String(required=True, metadata={"enum": ["in force", "proposed", "stale", "superseded", "lapsed"]})
    digest = fields.String(required=True, metadata=_description("SHA-256 of the content as canonical JSON."))
    reason = fields.String()
    proposed_at = fields.AwareDateTime(format="iso")
    proposed_by = fields.String()
    signatures = fields.List(fields.Nested(SignedSchema), required=True)
    waiting_for = fields.List(fields.String(), metadata=_description("Cities whose signature is missing."))
    changed = fields.List(fields.String(), metadata=_description("What has changed since the release, in English."))
    content = fields.Dict(required=True)
