import dataclasses
import json
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from judging.calibration.settings import Settings
from judging.competition import Category, City, CompetitionRules, RoundRules, digest_of
from judging.round_policies import CalibrationPolicy, CarryOver, PitchPolicy
from judging.rubric import Criterion, Level, Rubric, Scale, Text
from judging.shortlist import ShortlistRule

COMPETITION = CompetitionRules(
    key="small",
    name=Text("Small", "小", "小"),
    cities=(City("hk", Text("Hong Kong")), City("sh", Text("Shanghai"))),
    categories=(
        Category("city", Text("City")),
        Category("transport", Text("Transport"), parent="city"),
        Category("buses", Text("Buses"), parent="transport"),
    ),
    time_zone="Asia/Hong_Kong",
    rounds=("first",),
)
NEED = Criterion("need", Text("Need"), Text("Who needs it?"), 100, Scale(1, 3, 1), (Level(1, Text("nobody")),))
ROUND = RoundRules(
    key="first",
    name=Text("First"),
    briefing=Text("Read."),
    rubric=Rubric((NEED,)),
    shortlist=ShortlistRule(size=2, city_minimum={"hk": 1}, floors={"need": 1.5}),
    starts_at=datetime(2023, 7, 1, 9, tzinfo=ZoneInfo("Asia/Hong_Kong")),
    carries_over=CarryOver("earlier", 20),
)


def test_lineage_leads_from_a_category_to_the_widest_above_it() -> None:
    assert COMPETITION.lineage("buses") == ("buses", "transport", "city")
    assert COMPETITION.lineage("city") == ("city",)


def test_city_and_category_are_found_by_key_or_refused() -> None:
    assert COMPETITION.city("sh").name.en == "Shanghai"
    assert COMPETITION.category("buses").parent == "transport"
    with pytest.raises(KeyError, match="gz"):
        COMPETITION.city("gz")


def test_zone_is_the_competitions_own() -> None:
    assert COMPETITION.zone == ZoneInfo("Asia/Hong_Kong")


def test_round_leaves_as_plain_data_in_the_shape_of_its_file() -> None:
    assert ROUND.to_dict() == {
        "key": "first",
        "name": {"en": "First"},
        "briefing": {"en": "Read."},
        "rubric": {
            "criteria": [
                {
                    "key": "need",
                    "name": {"en": "Need"},
                    "description": {"en": "Who needs it?"},
                    "weight": 100,
                    "scale": {"minimum": 1, "maximum": 3, "step": 1},
                    "levels": [{"value": 1, "description": {"en": "nobody"}}],
                }
            ]
        },
        "shortlist": {
            "size": 2,
            "city_minimum": {"hk": 1},
            "city_cap": {},
            "category_minimum": {},
            "category_cap": {},
            "floors": {"need": 1.5},
            "reserves": 0,
        },
        "tie_breaks": ["calibrated", "people"],
        "calibration": {
            "model": "hierarchical",
            "home_city": "adjust",
            "quality_prior": "city_blind",
            "assumption": "prior",
            "interval": 0.9,
            "n_draws": 4000,
            "seed": 0,
        },
        "readings": {"per_proposal": 3, "extra": 0, "maximum": 3, "cross_city": 0},
        "privacy": {"teams_hidden": True, "identity_flags": 2},
        "starts_at": "2023-07-01T01:00:00+00:00",
        "carries_over": {"round": "earlier", "weight": 20},
    }


def test_digest_is_the_hash_of_the_canonical_json() -> None:
    assert digest_of({"b": "分", "a": 1}) == "6d95191b997c3c9fb995d619545c739419bf76d861894ca7128e314cc1283a72"


def test_digest_survives_json_and_does_not_tell_ten_from_ten_point_zero() -> None:
    assert digest_of(json.loads(json.dumps(ROUND.to_dict()))) == ROUND.digest
    whole = dataclasses.replace(NEED, weight=100.0, scale=Scale(1.0, 3.0, 1.0))
    assert dataclasses.replace(ROUND, rubric=Rubric((whole,))).digest == ROUND.digest


def test_digest_names_the_moment_not_the_clock_it_was_read_from() -> None:
    elsewhere = datetime(2023, 7, 1, 1, tzinfo=ZoneInfo("UTC"))
    assert dataclasses.replace(ROUND, starts_at=elsewhere).digest == ROUND.digest


@pytest.mark.parametrize(
    "change",
    [
        {"name": Text("Second")},
        {"tie_breaks": ("raw", "people")},
        {"starts_at": None},
        {"carries_over": None},
        {"pitches": PitchPolicy(pitch_minutes=5, questions_minutes=0, scoring_minutes=3)},
        {"shortlist": ShortlistRule(size=3, city_minimum={"hk": 1}, floors={"need": 1.5})},
        {"shortlist": ShortlistRule(size=2, city_cap={"hk": 1}, floors={"need": 1.5})},
    ],
)
def test_digest_changes_with_any_rule(change: dict[str, object]) -> None:
    assert dataclasses.replace(ROUND, **change).digest != ROUND.digest  # type: ignore[arg-type]  # one dict, many types


def test_a_policy_that_says_nothing_calibrates_as_the_command_line_does() -> None:
    said = {field.name: getattr(CalibrationPolicy(), field.name) for field in dataclasses.fields(CalibrationPolicy)}
    # Earlier scoresheets are a part of the input, not a setting.
    assert said.pop("earlier") is None
    assert Settings(**said) == Settings()
