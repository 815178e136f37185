"""Import scores: check them against rubric and roster, then append them as versions of scoresheets.

A scoresheet that its judge has touched is the judge's own: no file changes it.

A row never overwrites. The stored scores with those of the file form the next version of the scoresheet. Rows equal
to the stored scores have no effect, so importing a file twice is the same as importing it once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlmodel import Session

from judging import tables
from judging.competition import RoundRules
from judging.errors import Conflict, Listed, Message
from judging.incoming_tables.complaints import Complaints
from judging.schemas.roster_rows import FileRow
from judging.schemas.scoresheets import SheetContent
from judging.services.access import Actor
from judging.services.assignments.assigning import assign_pairs, find_assignments
from judging.services.assignments.permitted import PermittedPairs
from judging.services.competitions.roster import CompetitionRoster
from judging.services.imports.appending import append_imported, is_same
from judging.services.imports.assignments import check_judge_and_proposal
from judging.services.imports.import_report import MOST_CHANGES_LISTED, Change, ImportOutcome, ImportSheet
from judging.services.scoresheets.versions import (
    Version,
    assignments_with_own_sheets,
    current_scoresheets,
)

_STATES = {"draft": Message("not open yet"), "open": Message("open"), "closed": Message("closed")}


@dataclass(slots=True)
class _FileSheet:
    """The rows of the file about one judge and one proposal."""

    row: int
    rows: list[int] = field(default_factory=list)
    scores: dict[str, float] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)
    comment: str | None = None
    scored_at: datetime | None = None

    def merged_with(self, stored: SheetContent) -> SheetContent:
        """Return the stored scoresheet with the values of the file replacing its own."""
        return replace(
            stored,
            scores={**stored.scores, **self.scores},
            comments={**stored.comments, **self.comments},
            comment=stored.comment if self.comment is None else self.comment,
        )


def require_open(round_row: tables.Round | None) -> tables.Round:
    """Return the round of the scores, or raise Conflict when it is not open."""
    if round_row is None:
        raise Conflict(Message("Choose the round that these scores belong to."))
    if round_row.state != "open":
        raise Conflict(
            Message(
                "Scores can be imported into an open round only, and round {round} is {state}.",
                round=round_row.key,
                state=_STATES[round_row.state],
            )
        )
    return round_row


def check_rows(
    session: Session,
    sheet: ImportSheet,
    roster: CompetitionRoster,
    in_file: Mapping[str, frozenset[str]],
    complaints: Complaints,
    *,
    round_row: tables.Round,
    rules: RoundRules,
    at: datetime,
) -> None:
    """Complain about scores that are invalid, repeated, of unknown people, or leave a scoresheet incomplete."""
    stored = _stored(session, round_row)
    assignments = find_assignments(session, round_row)
    touched = assignments_with_own_sheets(session, round_row.pk)
    permitted: PermittedPairs | None = None
    own_sheets = {pair for pair, row in assignments.items() if row.id in touched}
    inactive = {pair: row for pair, row in assignments.items() if row.state in ("recused", "withdrawn")}
    only_criterion = _only_criterion(rules)
    # A score that cannot be read is wrong once: that its sheet lacks it is no cause of its own.
    unread = {
        (row["judge"], row["proposal"])
        for row in sheet.rows
        if row.get("score") is None and (sheet.name, row.number) in complaints.by_row
    }
    city_of_team = {team.id: team.city for team in roster.teams.values()}
    for row in sheet.rows:
        check_judge_and_proposal(row.number, row["judge"], row["proposal"], sheet, roster, in_file, complaints)
        _check_cities(row, sheet, roster, city_of_team, complaints)
        if row.get("score") is None:
            continue
        key = row.get("criterion") or only_criterion
        if key is None:
            text = Message("this round has several criteria: {known}", known=Listed(rules.rubric.keys))
            complaints.add(sheet.name, row.number, "criterion", text)
            continue
        scale = rules.rubric.criterion(key).scale
        if not scale.contains(row["score"]):
            text = Message(
                "{score} is not on the scale of `{criterion}`: {minimum} to {maximum} in steps of {step}",
                score=f"{row['score']:g}",
                criterion=key,
                minimum=f"{scale.minimum:g}",
                maximum=f"{scale.maximum:g}",
                step=f"{scale.step:g}",
            )
            complaints.add(sheet.name, row.number, row.column, text)
    for (judge_key, proposal_key), file_sheet in _grouped(sheet, only_criterion, at).items():
        judge, proposal = roster.judges.get(judge_key), roster.proposals.get(proposal_key)
        pair = (judge.pk, proposal.pk) if judge and proposal else None
        if pair in inactive:
            text = Message("{judge} no longer scores {proposal}", judge=judge_key, proposal=proposal_key)
            complaints.add(sheet.name, file_sheet.row, "judge", text)
        elif (
            judge is not None
            and proposal is not None
            and (pair not in assignments or proposal.withdrawn_at is not None)
        ):
            # What judges have scored is a fact, however many they were; a conflict of interest closes the pair. Of an
            # assignment that is active, it has been closed already.
            permitted = permitted or PermittedPairs.of(session, round_row, at_most=False)
            if refusal := permitted.refusal(judge, proposal):
                complaints.add(sheet.name, file_sheet.row, "judge", refusal)
        before = stored.get(pair) if pair else None
        merged = file_sheet.merged_with(before.sheet if before else SheetContent())
        if pair in own_sheets and before is not None and not is_same(before, merged):
            text = Message(
                "{judge} has scored {proposal} in the service: only {judge} can change that scoresheet",
                judge=judge_key,
                proposal=proposal_key,
            )
            for number in file_sheet.rows:
                complaints.add(sheet.name, number, "judge", text)
        missing = rules.rubric.missing(merged.scores)
        if missing and (judge_key, proposal_key) not in unread:
            text = Message(
                "no score of {judge} for {proposal} on: {criteria}",
                judge=judge_key,
                proposal=proposal_key,
                criteria=Listed(missing),
            )
            complaints.add(sheet.name, file_sheet.row, "criterion", text)


def _check_cities(
    row: FileRow,
    sheet: ImportSheet,
    roster: CompetitionRoster,
    city_of_team: Mapping[int | None, str],
    complaints: Complaints,
) -> None:
    judge, proposal = roster.judges.get(row["judge"]), roster.proposals.get(row["proposal"])
    known: dict[str, str | None] = {}
    if judge is not None:
        known["judge_city"] = judge.city
    if proposal is not None:
        known["category"] = proposal.category
        known["proposal_city"] = city_of_team.get(proposal.team_id)
    for column, value in known.items():
        if value is not None and row.get(column) not in (None, value):
            text = Message("the roster says {known}, the file says {given}", known=value, given=row[column])
            complaints.add(sheet.name, row.number, column, text)


def store_scores(
    session: Session,
    actor: Actor,
    sheet: ImportSheet,
    roster: CompetitionRoster,
    *,
    round_row: tables.Round,
    rules: RoundRules,
    at: datetime,
    confirmed_by: int | None = None,
    filename: str | None = None,
) -> ImportOutcome:
    """Append the file's scores; missing assignments are created. See ``append_imported``."""
    file_sheets = _grouped(sheet, _only_criterion(rules), at)
    assignments = find_assignments(session, round_row)
    pairs = [(roster.judges[judge], roster.proposals[proposal]) for judge, proposal in file_sheets]
    created = assign_pairs(session, round_row, pairs, assignments, source="import", at=at)
    assignments.update(created)
    stored = _stored(session, round_row)
    sheets: dict[int, SheetContent] = {}
    scored_at: dict[int, datetime] = {}
    changes: list[Change] = []
    n_new = n_changed = 0
    for (judge, proposal), file_sheet in zip(pairs, file_sheets.values(), strict=True):
        pair = (judge.pk, proposal.pk)
        number = assignments[pair].pk
        before = stored.get(pair)
        sheets[number] = file_sheet.merged_with(before.sheet if before else SheetContent())
        if file_sheet.scored_at is not None:
            scored_at[number] = file_sheet.scored_at
        if before is None:
            n_new += 1
        elif not is_same(before, sheets[number], "draft" if confirmed_by is None else "submitted"):
            n_changed += 1
            changes += _changes(f"{judge.key} · {proposal.key}", before.sheet, sheets[number])
    append_imported(
        session,
        actor,
        round_row.pk,
        sheets.items(),
        scored_at=scored_at,
        at=at,
        confirmed_by=confirmed_by,
        entered_from=filename,
    )
    notes = [Message("{n} assignments were missing and are made by these scores", n=len(created))] if created else []
    n_future = sum(row.get("scored_at") is not None and row["scored_at"] > at for row in sheet.rows)
    if n_future:
        notes.append(Message("{n} times are still to come and are left out", n=n_future))
    if confirmed_by is None and n_new + n_changed:
        notes.append(Message("They count when another organiser or a chair has confirmed them."))
    return ImportOutcome(
        "scores",
        n_new,
        n_changed,
        len(file_sheets) - n_new - n_changed,
        tuple(changes[:MOST_CHANGES_LISTED]),
        tuple(notes),
    )


