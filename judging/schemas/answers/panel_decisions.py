"""What the API says of shortlists, decisions, awards, meetings and the next round."""

from marshmallow import Schema, fields

from judging.schemas.typed_decisions import ConflictSchema


def _said(description: str) -> dict[str, str]:
    return {"description": description}


class VerdictSchema(Schema):
    """A verdict of people on a proposal."""

    proposal = fields.String(required=True)
    verdict = fields.String(required=True, metadata={"enum": ["in", "out", "rule"]})
    reason = fields.String(required=True)
    decided_at = fields.AwareDateTime(format="iso")
    decided_by = fields.String()


class MovedSchema(Schema):
    """A proposal that the rule keeps or passes over for another reason than its rank."""

    proposal = fields.String(required=True)
    selected = fields.Boolean(required=True)
    clause = fields.String(required=True)
    group = fields.String(metadata=_said("Criterion, city or category."))


class FinalShortlistSchema(Schema):
    """The shortlist that rule and people make together. Proposals with which whoever asks has a tie are left out."""

    run = fields.Integer(allow_none=True)
    size = fields.Integer(allow_none=True, metadata=_said("Seats; null without a rule."))
    by_rule = fields.List(fields.String(), metadata=_said("Whom the rule keeps."))
    selected = fields.List(fields.String(), metadata=_said("Whom rule and people keep, by rank."))
    reserves = fields.List(fields.String(), metadata=_said("In order."))
    tied = fields.List(fields.String(), metadata=_said("Between whom people still have to choose."))
    moved = fields.List(fields.Nested(MovedSchema))
    unmet = fields.List(fields.String(), metadata=_said("Cities and categories below their minimum."))
    over_cap = fields.List(fields.String())
    cut_off = fields.Float(allow_none=True)
    decisions = fields.List(fields.Nested(VerdictSchema), metadata=_said("Every verdict, oldest first."))


class SuggestionSchema(Schema):
    """A further reading that would help."""

    proposal = fields.String(required=True)
    judge = fields.String(required=True)
    gain = fields.Float(metadata=_said("Wrong places on the shortlist it is expected to save."))


class FurtherReadingsSchema(Schema):
    """What could be asked for under the sealed reading policy."""

    extra = fields.Integer(metadata=_said("Further readings that the rules allow."))
    used = fields.Integer()
    maximum = fields.Integer(metadata=_said("Readings a proposal at most."))
    obstacle = fields.String(allow_none=True, metadata=_said("Why nothing can be asked for."))
    suggestions = fields.List(fields.Nested(SuggestionSchema))


class WinnerSchema(Schema):
    """An award given to a proposal."""

    proposal = fields.String(required=True)
    reason = fields.String()
    granted_at = fields.AwareDateTime(format="iso")
    granted_by = fields.String()
    withdrawn_at = fields.AwareDateTime(format="iso", allow_none=True)


class GivenAwardSchema(Schema):
    """An award and who won it."""

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
    agenda = fields.List(fields.String(), metadata=_said("Keys of proposals in the order of discussion."))
    opened_at = fields.AwareDateTime(format="iso")
    opened_by = fields.String()
    closed_at = fields.AwareDateTime(format="iso", allow_none=True)
    notes = fields.List(fields.Nested(MeetingNoteSchema))


class DeclaredSchema(ConflictSchema):
    """A tie that stands."""

    declared_at = fields.AwareDateTime(format="iso")


class NextRoundQuerySchema(Schema):
    """Which round comes next."""

    to = fields.String(required=True, metadata=_said("Key of the later round."))


class StayingSchema(Schema):
    """A proposal that is in the next round and not on the shortlist."""

    proposal = fields.String(required=True)
    n_sheets = fields.Integer(metadata=_said("Scoresheets begun there; only with none can it be taken out."))


class AdvanceSchema(Schema):
    """What advancing would change."""

    release = fields.Integer(allow_none=True)
    entering = fields.List(fields.String())
    present = fields.List(fields.String())
    others = fields.List(fields.Nested(StayingSchema))
    obstacle = fields.String(allow_none=True)
    digest = fields.String(metadata=_said("Send it back to apply exactly this."))


class ApplySchema(Schema):
    """Apply a difference that was shown."""

    to = fields.String(required=True)
    digest = fields.String(required=True)
    remove = fields.List(fields.String(), load_default=list)
