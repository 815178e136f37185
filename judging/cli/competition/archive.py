"""``judging archive``: archive a competition, take it out again, remove the personal data of its people."""

import argparse
from datetime import UTC, datetime

from judging.cli import database


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("competition", metavar="COMPETITION", help="key of the competition")
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--reason", metavar="TEXT", help="archive it, for this reason")
    action.add_argument("--put-back", metavar="REASON", help="take it out of the archive, for this reason")
    action.add_argument(
        "--remove-personal-data",
        metavar="KEY",
        help="replace names and addresses for good; KEY is the key of the competition once more",
    )
    parser.add_argument(
        "--keep",
        metavar="EMAIL",
        action="append",
        default=[],
        help="with --remove-personal-data: somebody who keeps the account, to read the archive; may be repeated",
    )


def run(arguments: argparse.Namespace) -> int:
    """Do it; without an option, say whether it is archived and what a removal would do."""
    at, key = datetime.now(UTC), arguments.competition
    if arguments.remove_personal_data is not None:
        return _remove(key, arguments.remove_personal_data, arguments.keep)
    if arguments.reason is None and arguments.put_back is None:
        return _show(key)
    from judging.services.access import operator
    from judging.services.competitions import archiving

    with database.opened() as session:
        if arguments.reason is not None:
            archiving.archive(session, operator(), key, reason=arguments.reason, at=at, mailer=database.mailer())
        else:
            archiving.put_back(session, operator(), key, reason=arguments.put_back, at=at)
    print("Archived: nothing in it is changed any more." if arguments.reason is not None else "No longer archived.")
    return 0


def _show(key: str) -> int:
    from judging.services.access import get_competition, operator
    from judging.services.personal_data import preview

    with database.opened(read_only=True) as session:
        row = get_competition(session, operator(), key)
        if row.archived_at is None:
            print("Not archived.")
            return 0
        print(f"Archived on {row.archived_at:%Y-%m-%d}: {row.archived_reason}")
        if row.personal_data_removed_at is not None:
            print(f"Personal data were removed on {row.personal_data_removed_at:%Y-%m-%d}.")
            return 0
        seen = preview.preview_removal(session, operator(), key)
    print(
        f"A removal of personal data would replace the names of {seen.n_people} people, {seen.n_judges} judges and "
        f"{seen.n_teams} teams, also in {seen.n_entries} entries of the log, and remove {seen.n_files} decks and "
        f"videos and the texts of {seen.n_letters} letters. {seen.n_scoresheets} scoresheets, {seen.n_comments} "
        f"comments and {seen.n_kept} accounts stay."
    )
    return 0


def _remove(key: str, typed: str, emails: list[str]) -> int:
    from judging import db
    from judging.services.access import operator
    from judging.services.personal_data import removing

    def now() -> datetime:
        return datetime.now(UTC)

    with database.connected() as engine:
        with db.transaction(engine, read_only=True) as session:
            kept = removing.people_with(session, emails)
            removal = removing.prepare_removal(session, operator(), key, typed=typed, at=now(), kept=kept)
            session.expunge_all()
        last = 0
        while True:
            with db.transaction(engine) as session:
                reached = removing.replace_in_entries(session, operator(), removal, after=last, at=now())
            if reached is None:
                break
            last = reached
        for step in (removing.replace_in_facts, removing.replace_in_rosters):
            with db.transaction(engine) as session:
                step(session, operator(), removal, at=now())
        with db.transaction(engine) as session:
            numbers = removing.finish_removal(session, operator(), removal, after=last, at=now())
    print(
        f"Removed: the names of {numbers['people']} people, {numbers['judges']} judges and {numbers['teams']} teams. "
        "Back-ups from before still have them."
    )
    return 0
