"""Import assignments: check the rows against roster and rounds, then create or reactivate assignments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from judging import tables
from judging.errors import Listed, Message
from judging.incoming_tables.complaints import Complaints
from judging.schemas.roster_rows import FileRow
from judging.services.assignments.assigning import Pair, activate, assign_pairs, find_assignments
from judging.services.assignments.permitted import PermittedPairs
from judging.services.competitions.roster import CompetitionRoster
from judging.services.imports.import_report import ImportOutcome, ImportSheet, complain_about_repeats


def check_rows(
    session: Session,
    sheet: ImportSheet,
    roster: CompetitionRoster,
    in_file: Mapping[str, frozenset[str]],
    complaints: Complaints,
    *,
    rounds: Mapping[str, tables.Round],
    chosen: tables.Round | None,
) -> None:
    """Complain about assignments of unknown judges or proposals, in unknown or closed rounds, or not permitted."""
    complain_about_repeats(sheet, ("judge", "proposal", "round"), complaints)
    permitted: dict[int, _RoundPairs] = {}
    for row in sheet.rows:
        check_judge_and_proposal(row.number, row["judge"], row["proposal"], sheet, roster, in_file, complaints)
        key = row.get("round")
        round_row = chosen if key is None else rounds.get(key)
        if round_row is None:
            text = (
                Message("choose a round with the file, or name one here: {known}", known=Listed(rounds))
                if key is None
                else Message("there is no round `{round}`; known: {known}", round=key, known=Listed(rounds))
            )
            complaints.add(sheet.name, row.number, "round", text)
        elif round_row.state == "closed":
            complaints.add(sheet.name, row.number, "round", Message("round `{round}` is closed", round=round_row.key))
        else:
            _check_pair(session, row, round_row, sheet, roster, permitted, complaints)


@dataclass(slots=True)
class _RoundPairs:
    """What speaks against pairs of a round, and its assignments."""

    permitted: PermittedPairs
    existing: Mapping[Pair, tables.Assignment]


def _check_pair(
    session: Session,
    row: FileRow,
    round_row: tables.Round,
    sheet: ImportSheet,
    roster: CompetitionRoster,
    pairs: dict[int, _RoundPairs],
    complaints: Complaints,
) -> None:
    """Complain when a new assignment is not permitted; those that are active already stay as they are."""
    judge, proposal = roster.judges.get(row["judge"]), roster.proposals.get(row["proposal"])
    if judge is None or proposal is None:
        # Both, or one of them, are new in this file; then nothing but the number of judges could speak against it.
        return
    if round_row.pk not in pairs:
        pairs[round_row.pk] = _RoundPairs(PermittedPairs.of(session, round_row), find_assignments(session, round_row))
    of_round = pairs[round_row.pk]
    existing = of_round.existing.get((judge.pk, proposal.pk))
    if existing is not None and existing.state != "withdrawn":
        return
    if refusal := of_round.permitted.refusal(judge, proposal):
        complaints.add(sheet.name, row.number, "judge", refusal)
    else:
        of_round.permitted.add(proposal)


def check_judge_and_proposal(
    number: int,
    judge: str,
    proposal: str,
    sheet: ImportSheet,
    roster: CompetitionRoster,
    in_file: Mapping[str, frozenset[str]],
    complaints: Complaints,
) -> None:
    """Complain when a row names a judge or a proposal that is neither in the roster nor in the file."""
    if judge not in roster.judges and judge not in in_file["judges"]:
        complaints.add(sheet.name, number, "judge", Message("there is no judge `{judge}`", judge=judge))
    if proposal not in roster.proposals and proposal not in in_file["proposals"]:
        complaints.add(sheet.name, number, "proposal", Message("there is no proposal `{proposal}`", proposal=proposal))


def store_assignments(
    session: Session,
    sheet: ImportSheet,
    roster: CompetitionRoster,
    *,
    rounds: Mapping[str, tables.Round],
    chosen: tables.Round | None,
    at: datetime,
) -> ImportOutcome:
    """Add assignments and reactivate withdrawn ones; recused judges remain recused."""
    pairs: dict[str, list[tuple[tables.Judge, tables.Proposal]]] = {}
    for row in sheet.rows:
        key = row.get("round") or (chosen.key if chosen is not None else "")
        pairs.setdefault(key, []).append((roster.judges[row["judge"]], roster.proposals[row["proposal"]]))
    n_new = n_changed = n_unchanged = 0
    recused: list[str] = []
    for key, requested in pairs.items():
        before = find_assignments(session, rounds[key])
        created = assign_pairs(session, rounds[key], requested, before, source="import", at=at)
        n_new += len(created)
        for judge, proposal in requested:
            assignment = before.get((judge.pk, proposal.pk))
            if assignment is None:
                continue
            if assignment.state == "withdrawn":
                activate(assignment, source="import")
                session.add(assignment)
                n_changed += 1
            else:
                n_unchanged += 1
            if assignment.state == "recused":
                recused.append(f"{judge.key} · {proposal.key}")
    session.flush()
    notes = [Message("recused by the judge, and left so: {pairs}", pairs=Listed(recused))] if recused else []
    return ImportOutcome("assignments", n_new, n_changed, n_unchanged, notes=tuple(notes))
