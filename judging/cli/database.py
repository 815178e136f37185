"""The database of the command line: the one that the environment names, as for the service."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from judging.errors import JudgingError

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlmodel import Session

    from config import Config
    from judging.services.mail.mailer import Mailer


def settings() -> Config:
    """Return the settings of this installation."""
    import config

    try:
        return config.from_environ()
    except config.ConfigError as error:
        raise JudgingError(str(error)) from error


def mailer() -> Mailer | None:
    """Return the mailer of this installation; None when no mail server is named."""
    from judging.services.mail.mailer import mailer_of

    own = settings()
    if own.smtp is None:
        return None
    return mailer_of(secret_key=own.secret_key, sender=own.smtp.sender, base_url=own.base_url)


def url() -> str:
    """Return the address of the database; raise JudgingError when it is an SQLite file that does not exist.

    SQLite would make an empty file: a stray database beside the one that was meant.
    """
    own = settings()
    scheme, _, path = own.database_url.partition(":///")
    if scheme == "sqlite" and not path.startswith("file:") and not Path(path).exists():
        raise JudgingError(
            f"There is no database {path}. Name the data folder of your service: judging --data-dir FOLDER ..., or "
            "JUDGING_DATA_DIR. For a new database: judging migrate."
        )
    return own.database_url


@contextmanager
def opened(*, read_only: bool = False) -> Iterator[Session]:
    """Yield a session on the installation's database; commit at the end, roll back when the command fails.

    Raises
    ------
    JudgingError
        As ``connected``.
    """
    from judging import db

    with connected() as engine, db.transaction(engine, read_only=read_only) as session:
        yield session


@contextmanager
def connected() -> Iterator[Engine]:
    """Yield an engine of the installation's database.

    Raises
    ------
    JudgingError
        When there is no such database, or it lacks migrations: it is new, or another one than was meant.
    """
    from judging import db

    engine = db.create_engine_for(url())
    try:
        with engine.connect() as connection:
            if db.is_behind(connection):
                raise JudgingError(_behind(settings().database_label))
        yield engine
    finally:
        engine.dispose()


def _behind(address: str) -> str:
    return (
        f"This database has not the tables of this version: {address}. If it is the one you mean: judging migrate. "
        "If not, name the data folder of your service: judging --data-dir FOLDER ..., or JUDGING_DATA_DIR."
    )
