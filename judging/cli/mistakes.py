"""Which exceptions of a command are a mistake or an outage, and the line that says what to do about it."""

import os
import sys

from judging.errors import JudgingError, NotFound

_DISK = "Look at the folder, its owner and the room on the disk."


def mistake_in(error: Exception) -> str | None:
    """Return one line for an error that whoever typed the command can mend; None for a fault of this program."""
    if isinstance(error, UnicodeDecodeError):
        return "The file is not a text file in UTF-8. Save it as UTF-8, or give the file that was meant."
    if isinstance(error, OSError) and error.filename is not None:
        return f"{os.fsdecode(error.filename)}: {_reason(error)}."
    # SQLAlchemy and Alembic take long to import: who has not loaded them has no error of theirs.
    if "alembic" in sys.modules and (text := _migration_mistake(error)):
        return text
    return _database_mistake(error) if "sqlalchemy" in sys.modules else None


def missing_in(error: JudgingError) -> str | None:
    """Return the line for a key that is not in the database, with the competitions that are; None for another error."""
    if not isinstance(error, NotFound) or str(error) != str(NotFound.default):
        return None
    from sqlmodel import select

    from judging import tables
    from judging.cli import database

    with database.opened(read_only=True) as session:
        keys = session.exec(select(tables.Competition.key).order_by(tables.Competition.key)).all()
    known = f"The competitions are {', '.join(keys)}" if keys else "It has no competition yet"
    return f"A key that you gave is not in the database {database.settings().database_label}. {known}."


def _reason(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file or folder"
    if isinstance(error, PermissionError):
        return f"user {os.getuid()} may not do this there. Run it as the owner, or name another place"
    if isinstance(error, IsADirectoryError):
        return "this is a folder; give a file"
    if isinstance(error, NotADirectoryError):
        return "a part of this path is a file, not a folder"
    return f"{error.strerror}. {_DISK.rstrip('.')}"


def _migration_mistake(error: Exception) -> str | None:
    from alembic.util.exc import CommandError

    if not isinstance(error, CommandError):
        return None
    return (
        f"The database cannot be migrated: {error}. A newer version of the service may have written it: start that one."
    )


def _database_mistake(error: Exception) -> str | None:
    from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError

    from judging import db

    if isinstance(error, ArgumentError | NoSuchModuleError):
        return "DATABASE_URL is no address of a database: write postgresql://user:password@host/name."
    if not isinstance(error, DatabaseError):
        return None
    cause = " ".join(str(error.orig).split())
    if getattr(error.orig, "sqlite_errorname", "") == "SQLITE_NOTADB":
        return "The file of the database is no SQLite database. Name the right data folder, or restore a back-up."
    if getattr(error.orig, "sqlite_errorname", "").startswith("SQLITE_CORRUPT"):
        return "The file of the database is damaged. Stop the service and restore a back-up: judging restore FILE."
    if not db.is_outage(error):
        return None
    advice = _DISK if hasattr(error.orig, "sqlite_errorname") else "Look whether its server runs, and at DATABASE_URL."
    return f"The database cannot be used: {cause.rstrip('.?')}. Nothing was stored. {advice}"
