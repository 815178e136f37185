"""Blank scoresheets for judges who score on paper: of one judge as PDF, of a whole round as a ZIP of PDFs."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlmodel import Session, col, select

from judging import tables
from judging.competition import CompetitionRules, RoundRules
from judging.documents.paper_sheet.writing import (
    PaperCriterion,
    PaperForm,
    PaperForms,
    PaperLabels,
    PaperLevel,
    write_paper_forms,
)
from judging.documents.pdf import MEDIA_TYPE
from judging.errors import Message, NotFound
from judging.publication.static_site import LANGUAGE_NAMES
from judging.rubric import Criterion
from judging.services import audit
from judging.services.access import READERS, Actor, get_round
from judging.services.competitions.definitions import definition_of
from judging.services.jobs.job_requests import File, request_job
from judging.services.scoresheets.paper_entries import PaperSheet, list_paper
from judging.translating import translate

# With more values than this, a number is written in place of a circle.
_MOST_CHOICES = 11
# The oldest time that ZIP can hold: the same content gives the same bytes.
_NO_TIME = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, eq=False, kw_only=True)
class CollectedForms:
    """The blank scoresheets that were asked for, before they are written: of each judge, in the judge's language."""

    competition_key: str
    round_key: str
    judge_key: str
    proposal_key: str
    by_judge: tuple[tuple[str, PaperForms], ...]


def request_forms(
    session: Session,
    actor: Actor,
    competition_key: str,
    round_key: str,
    *,
    judge_key: str = "",
    proposal_key: str = "",
    at: datetime,
) -> tables.Job:
    """Ask for blank scoresheets; see `collect_forms`."""
    competition_row, round_row = get_round(session, actor, competition_key, round_key, *READERS)
    collect_forms(session, actor, competition_key, round_key, judge_key=judge_key, proposal_key=proposal_key)
    request = {
        "competition": competition_key,
        "round": round_key,
        "judge": judge_key,
        "proposal": proposal_key,
    }
    return request_job(
        session, actor, "paper_forms", competition=competition_row, round_row=round_row, request=request, at=at
    )


def collect_forms(
    session: Session,
    actor: Actor,
    competition_key: str,
    round_key: str,
    *,
    judge_key: str = "",
    proposal_key: str = "",
) -> CollectedForms:
    """Return the blank scoresheets of a round, of one judge, of one proposal, or of one of both.

    Those that a judge has begun in the service are left out. NotFound when nothing is left.
    """
    listed = list_paper(session, actor, competition_key, round_key)
    competition_row, _ = get_round(session, actor, competition_key, round_key, *READERS)
    definition = definition_of(competition_row)
    chosen: dict[str, list[PaperSheet]] = {}
    for sheet in listed.sheets:
        if judge_key in ("", sheet.judge.key) and proposal_key in ("", sheet.proposal.key):
            chosen.setdefault(sheet.judge.key, []).append(sheet)
    if not chosen:
        raise NotFound(Message("No scoresheet is left to print here: judges have begun them, or none is assigned."))
    spoken = _languages(session, [sheets[0].judge for sheets in chosen.values()], definition)
    teams = _teams(session, listed.rules, chosen)
    return CollectedForms(
        competition_key=competition_key,
        round_key=round_key,
        judge_key=judge_key,
        proposal_key=proposal_key,
        by_judge=tuple(
            (key, _forms(definition, listed.rules, sheets, spoken[key], teams)) for key, sheets in chosen.items()
        ),
    )


def write_forms(collected: CollectedForms, *, told: Callable[[int, int], None] = lambda _done, _all: None) -> File:
    """Return a PDF for one judge, otherwise a ZIP with a PDF for each; it needs no database."""
    base = "_".join(
        part
        for part in (collected.competition_key, collected.round_key, collected.judge_key, collected.proposal_key)
        if part
    )
    if len(collected.by_judge) == 1:
        content = write_paper_forms(collected.by_judge[0][1])
        return File(name=f"{base}_paper.pdf", media_type=MEDIA_TYPE, content=content)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (key, forms) in enumerate(collected.by_judge, 1):
            archive.writestr(zipfile.ZipInfo(f"{key}.pdf", _NO_TIME), write_paper_forms(forms), zipfile.ZIP_DEFLATED)
            told(number, len(collected.by_judge))
    return File(name=f"{base}_paper.zip", media_type="application/zip", content=stream.getvalue())


def record_forms(session: Session, actor: Actor, collected: CollectedForms, *, at: datetime) -> None:
    """Record in the audit log which blank scoresheets were taken."""
    where = get_round(session, actor, collected.competition_key, collected.round_key, *READERS)
    n_forms = sum(len(forms.forms) for _, forms in collected.by_judge)
    detail = {"judge": collected.judge_key, "proposal": collected.proposal_key, "n": n_forms}
    audit.record_in_round(session, actor, "paper.printed", *where, at=at, detail=detail)