def _only_criterion(rules: RoundRules) -> str | None:
    return rules.rubric.keys[0] if len(rules.rubric.keys) == 1 else None


def _grouped(sheet: ImportSheet, only_criterion: str | None, at: datetime) -> dict[tuple[str, str], _FileSheet]:
    """Return the file's values by judge and proposal, in the file's order.

    A judge without any score or comment on a proposal has handed in nothing. A time that is still to come is left out.
    """
    grouped: dict[tuple[str, str], _FileSheet] = {}
    for row in sheet.rows:
        if row.get("score") is None and row.get("comment") is None:
            continue
        file_sheet = grouped.setdefault((row["judge"], row["proposal"]), _FileSheet(row.number))
        file_sheet.rows.append(row.number)
        key = row.get("criterion") or only_criterion
        if key is not None and row.get("score") is not None:
            file_sheet.scores[key] = row["score"]
        if row.get("comment") is not None:
            if row.get("criterion") is None:
                file_sheet.comment = row["comment"]
            else:
                file_sheet.comments[row["criterion"]] = row["comment"]
        scored_at = row.get("scored_at")
        if scored_at is not None and scored_at <= at:
            file_sheet.scored_at = scored_at
    return grouped


def _stored(session: Session, round_row: tables.Round) -> dict[tuple[int, int], Version]:
    current = current_scoresheets(session, round_row.pk)
    return {(scoresheet.judge_id, scoresheet.proposal_id): scoresheet.version for scoresheet in current}


def _changes(what: str, before: SheetContent, after: SheetContent) -> list[Change]:
    return [
        Change(what, criterion, f"{before.scores[criterion]:g}" if criterion in before.scores else "", f"{value:g}")
        for criterion, value in after.scores.items()
        if before.scores.get(criterion) != value
    ]
