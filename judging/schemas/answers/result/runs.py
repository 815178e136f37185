"""The API's responses about competitions, rounds and calibration runs."""

from marshmallow import Schema, fields, validate

from judging.schemas.whole_numbers import WholeNumberInText


def _description(description: str) -> dict[str, str]:
    return {"description": description}


class PersonSchema(Schema):
    """The signed-in person, and the token that write requests must contain."""

    name = fields.String(required=True)
    person = fields.Integer(metadata={"description": "Number of the account."})
    csrf_token = fields.String(
        required=True, metadata=_description("Send it in the header X-CSRFToken with every POST.")
    )


class RoundSchema(Schema):
    """A round and its progress."""

    key = fields.String(required=True)
    name = fields.Dict(keys=fields.String(), values=fields.String(), metadata=_description("By language tag."))
    state = fields.String(required=True, metadata={"enum": ["draft", "open", "closed"]})
    rules_digest = fields.String(required=True, metadata=_description("SHA-256 of the round's rules."))
    n_proposals = fields.Integer()
    n_assigned = fields.Integer(metadata=_description("Number of active assignments."))
    n_submitted = fields.Integer(metadata=_description("Number of submitted scoresheets."))
    latest_run = fields.Integer(allow_none=True, metadata=_description("The newest run that follows the rules."))


class CompetitionSchema(Schema):
    """A competition in which the person has a role."""

    key = fields.String(required=True)
    name = fields.Dict(keys=fields.String(), values=fields.String(), metadata=_description("By language tag."))
    is_simulated = fields.Boolean(required=True)
    roles = fields.List(fields.String(), metadata=_description("Roles of the signed-in person."))
    time_zone = fields.String()


class RunSchema(Schema):
    """The source of a result: enough to compute it again."""

    number = fields.Integer(required=True, metadata=_description("1, 2, 3 within the round."))
    model = fields.String(required=True)
    is_comparison = fields.Boolean(
        required=True, metadata=_description("Made with a model other than that of the rules.")
    )
    created_at = fields.AwareDateTime(required=True, format="iso")
    input_digest = fields.String(
        required=True,
        metadata=_description("SHA-256 of all that was calibrated: scores, proposals, judges, weights and scales."),
    )
    rules_digest = fields.String(required=True, metadata=_description("SHA-256 of the round's rules."))
    n_sheets = fields.Integer(required=True)


class WholeRunSchema(RunSchema):
    """A run with its settings and its complete result."""

    result_digest = fields.String(required=True, metadata=_description("SHA-256 of the result without `seconds`."))
    code_version = fields.String(required=True)
    settings = fields.Dict(
        required=True,
        metadata=_description(
            "With `digests`: of the scores as given, and of the proposals and judges that take part."
        ),
    )
    result = fields.Dict(
        required=True,
        metadata=_description(
            "The stored result with the `version` of its form: pages and workbooks show these numbers. Proposals with "
            "a conflict of interest of the reader are left out."
        ),
    )


class RankedProposalSchema(Schema):
    """One proposal of a run. Scores are on 0..100; null means missing, never zero."""

    proposal = fields.String(required=True, metadata=_description("Its key."))
    title = fields.String()
    team = fields.String()
    city = fields.String(metadata=_description("Key of the team's city."))
    category = fields.String(allow_none=True)
    rank = fields.Integer(allow_none=True, metadata=_description("1, 2, 2, 4; null when nobody scored it."))
    rank_low = fields.Integer(allow_none=True)
    rank_high = fields.Integer(allow_none=True)
    calibrated = fields.Float(
        allow_none=True,
        metadata=_description(
            "Exact, as are all numbers here: pages and workbook show one decimal, and as move the difference of the "
            "two scores that they show."
        ),
    )
    standard_error = fields.Float(allow_none=True)
    raw = fields.Float(allow_none=True, metadata=_description("Mean total."))
    additive = fields.Float(allow_none=True, metadata=_description("Adjusted for severity only."))
    n_judges = fields.Integer(allow_none=True)
    p_shortlist = fields.Float(allow_none=True, metadata=_description("Under the round's rule with its quotas."))
    tie_band = fields.Boolean(
        allow_none=True, metadata=_description("The data cannot place it on one side of the cut-off.")
    )
    calibrated_percent = fields.Float(allow_none=True, metadata=_description("The calibrated score on 0..100."))
    disagreement = fields.Float(allow_none=True, metadata=_description("Standard deviation of its judges' totals."))
    measure = fields.Float(
        allow_none=True, metadata=_description("The estimate in the model's own unit, if it has one.")
    )
    measure_error = fields.Float(
        allow_none=True, metadata=_description("Its standard error, including the halo effect.")
    )
    explanation = fields.Dict(
        allow_none=True,
        metadata=_description(
            "Named terms that sum to calibrated - raw, exact; null in rounds with very many proposals."
        ),
    )
    tie_break = fields.String(
        allow_none=True,
        metadata=_description("The tie-break that ordered it among equal scores: a key of the chain, or `people`."),
    )
    hidden = fields.Boolean(
        metadata=_description("The reader declared a conflict of interest: all other values are omitted.")
    )
    carried = fields.Float(allow_none=True, metadata=_description("Calibrated score of the earlier round that counts."))
    carried_standard_error = fields.Float(allow_none=True)
    combined = fields.Float(
        allow_none=True, metadata=_description("Weighted mean of both rounds; the ranking uses it.")
    )
    combined_standard_error = fields.Float(allow_none=True)


