"""The API's responses about shortlists, decisions, awards, meetings and the next round."""

from marshmallow import Schema, fields

from judging.schemas.typed_decisions import ConflictSchema


def _description(description: str) -> dict[str, str]:
    return {"description": description}


class VerdictSchema(Schema):
    """A verdict of the chairs on a proposal."""

    proposal = fields.String(required=True)
    verdict = fields.String(required=True, metadata={"enum": ["in", "out", "rule"]})
    reason = fields.String(required=True)
    decided_at = fields.AwareDateTime(format="iso")
    decided_by = fields.String()
    replaces = fields.String(
        allow_none=True, metadata=_description("The proposal that left, and in whose place this one moved up.")
    )


class MovedSchema(Schema):
    """A proposal that the rule selects or excludes for a reason other than its rank."""

    proposal = fields.String(required=True)
    selected = fields.Boolean(required=True)
    clause = fields.String(required=True)
    group = fields.String(metadata=_description("Criterion, city or category."))


class FinalShortlistSchema(Schema):
    """The shortlist after rule and verdicts. Proposals with a conflict of interest of the reader are left out."""

    run = fields.Integer(allow_none=True)
    size = fields.Integer(allow_none=True, metadata=_description("Seats; null without a rule."))
    by_rule = fields.List(fields.String(), metadata=_description("The proposals that the rule selects."))
    selected = fields.List(
        fields.String(), metadata=_description("The proposals that rule and verdicts select, by rank.")
    )
    reserves = fields.List(fields.String(), metadata=_description("In order."))
    tied = fields.List(
        fields.String(), metadata=_description("Tied proposals between which the chairs still have to choose.")
    )
    moved = fields.List(fields.Nested(MovedSchema))
    unmet = fields.List(fields.String(), metadata=_description("Cities and categories below their minimum."))
    over_cap = fields.List(fields.String())
    cut_off = fields.Float(allow_none=True)
    decisions = fields.List(fields.Nested(VerdictSchema), metadata=_description("Every verdict, oldest first."))
    newest_decision = fields.Integer(metadata=_description("To send with the next verdict, as `seen`."))


class SuggestionSchema(Schema):
    """A further assignment that would reduce the uncertainty."""

    proposal = fields.String(required=True)
    judge = fields.String(required=True)
    gain = fields.Float(metadata=_description("Expected reduction of the number of wrong places on the shortlist."))
    change = fields.Float(metadata=_description("Probability that the scoresheet would change the shortlist."))


class FurtherReadingsSchema(Schema):
    """The further assignments that the sealed rules permit."""

    extra = fields.Integer(metadata=_description("Number of further scoresheets that the rules allow."))
    used = fields.Integer()
    maximum = fields.Integer(metadata=_description("Maximum number of scoresheets for a proposal."))
    stop_below = fields.Float(
        allow_none=True,
        metadata=_description("Percent: scoresheets that change the shortlist less probably are not asked for."),
    )
    obstacle = fields.String(allow_none=True, metadata=_description("Why no further scoresheet can be assigned."))
    suggestions = fields.List(fields.Nested(SuggestionSchema))


class WinnerSchema(Schema):
    """An award given to a proposal."""

    proposal = fields.String(required=True)
    reason = fields.String()
    granted_at = fields.AwareDateTime(format="iso")
    granted_by = fields.String()
    withdrawn_at = fields.AwareDateTime(format="iso", allow_none=True)


class GivenAwardSchema(Schema):
    """An award and its winners."""

    key = fields.String(required=True)
    name = fields.Dict(keys=fields.String(), values=fields.String())
    kind = fields.String()
    category = fields.String(allow_none=True)
    most_winners = fields.Integer()
    grants = fields.List(fields.Nested(WinnerSchema))


class MeetingNoteSchema(Schema):
    """A note of a meeting."""

    proposal = fields.String(allow_none=True)
    text = fields.String(required=True)
    written_at = fields.AwareDateTime(format="iso")
    written_by = fields.String()


class MeetingSchema(Schema):
    """A meeting on a round."""

    number = fields.Integer(required=True)
    present = fields.List(fields.String())
    agenda = fields.List(fields.String(), metadata=_description("Keys of proposals in the order of discussion."))
    opened_at = fields.AwareDateTime(format="iso")
    opened_by = fields.String()
    closed_at = fields.AwareDateTime(format="iso", allow_none=True)
    run = fields.Integer(allow_none=True, metadata=_description("The run that is discussed."))
    undiscussed = fields.List(
        fields.String(),
        required=True,
        metadata=_description("Keys on the agenda of an open meeting that it has neither decided nor noted."),
    )
    minutes = fields.Dict(
        allow_none=True,
        metadata=_description(
            "Standing of each item, and whether it was `discussed` (decided or noted), decisions and notes when the "
            "meeting was closed; null before."
        ),
    )
    notes = fields.List(fields.Nested(MeetingNoteSchema))


class DeclaredSchema(ConflictSchema):
    """A conflict of interest that is in force."""

    declared_at = fields.AwareDateTime(format="iso")


class OthersDeclaredSchema(Schema):
    """A conflict of interest that another person declared; of which kind it is stays with that person."""

    person = fields.Integer(required=True, metadata=_description("Number of the person."))
    name = fields.String(required=True)
    proposal = fields.String(required=True)
    declared_at = fields.AwareDateTime(format="iso")


class NextRoundQuerySchema(Schema):
    """The query that selects the next round."""

    to = fields.String(required=True, metadata=_description("Key of the later round."))


class StayingSchema(Schema):
    """A proposal that is in the next round but not on the shortlist."""

    proposal = fields.String(required=True)
    n_sheets = fields.Integer(
        metadata=_description("Scoresheets begun there; it can be removed only when there are none.")
    )


class AdvanceSchema(Schema):
    """What advancing to the next round would change."""

    release = fields.Integer(allow_none=True)
    entering = fields.List(fields.String())
    present = fields.List(fields.String())
    others = fields.List(fields.Nested(StayingSchema))
    obstacle = fields.String(allow_none=True)
    digest = fields.String(metadata=_description("Send it back to apply exactly this change."))


class ApplySchema(Schema):
    """Apply a change that was displayed before."""

    to = fields.String(required=True)
    digest = fields.String(required=True)
    remove = fields.List(fields.String(), load_default=list)
