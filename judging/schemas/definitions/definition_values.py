"""Values of the core from the plain fields that the schemas of definitions have loaded."""

from collections.abc import Callable, Mapping
from typing import Any

from judging.competition import Category, City, CompetitionRules, ConflictKind, Policies, PublicationPolicy, RoundRules
from judging.round_policies import (
    CalibrationPolicy,
    CarryOver,
    EarlierSheets,
    PitchPolicy,
    PracticePolicy,
    PracticeProposal,
    PrivacyPolicy,
    ReadingPolicy,
    ReferenceScore,
)
from judging.rubric import Criterion, Level, Rubric, Scale
from judging.shortlist import ShortlistRule


def competition_of(data: dict[str, Any]) -> CompetitionRules:
    """Return the competition of loaded fields without faults."""
    return CompetitionRules(
        **{
            **data,
            **_tuples(data, "rounds", "languages"),
            "cities": tuple(City(**city) for city in data["cities"]),
            "categories": tuple(Category(**category) for category in data["categories"]),
        }
        | _parts(data, policies=_policies)
    )


def _policies(data: dict[str, Any]) -> Policies:
    return Policies(
        **{**data, **_tuples(data, "conflicts", "letters")}
        | _parts(
            data,
            publication=lambda part: PublicationPolicy(**part),
            conflict_kinds=lambda listed: tuple(ConflictKind(**part) for part in listed),
        )
    )


def round_of(data: dict[str, Any]) -> RoundRules:
    """Return the round of loaded fields without faults."""
    return RoundRules(
        **{**data, **_tuples(data, "tie_breaks"), "rubric": _rubric(data["rubric"])}
        | _parts(
            data,
            shortlist=lambda part: ShortlistRule(**part),
            calibration=_calibration,
            readings=lambda part: ReadingPolicy(**part),
            privacy=lambda part: PrivacyPolicy(**part),
            carries_over=lambda part: CarryOver(**part),
            pitches=lambda part: PitchPolicy(**part),
            practice=_practice,
        )
    )


def _practice(data: dict[str, Any]) -> PracticePolicy:
    return PracticePolicy(
        tuple(
            PracticeProposal(
                proposal["key"], tuple(ReferenceScore(**score) for score in proposal.get("reference") or ())
            )
            for proposal in data["proposals"]
        )
    )


def _calibration(data: dict[str, Any]) -> CalibrationPolicy:
    return CalibrationPolicy(
        **{**data, **_parts(data, earlier=lambda listed: tuple(EarlierSheets(**part) for part in listed))}
    )


def _rubric(data: dict[str, Any]) -> Rubric:
    return Rubric(
        tuple(
            Criterion(
                **{
                    **criterion,
                    "scale": Scale(**criterion.get("scale", data.get("scale"))),
                    "levels": tuple(Level(**level) for level in criterion.get("levels", ())),
                    **_tuples(criterion, "phrases"),
                }
            )
            for criterion in data["criteria"]
        )
    )


def _tuples(data: Mapping[str, Any], *names: str) -> dict[str, tuple[Any, ...]]:
    return {name: tuple(data[name]) for name in names if name in data}


def _parts(data: Mapping[str, Any], **makers: Callable[[Any], Any]) -> dict[str, Any]:
    return {name: make(data[name]) for name, make in makers.items() if name in data}
