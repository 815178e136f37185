"""What the API says of competitions, rounds and calibration runs; its OpenAPI document is made from here."""

from marshmallow import Schema, fields, validate


def _said(description: str) -> dict[str, str]:
    return {"description": description}


class PersonSchema(Schema):
    """Who is signed in, and the token that writes must carry."""

    name = fields.String(required=True)
    csrf_token = fields.String(required=True, metadata=_said("Send it as header X-CSRFToken with every POST."))


class RoundSchema(Schema):
    """A round and how far it is."""

    key = fields.String(required=True)
    name = fields.Dict(keys=fields.String(), values=fields.String(), metadata=_said("By language tag."))
    state = fields.String(required=True, metadata={"enum": ["draft", "open", "closed"]})
    rules_digest = fields.String(required=True, metadata=_said("SHA-256 of the round's rules."))
    n_proposals = fields.Integer()
    n_assigned = fields.Integer(metadata=_said("Scoresheets asked for."))
    n_submitted = fields.Integer(metadata=_said("Scoresheets handed in."))
    latest_run = fields.Integer(allow_none=True, metadata=_said("The newest run that follows the rules."))


class CompetitionSchema(Schema):
    """A competition in which the person has a role."""

    key = fields.String(required=True)
    name = fields.Dict(keys=fields.String(), values=fields.String(), metadata=_said("By language tag."))
    is_simulated = fields.Boolean(required=True)
    roles = fields.List(fields.String(), metadata=_said("Of the person who asks."))
    time_zone = fields.String()


class RunSchema(Schema):
    """Where a result comes from: enough to compute it again."""

    number = fields.Integer(required=True, metadata=_said("1, 2, 3 within the round."))
    model = fields.String(required=True)
    is_comparison = fields.Boolean(required=True, metadata=_said("Made with another model than the rules ask for."))
    created_at = fields.AwareDateTime(required=True, format="iso")
    input_digest = fields.String(required=True, metadata=_said("SHA-256 of the scores."))
    rules_digest = fields.String(required=True, metadata=_said("SHA-256 of the round's rules."))
    n_sheets = fields.Integer(required=True)


class WholeRunSchema(RunSchema):
    """A run with its settings and its whole result."""

    result_digest = fields.String(required=True, metadata=_said("SHA-256 of the result without `seconds`."))
    code_version = fields.String(required=True)
    settings = fields.Dict(required=True)
    result = fields.Dict(
        required=True,
        metadata=_said(
            "The stored result with the `version` of its form: pages and workbooks show these numbers. Proposals with "
            "which whoever asks declared a conflict of interest are left out."
        ),
    )


class RankedProposalSchema(Schema):
    """One proposal of a run. Scores stand on 0..100; null is missing, never zero."""

    proposal = fields.String(required=True, metadata=_said("Its key."))
    title = fields.String()
    team = fields.String()
    city = fields.String(metadata=_said("Key of the team's city."))
    category = fields.String(allow_none=True)
    rank = fields.Integer(allow_none=True, metadata=_said("1, 2, 2, 4; null when nobody scored it."))
    rank_low = fields.Integer(allow_none=True)
    rank_high = fields.Integer(allow_none=True)
    calibrated = fields.Float(allow_none=True)
    standard_error = fields.Float(allow_none=True)
    raw = fields.Float(allow_none=True, metadata=_said("Mean total."))
    additive = fields.Float(allow_none=True, metadata=_said("Severity taken out, nothing else."))
    n_judges = fields.Integer()
    p_shortlist = fields.Float(allow_none=True, metadata=_said("Under the round's rule with its quotas."))
    tie_band = fields.Boolean(allow_none=True, metadata=_said("Neither clearly in nor clearly out."))
    calibrated_percent = fields.Float(allow_none=True, metadata=_said("The calibrated score on 0..100."))
    disagreement = fields.Float(allow_none=True, metadata=_said("Standard deviation of its judges' totals."))
    measure = fields.Float(allow_none=True, metadata=_said("In the model's own unit, where it has one."))
    measure_error = fields.Float(allow_none=True, metadata=_said("Its standard error, halo counted."))
    explanation = fields.Dict(
        allow_none=True, metadata=_said("Named terms that sum to calibrated - raw; null in rounds with very many.")
    )
    tie_break = fields.String(
        allow_none=True, metadata=_said("What ordered it among equal scores: a key of the chain, or `people`.")
    )
    hidden = fields.Boolean(metadata=_said("Whoever asks declared a conflict of interest: nothing is told."))
    carried = fields.Float(allow_none=True, metadata=_said("Calibrated score of the earlier round that counts."))
    carried_standard_error = fields.Float(allow_none=True)
    combined = fields.Float(allow_none=True, metadata=_said("Both rounds by their weights: what is ranked by."))
    combined_standard_error = fields.Float(allow_none=True)


class RankingSchema(Schema):
    """The ranking of a run."""

    run = fields.Nested(RunSchema, required=True)
    is_stale = fields.Boolean(required=True, metadata=_said("Scores or rules have changed since."))
    shortlist = fields.Dict(allow_none=True, metadata=_said("What the round's rule says; null without a rule."))
    carried = fields.Dict(allow_none=True, metadata=_said("The earlier round whose scores count, and for how much."))
    notes = fields.List(fields.String(), metadata=_said("What a reader of the ranking must know."))
    proposals = fields.List(fields.Nested(RankedProposalSchema), required=True)


