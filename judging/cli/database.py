"""The database of the command line: the one that the environment names, as for the service."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from judging.errors import JudgingError

if TYPE_CHECKING:
    from sqlmodel import Session

    from config import Config
    from judging.services.mail.mailer import Mailer

_BEHIND = (
    "This database has not the tables of this version. If it is the one you mean: judging migrate. "
    "Which one is used, DATABASE_URL and JUDGING_DATA_DIR say; that of the demo is in var/demo."
)


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


@contextmanager
def opened(*, read_only: bool = False) -> Iterator[Session]:
    """Yield a session on the installation's database; commit at the end, roll back when the command fails.

    Raises
    ------
    JudgingError
        When the database lacks migrations: it is new, or another one than was meant.
    """
    from judging import db

    engine = db.create_engine_for(settings().database_url)
    try:
        with engine.connect() as connection:
            if db.is_behind(connection):
                raise JudgingError(_BEHIND)
        with db.transaction(engine, read_only=read_only) as session:
            yield session
    finally:
        engine.dispose()
