"""The schemas of a competition and of a round, for the YAML file and the stored JSON.

The schemas load into plain dictionaries. Checks that need several fields are in ``definition_checks``;
they also run when some fields are invalid, so that an organiser sees all complaints at once.
"""

from judging.calibration.settings import ASSUMPTIONS, HOME_CITY_POLICIES, MODELS, OCCASION_KINDS, QUALITY_PRIORS
from judging.competition import APPOINTMENTS, CONFLICTS, LETTER_PARTS, PLACES, RELEASES, RESULTS_FOR, RESULTS_ORDER
from judging.rubric import LANGUAGES
from judging.schemas.strict_fields import (
    Choice,
    Flag,
    Key,
    ListOf,
    MappingField,
    Moment,
    Number,
    Part,
    StrictSchema,
    TextField,
    Whole,
    Word,
)
from judging.shortlist import FLOORS_BY

# The width of the columns of the tables.
_CITY_KEY = 40
# A team is on the stage for minutes; a day is a slip.
_MOST_MINUTES = 180


class CitySchema(StrictSchema):
    """A city."""

    key = Key(required=True, longest=_CITY_KEY)
    name = TextField(required=True)


class CategorySchema(StrictSchema):
    """A category, with or without a parent category."""

    key = Key(required=True)
    name = TextField(required=True)
    parent = Key()


class PublicationSchema(StrictSchema):
    """Who may read released results."""

    results = Choice(RESULTS_FOR, required=True)
    order = Choice(RESULTS_ORDER)


class ConflictKindSchema(StrictSchema):
    """A kind of conflict of interest of the competition's own."""

    key = Key(required=True)
    name = TextField(required=True)


class PoliciesSchema(StrictSchema):
    """Policies of the whole competition."""

    release = Choice(RELEASES)
    conflicts = ListOf(Choice(CONFLICTS))
    feedback = Flag()
    code_of_conduct = TextField()
    publication = Part(PublicationSchema)
    letters = ListOf(Choice(LETTER_PARTS))
    conflict_kinds = ListOf(Part(ConflictKindSchema))
    appointments = Choice(APPOINTMENTS)


class CompetitionDefinitionSchema(StrictSchema):
    """``competition.yaml``."""

    key = Key(required=True)
    name = TextField(required=True)
    time_zone = Word(required=True)
    languages = ListOf(Choice(LANGUAGES))
    places = Choice(PLACES)
    cities = ListOf(Part(CitySchema), required=True)
    categories = ListOf(Part(CategorySchema), required=True)
    rounds = ListOf(Key(), required=True)
    policies = Part(PoliciesSchema)


class ScaleSchema(StrictSchema):
    """The values that a judge may give."""

    minimum = Number(required=True)
    maximum = Number(required=True)
    step = Number(required=True, above=0)


class LevelSchema(StrictSchema):
    """A description of one value of the scale."""

    value = Number(required=True)
    title = TextField()
    description = TextField(required=True)


class CriterionSchema(StrictSchema):
    """One line of the form; without a scale of its own it uses the rubric's scale."""

    key = Key(required=True)
    name = TextField(required=True)
    description = TextField(required=True)
    weight = Number(required=True, above=0, most=100)
    scale = Part(ScaleSchema)
    levels = ListOf(Part(LevelSchema))
    phrases = ListOf(TextField())
    justify_ends = Flag()


class RubricSchema(StrictSchema):
    """The form."""

    scale = Part(ScaleSchema)
    criteria = ListOf(Part(CriterionSchema), required=True)


class ShortlistSchema(StrictSchema):
    """How many proposals are selected, and under which conditions."""

    size = Whole(required=True, least=1)
    city_minimum = MappingField(Whole(least=0))
    city_cap = MappingField(Whole(least=0))
    category_minimum = MappingField(Whole(least=0))
    category_cap = MappingField(Whole(least=0))
    floors = MappingField(Number())
    floors_by = Choice(FLOORS_BY)
    reserves = Whole(least=0)


class EarlierSheetsSchema(StrictSchema):
    """Scoresheets of an earlier occasion."""

    kind = Choice(OCCASION_KINDS, required=True)
    round = Key(required=True)
    competition = Key()


class CalibrationSchema(StrictSchema):
    """How calibrated scores are computed."""

    model = Choice(MODELS)
    home_city = Choice(HOME_CITY_POLICIES)
    quality_prior = Choice(QUALITY_PRIORS)
    assumption = Choice(ASSUMPTIONS)
    interval = Number(above=0, below=1)
    n_draws = Whole(least=100, most=100_000)
    seed = Whole(least=0, most=2**63 - 1)
    earlier = ListOf(Part(EarlierSheetsSchema))


class ReadingsSchema(StrictSchema):
    """How many scoresheets each proposal gets."""

    per_proposal = Whole(required=True, least=1)
    extra = Whole(least=0)
    maximum = Whole(required=True, least=1)
    cross_city = Whole(least=0)
    stop_below = Number(above=0, most=50)


class PrivacySchema(StrictSchema):
    """What is hidden from judges."""

    teams_hidden = Flag()
    identity_flags = Whole(least=1)
    mirror = Flag()


class CarryOverSchema(StrictSchema):
    """How much an earlier round counts."""

    round = Key(required=True)
    weight = Number(required=True, above=0, below=100)


class ReferenceScoreSchema(StrictSchema):
    """An agreed score, and why."""

    criterion = Key(required=True)
    score = Number(required=True)
    reason = TextField()


class PracticeProposalSchema(StrictSchema):
    """A proposal that everyone scores for practice."""

    key = Word(required=True)
    reference = ListOf(Part(ReferenceScoreSchema))


class PracticeSchema(StrictSchema):
    """A round of practice."""

    proposals = ListOf(Part(PracticeProposalSchema), required=True)


class PitchPolicySchema(StrictSchema):
    """How long each team has on the stage."""

    pitch_minutes = Whole(required=True, least=1, most=_MOST_MINUTES)
    questions_minutes = Whole(required=True, least=0, most=_MOST_MINUTES)
    scoring_minutes = Whole(required=True, least=1, most=_MOST_MINUTES)


class RoundDefinitionSchema(StrictSchema):
    """``<round>.yaml``."""

    key = Key(required=True)
    name = TextField(required=True)
    briefing = TextField(required=True)
    starts_at = Moment()
    ends_at = Moment()
    rubric = Part(RubricSchema, required=True)
    shortlist = Part(ShortlistSchema)
    tie_breaks = ListOf(Word())
    calibration = Part(CalibrationSchema)
    readings = Part(ReadingsSchema)
    privacy = Part(PrivacySchema)
    carries_over = Part(CarryOverSchema)
    practice = Part(PracticeSchema)
    pitches = Part(PitchPolicySchema)