class JudgeEffectSchema(Schema):
    """One judge in a run."""

    judge = fields.String(required=True, metadata=_said("Key on the roster."))
    name = fields.String()
    city = fields.String(allow_none=True)
    n_sheets = fields.Integer()
    severity = fields.Float(allow_none=True, metadata=_said("Points on 0..100; + is harsher."))
    standard_error = fields.Float(allow_none=True)
    low = fields.Float(allow_none=True)
    high = fields.Float(allow_none=True)
    scale_use = fields.Float(
        allow_none=True,
        metadata=_said("How far the judge spreads proposals, 1 like the panel; null where the model has none."),
    )
    scale_use_error = fields.Float(allow_none=True)
    scale_use_low = fields.Float(allow_none=True)
    scale_use_high = fields.Float(allow_none=True)
    consistency = fields.Float(
        allow_none=True, metadata=_said("What is left over, 1 like the panel; above 1 the judge counts less.")
    )
    consistency_error = fields.Float(allow_none=True)
    consistency_low = fields.Float(allow_none=True)
    consistency_high = fields.Float(allow_none=True)
    home = fields.Float(allow_none=True, metadata=_said("Points more for the own city."))
    home_error = fields.Float(allow_none=True)
    home_low = fields.Float(allow_none=True)
    home_high = fields.Float(allow_none=True)
    infit = fields.Float(
        allow_none=True, metadata=_said("Mean square, 1 as expected; its standard error and normal deviate.")
    )
    infit_error = fields.Float(allow_none=True)
    infit_z = fields.Float(allow_none=True)
    outfit = fields.Float(allow_none=True)
    outfit_error = fields.Float(allow_none=True)
    outfit_z = fields.Float(allow_none=True)
    drift = fields.Float(
        allow_none=True, metadata=_said("Change of severity from the first sheet to the last; + is growing harsher.")
    )
    drift_error = fields.Float(allow_none=True)
    drift_low = fields.Float(allow_none=True)
    drift_high = fields.Float(allow_none=True)
    extreme_share = fields.Float(allow_none=True, metadata=_said("Share of sheets wholly at one end of the scale."))
    readings = fields.List(fields.Dict(), metadata=_said("The same in words: subject, text, template, values."))


class JudgesSchema(Schema):
    """The judges of a run, and what their scores vary by."""

    run = fields.Nested(RunSchema, required=True)
    judges = fields.List(fields.Nested(JudgeEffectSchema), required=True)
    variances = fields.Dict(required=True)
    fixed = fields.Dict(required=True)
    cities = fields.Dict(required=True)
    linked_sets = fields.Raw(required=True)


class OutcomeSchema(Schema):
    """Who is on the shortlist under other circumstances than the run's; null lists where there is no rule."""

    refusal = fields.Dict(allow_none=True, metadata=_said("Why there is no outcome: template and values."))
    selected = fields.List(fields.String(), allow_none=True)
    enters = fields.List(fields.String(), metadata=_said("On the shortlist here, not in the run."))
    leaves = fields.List(fields.String(), metadata=_said("On the shortlist in the run, not here."))
    tau = fields.Float(allow_none=True, metadata=_said("Kendall's tau-b of the scores with those of the run."))


class ModelOutcomeSchema(OutcomeSchema):
    """The outcome of one model."""

    model = fields.String(required=True)


class JudgeOutcomeSchema(OutcomeSchema):
    """The outcome without one judge's scoresheets."""

    judge = fields.String(required=True)
    moved = fields.String(allow_none=True, metadata=_said("The proposal whose score differs most."))
    move = fields.Float(allow_none=True, metadata=_said("By how much."))


class ComparedProposalSchema(Schema):
    """One proposal under every model that did not refuse, by the model's name."""

    proposal = fields.String(required=True)
    rank = fields.Dict(keys=fields.String(), values=fields.Integer(allow_none=True))
    score = fields.Dict(keys=fields.String(), values=fields.Float(allow_none=True))
    selected = fields.Dict(keys=fields.String(), values=fields.Boolean())


class SensitivitySchema(Schema):
    """Whether it matters which model is chosen and who judged."""

    run = fields.Nested(RunSchema, required=True)
    sealed_model = fields.String(required=True, metadata=_said("What the others are held against."))
    models = fields.List(fields.Nested(ModelOutcomeSchema), required=True)
    judges = fields.List(fields.Nested(JudgeOutcomeSchema), required=True)
    proposals = fields.List(fields.Nested(ComparedProposalSchema), required=True)
    prediction = fields.Dict(allow_none=True, metadata=_said("How well each model predicts scoresheets held out."))


class RunQuerySchema(Schema):
    """Which run to show."""

    run = fields.Integer(
        validate=validate.Range(min=1, max=2**31 - 1),
        metadata=_said("Number of a run; the newest that follows the rules when left out."),
    )


class CalibrateSchema(Schema):
    """How to calibrate."""

    model = fields.String(metadata=_said("Another model than the rules', for comparison; the rules' when left out."))
