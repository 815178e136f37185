"""``judging copy-database``: copy the whole database into an empty one, from SQLite to PostgreSQL for example."""

import argparse

from judging.cli import database
from judging.errors import JudgingError


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "target",
        metavar="URL",
        help="of an empty database: postgresql://user@host/name (the password in PGPASSWORD or ~/.pgpass), or "
        "sqlite:////path/of/a/new.db",
    )


def run(arguments: argparse.Namespace) -> int:
    """Copy, verify, and print the numbers of rows; nothing stays in the target when anything is wrong."""
    from datetime import UTC, datetime

    from judging import db
    from judging.backup import row_copying
    from judging.services.jobs import heartbeats
    from judging.services.proposal_files.kept_contents import digests_in_use

    own = database.settings()
    _require_address(arguments.target, own.database_url)
    with database.connected() as source_engine:
        with db.transaction(source_engine, read_only=True) as session:
            if heartbeats.is_any_alive(session, at=datetime.now(UTC)):
                raise JudgingError(
                    "A worker of the service is running, or ended less than half a minute ago. Stop service and "
                    "worker first: what is stored during the copy would be lost."
                )
            n_files = len(digests_in_use(session))
        target_engine = db.create_engine_for(arguments.target)
        try:
            db.upgrade(arguments.target)
            with row_copying.one_state(source_engine) as source, db.transaction(target_engine) as session:
                counts = row_copying.copy_rows(source, session.connection())
                if faults := row_copying.faults_of(session.connection()):
                    raise JudgingError("\n".join([*faults, "The copy is not whole; nothing of it was stored."]))
        finally:
            target_engine.dispose()
    for name, number in counts.items():
        if number:
            print(f"{number:>10,}  {name}")
    print(f"{sum(counts.values()):>10,}  rows in all. The audit log of the copy is whole.")
    if n_files:
        print(
            f"{n_files} decks and videos stay in {own.files_dir}: JUDGING_FILES_DIR must name that folder, or a copy."
        )
    print("Now set DATABASE_URL to the new database, for service, worker and commands. JUDGING_SECRET_KEY stays.")
    return 0


def _require_address(target: str, source: str) -> None:
    """Raise JudgingError unless a text is the address of another database of SQLite or PostgreSQL."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        shown, backend = make_url(target).render_as_string(hide_password=True), make_url(target).get_backend_name()
    except (ArgumentError, ValueError):
        # What cannot be read may have a password anywhere.
        shown, backend = "this", ""
    if backend not in ("sqlite", "postgresql", "postgres"):
        raise JudgingError(
            f"{shown} is no address of a database: write postgresql://user@host/name or sqlite:////path/of/a/new.db."
        )
    if make_url(target) == make_url(source):
        raise JudgingError("This is the database of the installation itself: name another one.")
