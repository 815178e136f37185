"""The texts of letters to teams, from the signed content of a release and the run that it names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from judging import tables
from judging.calibration.explanation.profile import CriterionPlace, profiles_of
from judging.competition import CompetitionRules, RoundRules
from judging.publication import letter
from judging.rubric import LANGUAGES, Text
from judging.services.competitions.definitions import rules_of
from judging.services.decisions.proposals import ProposalEntry
from judging.services.releases.in_force import SignedRelease
from judging.services.releases.letter_comments import comments_of
from judging.services.runs.inputs import collect_input
from judging.services.runs.reports import report_of

_DEFAULT_PARTS = ("decision",)


@dataclass(frozen=True, slots=True)
class LetterText:
    """A letter's text in the language of its proposal, otherwise in the competition's first."""

    proposal: str
    language: str
    text: str


def texts_of(
    session: Session,
    definition: CompetitionRules,
    round_row: tables.Round,
    signed: SignedRelease,
    present: Mapping[str, ProposalEntry],
) -> list[LetterText]:
    """Return the letters to the proposals that are present, by key."""
    parts = definition.policies.letters
    allowed = _DEFAULT_PARTS if parts is None else parts
    run = session.get(tables.CalibrationRun, signed.row.calibration_run_id)
    if run is None:
        raise LookupError("a release without its run")
    rows = {row.proposal: row for row in report_of(run).proposals}
    rules = rules_of(round_row)
    names = {criterion.key: criterion.name for criterion in rules.rubric.criteria}
    comments = comments_of(session, round_row, signed) if "comments" in allowed else []
    profiles: Mapping[str, tuple[CriterionPlace, ...]] = {}
    if "profile" in allowed:
        profiles = profiles_of(collect_input(session, round_row, settings=run.settings).ratings)
    n_ranked = sum(row.rank is not None for row in rows.values())
    content = signed.row.content
    publication = definition.policies.publication
    is_listed = publication is not None and publication.results == "public"
    texts = []
    for key, entry in sorted(present.items()):
        language = entry.language if entry.language in LANGUAGES else definition.languages[0]
        low, high = (rows[key].rank_low, rows[key].rank_high) if key in rows else (None, None)
        facts = letter.LetterFacts(
            competition=definition.name,
            round=rules.name,
            team=entry.team,
            proposal=key,
            title=entry.title,
            released_on=signed.released_at.astimezone(definition.zone).date().isoformat(),
            decision=_decision(key, content["shortlist"]) if "decision" in allowed else None,
            awards=tuple(text_by_language(award["name"]) for award in content["awards"] if key in award["winners"]),
            band=letter.band_of(low, high, n_ranked) if "band" in allowed else None,
            profile=_named(profiles.get(key, ()), rules),
            comments=tuple(
                (names.get(one.criterion), one.text) for one in comments if one.proposal == key and one.is_sent
            ),
            is_listed=is_listed,
        )
        texts.append(LetterText(key, language, letter.text_of(facts, language)))
    return texts


def _named(places: Sequence[CriterionPlace], rules: RoundRules) -> tuple[tuple[Text, str], ...]:
    names = {criterion.key: criterion.name for criterion in rules.rubric.criteria}
    return tuple((names[one.criterion], one.place) for one in places if one.criterion in names)


def _decision(key: str, shortlist: Mapping[str, Any]) -> str | None:
    if not shortlist["size"]:
        return None
    if key in shortlist["selected"]:
        return letter.SELECTED
    return letter.RESERVE if key in shortlist["reserves"] else letter.NOT_SELECTED


def text_by_language(by_language: Mapping[str, str]) -> Text:
    """Return a stored text as a Text."""
    return Text(
        en=by_language.get("en", ""),
        zh_hant_hk=by_language.get("zh-Hant-HK", ""),
        zh_hans_cn=by_language.get("zh-Hans-CN", ""),
    )