def _languages(session: Session, judges: Sequence[tables.Judge], definition: CompetitionRules) -> dict[str, str]:
    """Return the language of each judge by key: of the account, otherwise of the roster, otherwise the first."""
    people = [judge.person_id for judge in judges if judge.person_id is not None]
    rows = session.exec(select(tables.Person.id, tables.Person.locale).where(col(tables.Person.id).in_(people))).all()
    locales = {pk: locale for pk, locale in rows if locale}
    found = {}
    for judge in judges:
        wanted = (locales.get(judge.person_id), *judge.languages)
        found[judge.key] = next((tag for tag in wanted if tag in definition.languages), definition.languages[0])
    return found


def _teams(session: Session, rules: RoundRules, chosen: dict[str, list[PaperSheet]]) -> dict[int, str]:
    if rules.privacy.teams_hidden:
        return {}
    keys = {sheet.proposal.team_id for sheets in chosen.values() for sheet in sheets}
    rows = session.exec(select(tables.Team.id, tables.Team.name).where(col(tables.Team.id).in_(keys))).all()
    return {pk: name for pk, name in rows if pk is not None}


def _forms(
    definition: CompetitionRules,
    rules: RoundRules,
    sheets: Sequence[PaperSheet],
    language: str,
    teams: dict[int, str],
) -> PaperForms:
    say = partial(translate, language=language)
    judge = sheets[0].judge
    heading = (
        (say(Message("Competition")), definition.name.in_locale(language)),
        (say(Message("Round")), rules.name.in_locale(language)),
        (say(Message("Judge")), f"{judge.name} ({judge.key})"),
    )
    forms = []
    for sheet in sheets:
        team = teams.get(sheet.proposal.team_id)
        facts = (*heading, *(((say(Message("Team")), team),) if team else ()))
        forms.append(PaperForm(title=f"{sheet.proposal.key}  {sheet.proposal.title}", facts=facts))
    return PaperForms(
        language=language,
        title=f"{rules.name.in_locale(language)} · {judge.key}",
        footer=f"{definition.name.in_locale(language)} · {rules.name.in_locale(language)} · {judge.key}",
        labels=_labels(definition, rules, say),
        criteria=tuple(_criterion(criterion, language, say) for criterion in rules.rubric.criteria),
        forms=tuple(forms),
    )


def _labels(definition: CompetitionRules, rules: RoundRules, say: Callable[[str], str]) -> PaperLabels:
    return PaperLabels(
        circle=say(Message("Circle one:")),
        write=say(Message("Write a number:")),
        comment=say(Message("Comment")),
        overall=say(Message("Overall comment")),
        note=say(Message("Private note to the chair")),
        read_in=say(Message("Language in which you read it")),
        # An event in one language does not ask in which one a work was read.
        languages=tuple(LANGUAGE_NAMES[tag] for tag in definition.languages) if len(definition.languages) > 1 else (),
        sure=say(Message("How sure are you?")),
        confidences=tuple(
            say(text) for text in (Message("Not very sure"), Message("Fairly sure"), Message("Very sure"))
        ),
        # Where the round shows the team, everybody can tell who it is.
        recognised=say(Message("The team can be recognised from what it handed in"))
        if rules.privacy.teams_hidden
        else "",
        justification=say(
            Message(
                "Reason for the scores: one line, needed only when all your scores are equal or at the ends of the "
                "scale."
            )
        ),
        signature=say(Message("Signature")),
        signed_on=say(Message("Date")),
    )


def _criterion(criterion: Criterion, language: str, say: Callable[[str], str]) -> PaperCriterion:
    scale = criterion.scale
    levels = []
    for level in reversed(criterion.levels):
        parts = [text.in_locale(language) for text in (level.title, level.description) if text is not None]
        levels.append(PaperLevel(f"{level.value:g}", " – ".join(part for part in parts if part)))
    return PaperCriterion(
        name=f"{criterion.name.in_locale(language)} ({criterion.weight:g}%)",
        about=criterion.description.in_locale(language),
        scale=say(
            Message(
                "Give a value from {minimum} to {maximum} in steps of {step}.",
                minimum=f"{scale.minimum:g}",
                maximum=f"{scale.maximum:g}",
                step=f"{scale.step:g}",
            )
        ),
        choices=tuple(f"{value:.10g}" for value in scale.values()) if scale.n_values <= _MOST_CHOICES else (),
        levels=tuple(levels),
    )
