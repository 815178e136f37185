"""Column types and constraint names shared by every table."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, DateTime, Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

# Alembic can only drop or alter a constraint that has a name, and SQLite generates none.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = SQLModel.metadata


class KeyedRow(SQLModel):
    """A row with an integer key that the database assigns on insertion."""

    id: int | None = Field(default=None, primary_key=True)

    @property
    def pk(self) -> int:
        """Return the key of a stored row.

        Raises
        ------
        LookupError
            When the row has not been inserted yet: flush the session first.
        """
        if self.id is None:
            raise LookupError(f"this {type(self).__name__} has no key yet: flush the session first")
        return self.id


class UTCDateTime(TypeDecorator[datetime]):
    """A timezone-aware UTC time on every engine.

    SQLite returns naive datetimes. A naive datetime on input is a programming error and is refused.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive time and convert any other time to UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}: times are stored as aware UTC")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return every stored time as aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# One JSON type for both engines: PostgreSQL's JSONB would reorder keys, and digests are computed from the stored text.
JSONValue = JSON(none_as_null=True)
JSONObject = dict[str, Any]


def one_of(column: str, values: tuple[str, ...], *, name: str) -> CheckConstraint:
    """Return a CHECK that restricts a text column to the given values.

    Native ENUM types remain after a downgrade on PostgreSQL and then break the next upgrade; a CHECK does not.
    """
    literals = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({literals})", name=name)
