"""The PostgreSQL role of the service: it may insert and select facts, and change no table, no trigger and no fact.

The migrations run as the owner of the tables, with another URL. The owner can switch triggers off; this role cannot.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from judging.services.audit.stored_rows import APPEND_ONLY, PERSONAL
from judging.tables.types import metadata

_ROLE = re.compile(r"[a-z_][a-z0-9_]{0,62}")
# The worker's engine keeps tables of its own there, which can be lost without harm.
_JOBS_SCHEMA = "judging_jobs"


def grants_for(role: str) -> Iterator[str]:
    """Yield the statements that give a role its rights; they may be executed again.

    Raises
    ------
    ValueError
        When the name of the role is none that needs no quotes.
    """
    if not _ROLE.fullmatch(role):
        raise ValueError(f"{role!r} is no plain name of a role: use small letters, digits and underscores")
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}"
    yield f"GRANT USAGE ON SCHEMA public TO {role}"
    yield f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}"
    yield f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}"
    yield f"GRANT INSERT ON {', '.join(APPEND_ONLY)} TO {role}"
    changed = sorted(set(metadata.tables) - {*APPEND_ONLY, "audit_head"})
    yield f"GRANT INSERT, UPDATE, DELETE ON {', '.join(changed)} TO {role}"
    yield f"GRANT UPDATE ON audit_head TO {role}"
    # The triggers admit a change only in a row that was named before.
    for table, columns in PERSONAL.items():
        yield f"GRANT UPDATE ({', '.join(columns)}) ON {table} TO {role}"
    yield f"CREATE SCHEMA IF NOT EXISTS {_JOBS_SCHEMA} AUTHORIZATION {role}"
