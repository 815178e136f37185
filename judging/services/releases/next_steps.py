"""After a round has closed: what comes next until its results are out, and who does it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Listed, Message
from judging.services.competitions.definitions import definition_of, is_practice
from judging.services.releases.states import IN_FORCE, PROPOSED, releases_of
from judging.services.runs import calibration_runs


@dataclass(frozen=True, slots=True)
class NextStep:
    """What comes next and who does it; the page for it with the words of its link."""

    text: Message
    page: str = ""
    link: Message | None = None

    @property
    def is_of_round(self) -> bool:
        """Return whether the page is one of the round."""
        return self.page == "organiser.letters"


def next_step(session: Session, competition_row: tables.Competition, round_row: tables.Round) -> NextStep | None:
    """Return what comes next in a closed round; None before, in practice, and in the archive."""
    if round_row.state != "closed" or is_practice(round_row) or competition_row.archived_at is not None:
        return None
    chairs = session.exec(
        select(tables.Person.name)
        .join(tables.Role, col(tables.Role.person_id) == col(tables.Person.id))
        .where(tables.Role.competition_id == competition_row.id, tables.Role.role == "chair")
        .order_by(tables.Person.name)
    ).all()
    releases = releases_of(session, competition_row, round_row, definition_of(competition_row))
    in_force = next((release for release in releases if release.state == IN_FORCE), None)
    if in_force is not None and _has_letters(session, round_row, in_force.number):
        return NextStep(
            Message("Letters are made. When all is settled, the competition can be archived."),
            "organiser.archive",
            Message("Archive"),
        )
    if in_force is not None:
        return NextStep(
            Message("The results are released. Letters to teams can be made."),
            "organiser.letters",
            Message("Letters and public page"),
        )
    if not chairs:
        return NextStep(
            Message("There is no chair: nobody can calibrate the scores and sign the results."),
            "organiser.people",
            Message("Invite a chair."),
        )
    names = Listed(chairs, in_prose=True)
    if any(release.state == PROPOSED for release in releases):
        return NextStep(Message("A release is proposed and waits for signatures. Chairs: {names}.", names=names))
    if not calibration_runs.runs_of(session, round_row):
        return NextStep(
            Message(
                "A chair calibrates the scores, decides on the shortlist, and releases the results. Chairs: {names}.",
                names=names,
            )
        )
    return NextStep(
        Message("A chair decides on the shortlist, proposes the release, and signs it. Chairs: {names}.", names=names)
    )


def _has_letters(session: Session, round_row: tables.Round, number: int) -> bool:
    made = (
        select(tables.TeamLetters.id)
        .join(tables.Release, col(tables.Release.id) == col(tables.TeamLetters.release_id))
        .where(tables.Release.round_id == round_row.pk, tables.Release.number == number)
    )
    return session.exec(made).first() is not None


def next_step_of(session: Session, competition_key: str, round_row: tables.Round) -> NextStep | None:
    """Return `next_step` of a competition by its key; the caller has checked the role."""
    row = session.exec(select(tables.Competition).where(tables.Competition.key == competition_key)).one()
    return next_step(session, row, round_row)