class RankingSchema(Schema):
    """The ranking of a run."""

    run = fields.Nested(RunSchema, required=True)
    is_stale = fields.Boolean(required=True, metadata=_description("Scores or rules have changed since the run."))
    shortlist = fields.Dict(allow_none=True, metadata=_description("The round's rule; null without a rule."))
    carried = fields.Dict(
        allow_none=True, metadata=_description("The earlier round whose scores count, and its weight.")
    )
    earlier = fields.List(
        fields.Dict(),
        metadata=_description("Earlier scoresheets that count for what they say about the judges: kind, name, link."),
    )
    notes = fields.List(fields.String(), metadata=_description("Notes that a reader of the ranking must know."))
    proposals = fields.List(fields.Nested(RankedProposalSchema), required=True)


class JudgeEffectSchema(Schema):
    """One judge in a run."""

    judge = fields.String(required=True, metadata=_description("Key on the roster."))
    name = fields.String()
    city = fields.String(allow_none=True)
    n_sheets = fields.Integer()
    severity = fields.Float(allow_none=True, metadata=_description("Points on 0..100; + is harsher."))
    standard_error = fields.Float(allow_none=True)
    low = fields.Float(allow_none=True)
    high = fields.Float(allow_none=True)
    scale_use = fields.Float(
        allow_none=True,
        metadata=_description(
            "How far the judge spreads the scores, 1 like the panel; null if the model does not estimate it."
        ),
    )
    scale_use_error = fields.Float(allow_none=True)
    scale_use_low = fields.Float(allow_none=True)
    scale_use_high = fields.Float(allow_none=True)
    consistency = fields.Float(
        allow_none=True,
        metadata=_description("Residual standard deviation, 1 like the panel; above 1 the judge has less weight."),
    )
    consistency_error = fields.Float(allow_none=True)
    consistency_low = fields.Float(allow_none=True)
    consistency_high = fields.Float(allow_none=True)
    home = fields.Float(allow_none=True, metadata=_description("Additional points for the judge's own city."))
    home_error = fields.Float(allow_none=True)
    home_low = fields.Float(allow_none=True)
    home_high = fields.Float(allow_none=True)
    infit = fields.Float(
        allow_none=True, metadata=_description("Mean square, expected value 1; its standard error and z value.")
    )
    infit_error = fields.Float(allow_none=True)
    infit_z = fields.Float(allow_none=True)
    outfit = fields.Float(allow_none=True)
    outfit_error = fields.Float(allow_none=True)
    outfit_z = fields.Float(allow_none=True)
    drift = fields.Float(
        allow_none=True,
        metadata=_description("Change of severity from the first scoresheet to the last; + is harsher at the end."),
    )
    drift_error = fields.Float(allow_none=True)
    drift_low = fields.Float(allow_none=True)
    drift_high = fields.Float(allow_none=True)
    extreme_share = fields.Float(
        allow_none=True, metadata=_description("Share of scoresheets with all scores at one end of the scale.")
    )
    readings = fields.List(
        fields.Dict(), metadata=_description("The diagnostics in words: subject, text, template, values.")
    )


class JudgesSchema(Schema):
    """The judges of a run, and the variances of their scores."""

    run = fields.Nested(RunSchema, required=True)
    judges = fields.List(fields.Nested(JudgeEffectSchema), required=True)
    variances = fields.Dict(required=True)
    fixed = fields.Dict(required=True)
    cities = fields.Dict(required=True)
    linked_sets = fields.Raw(required=True)


class OutcomeSchema(Schema):
    """The shortlist under other circumstances than those of the run; null lists without a rule."""

    refusal = fields.Dict(allow_none=True, metadata=_description("Why there is no outcome: template and values."))
    selected = fields.List(fields.String(), allow_none=True)
    enters = fields.List(fields.String(), metadata=_description("On the shortlist here, not in the run."))
    leaves = fields.List(fields.String(), metadata=_description("On the shortlist in the run, not here."))
    tau = fields.Float(allow_none=True, metadata=_description("Kendall's tau-b of the scores with those of the run."))


class ModelOutcomeSchema(OutcomeSchema):
    """The outcome of one model."""

    model = fields.String(required=True)


class JudgeOutcomeSchema(OutcomeSchema):
    """The outcome without one judge's scoresheets."""

    judge = fields.String(required=True)
    moved = fields.String(allow_none=True, metadata=_description("The proposal whose score differs most."))
    move = fields.Float(allow_none=True, metadata=_description("By how much."))


class ComparedProposalSchema(Schema):
    """One proposal under every model that gave a result, by the model's name."""

    proposal = fields.String(required=True)
    rank = fields.Dict(keys=fields.String(), values=fields.Integer(allow_none=True))
    score = fields.Dict(keys=fields.String(), values=fields.Float(allow_none=True))
    selected = fields.Dict(keys=fields.String(), values=fields.Boolean())


class SensitivitySchema(Schema):
    """How much the result depends on the model and on the judges."""

    run = fields.Nested(RunSchema, required=True)
    sealed_model = fields.String(required=True, metadata=_description("The model with which the others are compared."))
    models = fields.List(fields.Nested(ModelOutcomeSchema), required=True)
    judges = fields.List(fields.Nested(JudgeOutcomeSchema), required=True)
    proposals = fields.List(fields.Nested(ComparedProposalSchema), required=True)
    prediction = fields.Dict(
        allow_none=True, metadata=_description("How well each model predicts held-out scoresheets.")
    )


class RunQuerySchema(Schema):
    """The query that selects a run."""

    run = WholeNumberInText(
        validate=validate.Range(min=1, max=2**31 - 1),
        metadata=_description("Number of a run; default: the newest run that follows the rules."),
    )


class CalibrateSchema(Schema):
    """The settings of a calibration."""

    model = fields.String(metadata=_description("A model for comparison; default: the model of the rules."))
