"""Load the demo: a simulated challenge with a finished round, one in progress, and the real scores of 2000.

Everything is stored with the services that organisers use: definitions, imports, opening and calibration, with the
same checks and the same audit log.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlmodel import Session, col, select

from judging import tables
from judging.calibration.simulate import Challenge
from judging.competition import CompetitionRules, RoundRules
from judging.errors import Conflict, Message
from judging.incoming_tables.reading import ReadTable
from judging.media.file_store import FileStore
from judging.schemas.definitions.definition_files import load_definition
from judging.schemas.scoresheets import IncomingSheet, SheetContent
from judging.services.access import Actor, load_actor, operator
from judging.services.competitions import definitions
from judging.services.demo import data, decks
from judging.services.imports import destination, storing
from judging.services.imports.loaded_file import load_tables
from judging.services.people import accounts
from judging.services.rounds import opening
from judging.services.runs import calibrating, sensitivity
from judging.services.runs.reports import report_of
from judging.services.scoresheets import scoring

CHALLENGE, PRACTICE, DIVING = "hksh-2023", "hksh-practice", "diving-2000"
SCREENING, FINAL, DIVES = "first-screening", "grand-final", "all-dives"
SEED = 20230701
# The judge whose link is printed, and whose queue is partly done.
DEMO_JUDGE = 6
_JUDGES_IN_FINAL = 8
_ORGANISER = ("organiser@example.org", "Demo organiser")
_CHAIRS = {
    "hk": ("chair-hk@example.org", "Demo chair, Hong Kong"),
    "sh": ("chair-sh@example.org", "Demo chair, Shanghai"),
}
_AUDITOR = ("auditor@example.org", "Demo auditor")


@dataclass(frozen=True, slots=True)
class DemoLinks:
    """Tokens of new personal links, and whether the demo had been loaded before."""

    judge: str
    chair: str
    organiser: str
    was_loaded: bool


def load_demo(
    session: Session, *, rubrics_dir: Path, data_dir: Path, at: datetime, files: FileStore | None = None
) -> DemoLinks:
    """Load the demo unless it is loaded, and return links for a judge, a chair and the organiser.

    Everything is one transaction, calibrations included: it runs before the service starts, so nobody waits for it, and
    a demo whose loading was stopped is not half there.

    Parameters
    ----------
    session : Session
    rubrics_dir : Path
        The folder with the definitions of the three competitions.
    data_dir : Path
        The folder with ``diving-2000/diving.csv``.
    at : datetime
        The time of all actions here; the simulated scores have times of July 2023.
    files : FileStore, optional
        Where the decks of the proposals of the judge with the link go; without it there are none.
    """
    _refuse_other_data(session)
    was_loaded = session.exec(select(tables.Competition).where(tables.Competition.key == CHALLENGE)).first() is not None
    if not was_loaded:
        # The start page lists the newest competition first.
        for key in (DIVING, PRACTICE, CHALLENGE):
            definitions.store_definitions(
                session, operator(), load_definition(rubrics_dir / key), at=at, is_simulated=key != DIVING
            )
        organiser, chair = _invite_staff(session, at=at)
        _load_challenge(session, organiser, chair, at=at)
        _load_practice(session, organiser, files, at=at)
        _load_diving(session, organiser, chair, data_dir / DIVING / "diving.csv", at=at)
    emails = (data.judge_email(DEMO_JUDGE), _CHAIRS["hk"][0], _ORGANISER[0])
    links = [accounts.issue_link(session, operator(), _person_id(session, email), at=at).token for email in emails]
    judge_token, chair_token, organiser_token = links
    return DemoLinks(judge_token, chair_token, organiser_token, was_loaded)


def _refuse_other_data(session: Session) -> None:
    """Refuse a database that has one of the competitions, though not with the people of the demo."""
    key = session.exec(
        select(tables.Competition.key).where(col(tables.Competition.key).in_((CHALLENGE, PRACTICE, DIVING)))
    ).first()
    people = session.exec(select(tables.Person.email).where(tables.Person.email == _ORGANISER[0])).first()
    if key is not None and people is None:
        raise Conflict(
            Message("This database holds a competition {key} of your own. Load the demo into another one.", key=key)
        )


def _invite_staff(session: Session, *, at: datetime) -> tuple[Actor, Actor]:
    """Give the staff their roles in all three competitions; return the organiser and the chair of Hong Kong."""
    for key in (CHALLENGE, PRACTICE, DIVING):
        staff: list[tuple[tuple[str, str], str, str | None]]
        staff = [(_ORGANISER, "organiser", None), (_AUDITOR, "auditor", None)]
        staff += [(account, "chair", city) for city, account in _CHAIRS.items() if key != DIVING]
        if key == DIVING:
            staff.append((_CHAIRS["hk"], "chair", "HKG"))
        for (email, name), role, city in staff:
            accounts.invite(session, operator(), key, email=email, name=name, role=role, city=city, at=at)
    organiser, chair = (_person_id(session, account[0]) for account in (_ORGANISER, _CHAIRS["hk"]))
    return load_actor(session, organiser), load_actor(session, chair)


def _load_challenge(session: Session, organiser: Actor, chair: Actor, *, at: datetime) -> None:
    """Simulate the challenge of 2023: the first screening is closed, the grand final is not open yet."""
    definition, rules = _definition(session, CHALLENGE, SCREENING)
    challenge = data.simulate_challenge(rules, n_proposals=80, readings=3, seed=SEED)
    roster = [*data.roster_tables(challenge, definition), data.assignment_table(challenge)]
    _import(session, organiser, CHALLENGE, SCREENING, roster, at=at)
    opening.open_round(session, organiser, CHALLENGE, SCREENING, at=at)
    starts_at = rules.starts_at or at - timedelta(days=30)
    scores = data.score_table(challenge, rules, starts_at=starts_at, days=14.5)
    _import(session, organiser, CHALLENGE, SCREENING, [scores], at=at)
    opening.close_round(session, organiser, CHALLENGE, SCREENING, at=at)
    run = _calibrate(session, chair, CHALLENGE, SCREENING, at=at)
    shortlist = report_of(run).shortlist
    finalists = () if shortlist is None else shortlist.selected
    final_judges = [data.judge_key(code) for code in range(_JUDGES_IN_FINAL)]
    final = data.table(
        "assignments", [{"judge": judge, "proposal": proposal} for proposal in finalists for judge in final_judges]
    )
    _import(session, organiser, CHALLENGE, FINAL, [final], at=at)


def _load_practice(session: Session, organiser: Actor, files: FileStore | None, *, at: datetime) -> None:
    """Simulate a first screening in progress, with more than half of the scoresheets submitted."""
    definition, rules = _definition(session, PRACTICE, SCREENING)
    challenge = data.simulate_challenge(rules, n_proposals=48, readings=4, seed=SEED + 1)
    # The proposals of the judge with the link are those of Hong Kong; two of Shanghai are in the third language.
    cities = [city.key for city in definition.cities]
    codes = [*challenge.proposal[challenge.judge == DEMO_JUDGE], *_codes_of(challenge, cities.index("sh"))[:2]]
    hosted = {data.proposal_key(code) for code in codes} if files is not None else set()
    roster = [*data.roster_tables(challenge, definition, hosted=hosted), data.assignment_table(challenge)]
    _import(session, organiser, PRACTICE, SCREENING, roster, at=at)
    if files is not None:
        decks.add_decks(session, organiser, PRACTICE, files, hosted, at=at)
    opening.open_round(session, organiser, PRACTICE, SCREENING, at=at)
    first_scores = data.score_table(challenge, rules, starts_at=at - timedelta(days=6), days=6, share=0.6)
    _import(session, organiser, PRACTICE, SCREENING, [first_scores], at=at)
    _begin_a_scoresheet(session, rules, at=at)


def _codes_of(challenge: Challenge, city: int) -> list[int]:
    """Return the proposals of a city by their numbers in the simulation."""
    return [code for code, own in enumerate(challenge.proposal_city) if own == city]


def _begin_a_scoresheet(session: Session, rules: RoundRules, *, at: datetime) -> None:
    """Save a draft with one score for the judge whose link is printed."""
    judge = load_actor(session, _person_id(session, data.judge_email(DEMO_JUDGE)))
    scored = select(tables.Scoresheet.assignment_id)
    assignment = session.exec(
        select(tables.Assignment)
        .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
        .join(tables.Round, col(tables.Round.id) == col(tables.Assignment.round_id))
        .join(tables.Competition, col(tables.Competition.id) == col(tables.Round.competition_id))
        .where(
            tables.Competition.key == PRACTICE,
            tables.Judge.person_id == judge.person_id,
            col(tables.Assignment.id).not_in(scored),
        )
        .order_by(col(tables.Assignment.id))
        .limit(1)
    ).one()
    first = rules.rubric.criteria[0]
    scoring.save_scoresheet(
        session,
        judge,
        assignment.pk,
        IncomingSheet(
            sheet=SheetContent(scores={first.key: first.scale.maximum - first.scale.step}), base_version=0, submit=False
        ),
        source="form",
        at=at,
    )


def _load_diving(session: Session, organiser: Actor, chair: Actor, path: Path, *, at: datetime) -> None:
    """Import the real scores of the 2000 Olympic diving events and calibrate them."""
    rosters, scores = data.diving_tables(path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    _import(session, organiser, DIVING, DIVES, rosters, filename=path.name, digest=digest, at=at)
    pairs = [{"judge": row.values["judge"], "proposal": row.values["proposal"]} for row in scores.rows]
    assignments = data.table("assignments", pairs)
    _import(session, organiser, DIVING, DIVES, [assignments], filename=path.name, digest=digest, at=at)
    opening.open_round(session, organiser, DIVING, DIVES, at=at)
    _import(session, organiser, DIVING, DIVES, [scores], filename=path.name, digest=digest, at=at)
    opening.close_round(session, organiser, DIVING, DIVES, at=at)
    _calibrate(session, chair, DIVING, DIVES, at=at)


def _calibrate(
    session: Session, chair: Actor, competition_key: str, round_key: str, *, at: datetime
) -> tables.CalibrationRun:
    """Calibrate, and ask for the comparison of methods as after every calibration; a worker computes it."""
    run = calibrating.calibrate(session, chair, competition_key, round_key, at=at)
    sensitivity.request_comparison(session, chair, competition_key, round_key, run.number, at=at)
    return run


def _import(
    session: Session,
    organiser: Actor,
    competition_key: str,
    round_key: str,
    sheets: list[ReadTable],
    *,
    at: datetime,
    filename: str | None = None,
    digest: str | None = None,
) -> None:
    content = repr([(sheet.kind, [dict(row.values) for row in sheet.rows]) for sheet in sheets])
    loaded = load_tables(
        destination.find_target(session, organiser, competition_key, round_key=round_key),
        sheets,
        filename=filename or f"simulated-{sheets[-1].kind}",
        digest=digest or hashlib.sha256(content.encode()).hexdigest(),
    )
    # Simulated and published scores, which nobody has to compare with paper: the chair's account stands for it.
    storing.store_file(session, organiser, loaded, at=at, confirmed_by=_person_id(session, _CHAIRS["hk"][0]))


def _definition(session: Session, competition_key: str, round_key: str) -> tuple[CompetitionRules, RoundRules]:
    row = session.exec(select(tables.Competition).where(tables.Competition.key == competition_key)).one()
    round_row = next(
        row_of_round for row_of_round in definitions.list_rounds(session, row) if row_of_round.key == round_key
    )
    return definitions.definition_of(row), definitions.rules_of(round_row)


def _person_id(session: Session, email: str) -> int:
    return session.exec(select(tables.Person.id).where(tables.Person.email == email)).one() or 0
