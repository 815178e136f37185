"""Releases of results: fixed by one digest, signed by two chairs, changed only by a new release."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session, select

from judging import tables
from judging.calibration.report.hiding import closed_rank
from judging.errors import Conflict, InvalidInput, Message, NotFound
from judging.schemas.webhooks import RELEASED
from judging.services import audit
from judging.services.access import READERS, Actor, get_round, require_confirmed, require_person
from judging.services.competitions.definitions import definition_of
from judging.services.competitions.numbering import next_number
from judging.services.consents import require_other_mailbox, require_signer
from judging.services.decisions.asking import tell_chairs
from judging.services.mail.mailer import Mailer
from judging.services.releases.candidate import candidate_of
from judging.services.releases.content import Content, digest_of_content
from judging.services.releases.in_force import list_signed
from judging.services.releases.states import IN_FORCE, PROPOSED, STALE, ReleaseStatus, releases_of
from judging.services.runs import calibration_runs
from judging.services.webhooks.deliveries import tell

LONGEST_REASON = 500


@dataclass(frozen=True, eq=False, kw_only=True)
class ReleaseBasis:
    """What a proposal or a signature is decided on, for the chair who asks.

    Attributes
    ----------
    competition_key, round_key : str
    releases : tuple of ReleaseStatus
        Newest first.
    candidate : Content or None
    obstacles : tuple of Message
        See ``ReleasePage``.
    newest_change : int
        Of the audit log; see ``audit.newest_change``.
    """

    competition_key: str
    round_key: str
    releases: tuple[ReleaseStatus, ...]
    candidate: Content | None
    obstacles: tuple[Message, ...]
    newest_change: int


def collect_basis(session: Session, actor: Actor, competition_key: str, round_key: str) -> ReleaseBasis:
    """Return what a proposal or a signature is decided on; a reading session is enough."""
    competition_row, row = get_round(session, actor, competition_key, round_key, "chair")
    definition = definition_of(competition_row)
    newest_change = audit.newest_change(session, competition_row.pk, row.key)
    candidate, obstacles = candidate_of(session, actor, competition_row, row, definition)
    return ReleaseBasis(
        competition_key=competition_key,
        round_key=round_key,
        releases=releases_of(session, competition_row, row, definition),
        candidate=candidate,
        obstacles=obstacles,
        newest_change=newest_change,
    )


def propose_release(
    session: Session,
    actor: Actor,
    basis: ReleaseBasis,
    *,
    run_number: int,
    reason: str,
    at: datetime,
    mailer: Mailer | None = None,
) -> tables.Release:
    """Store a run with the present decisions and awards as a release for the chairs to sign.

    Raises
    ------
    Conflict
        When the round is not closed, the run is not the newest that follows the rules or its scores have changed,
        proposals are tied at the cut-off, or nothing would change.
    InvalidInput
        Without a reason, when results have been released before.
    """
    competition_row, row = _unchanged(session, actor, basis)
    proposer = require_person(
        actor, Message("A release records the name of the person who proposed it: sign in as a chair.")
    )
    content, releases = basis.candidate, basis.releases
    if basis.obstacles:
        raise Conflict(basis.obstacles[0])
    if content is None or content["run"] != run_number:
        raise Conflict(Message("Run {number} is not the newest run of this round.", number=run_number))
    newest = releases[0] if releases else None
    digest = digest_of_content(content)
    if newest is not None and newest.digest == digest and newest.state in (IN_FORCE, PROPOSED):
        raise Conflict(Message("Release {number} says the same already.", number=newest.number))
    run = calibration_runs.get_run(session, actor, basis.competition_key, basis.round_key, run_number)
    release = tables.Release(
        round_id=row.pk,
        number=next_number(session, tables.Release, row),
        calibration_run_id=run.pk,
        content=content,
        digest=digest,
        reason=_checked_reason(reason, needed=any(earlier_release.state == IN_FORCE for earlier_release in releases)),
        proposed_at=at,
        proposed_by=proposer,
    )
    session.add(release)
    session.flush()
    detail = {"digest": release.digest, "run": run_number}
    audit.record_in_round(
        session, actor, "release.proposed", competition_row, row, f"release {release.number}", at=at, detail=detail
    )
    tell_chairs(session, mailer, actor, "signature_waits", competition_row, row, number=release.number, at=at)
    return release


def sign_release(
    session: Session, actor: Actor, basis: ReleaseBasis, number: int, *, digest: str, at: datetime
) -> ReleaseStatus:
    """Sign a release for one's own city, by the digest of the displayed content; the last signature puts it in force.

    Raises
    ------
    ConfirmationNeeded
        When the actor has not confirmed with a second factor lately, and must.
    Conflict
        When the digest differs, the release is not open for signatures, its content has changed since it was proposed,
        or the city's chair has signed already.
    """
    competition_row, row = _unchanged(session, actor, basis)
    require_confirmed(actor)
    definition = definition_of(competition_row)
    release = _get(basis.releases, number)
    if release.state not in (PROPOSED, STALE):
        raise Conflict(Message("Release {number} no longer waits for signatures.", number=number))
    if digest != release.digest:
        raise Conflict(
            Message("This is not the digest of release {number}. Read it again before you sign.", number=number)
        )
    if release.changed:
        raise Conflict(
            Message(
                "Release {number} can no longer be signed. {changes} Propose a new release.",
                number=number,
                changes=_joined(release.changed),
            )
        )
    stored = session.exec(
        select(tables.Release).where(tables.Release.round_id == row.id, tables.Release.number == number)
    ).one()
    signers = session.exec(select(tables.Signature.person_id).where(tables.Signature.release_id == stored.id)).all()
    agreement = require_signer(
        actor, competition_row, definition, [signature.city for signature in release.signatures], by=signers
    )
    require_other_mailbox(session, agreement.person_id, by=signers)
    session.add(
        tables.Signature(
            release_id=stored.pk,
            person_id=agreement.person_id,
            city=agreement.city,
            digest=stored.digest,
            signed_at=at,
            sign_in_session_id=actor.session_id,
            confirmed_by=actor.confirmed_by,
        )
    )
    session.flush()
    signed = next(release for release in list_signed(session, definition, row) if release.row.id == stored.id)
    state = IN_FORCE if signed.required.is_complete else PROPOSED
    audit.record_in_round(
        session,
        actor,
        "release.in_force" if state == IN_FORCE else "release.signed",
        competition_row,
        row,
        f"release {number}",
        at=at,
        detail={
            "digest": stored.digest,
            "city": agreement.city,
            "session": actor.session_id,
            "confirmed_by": actor.confirmed_by,
        },
    )
    if state == IN_FORCE:
        facts = {"release": number, "digest": stored.digest, "run": stored.content["run"]}
        facts |= {name: stored.content[name] for name in ("input_digest", "rules_digest", "result_digest")}
        tell(session, RELEASED, competition_row, row, at=at, content=facts)
    return replace(release, state=state, signatures=signed.signatures, required=signed.required)


def _unchanged(session: Session, actor: Actor, basis: ReleaseBasis) -> tuple[tables.Competition, tables.Round]:
    """Return the locked round, if nothing that the basis was made of has changed since."""
    competition_row, row = get_round(session, actor, basis.competition_key, basis.round_key, "chair")
    session.refresh(row, with_for_update={"key_share": True})
    if audit.newest_change(session, competition_row.pk, row.key) != basis.newest_change:
        raise Conflict(
            Message("Something in this competition changed at the same moment. Look again before you go on.")
        )
    return competition_row, row


def list_releases(session: Session, actor: Actor, competition_key: str, round_key: str) -> tuple[ReleaseStatus, ...]:
    """Return the releases of a round, newest first."""
    competition_row, row = get_round(session, actor, competition_key, round_key, *READERS)
    return releases_of(session, competition_row, row, definition_of(competition_row))


def shown(content: Content, hidden: Collection[str]) -> Content:
    """Return a content without hidden proposals; ranks count the visible ones, as in ``report.hiding``."""
    if not hidden:
        return content

    def visible(keys: list[str]) -> list[str]:
        return [key for key in keys if key not in hidden]

    ranking = content["ranking"]
    gaps = sorted(entry["rank"] for entry in ranking if entry["proposal"] in hidden and entry["rank"] is not None)
    shortlist = {name: visible(part) if isinstance(part, list) else part for name, part in content["shortlist"].items()}
    return {
        **content,
        "ranking": [
            {**entry, "rank": closed_rank(entry["rank"], gaps)}
            for entry in content["ranking"]
            if entry["proposal"] not in hidden
        ],
        "decisions": [entry for entry in content["decisions"] if entry["proposal"] not in hidden],
        "awards": [{**entry, "winners": visible(entry["winners"])} for entry in content["awards"]],
        "shortlist": shortlist,
    }


def _get(releases: Sequence[ReleaseStatus], number: int) -> ReleaseStatus:
    release_found = next((release for release in releases if release.number == number), None)
    if release_found is None:
        raise NotFound(Message("This round has no release {number}.", number=number))
    return release_found


def _joined(messages: Sequence[Message]) -> Message:
    """Return several sentences as one message that can be translated."""
    first, *rest = messages
    return Message("{sentence} {rest}", sentence=first, rest=_joined(rest)) if rest else first


def _checked_reason(reason: str, *, needed: bool) -> str:
    reason = " ".join(reason.split())
    if needed and not reason:
        raise InvalidInput({"reason": Message("Results have been released before: say why they change.")})
    if len(reason) > LONGEST_REASON:
        raise InvalidInput({"reason": Message("At most {n} characters.", n=LONGEST_REASON)})
    return reason
