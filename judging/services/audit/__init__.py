"""The audit log: what was done by whom, chained by hashes, with digests of what was stored. Use ``audit.record``."""

from judging.services.audit.chain import (
    GENESIS,
    UNRECORDED,
    append,
    append_and_move_statement,
    append_many,
    record,
    record_in_round,
    values_of,
)
from judging.services.audit.changes import newest_change
from judging.services.audit.stored_rows import take
from judging.services.audit.verifying import count_without_personal_data, verify

__all__ = [
    "GENESIS",
    "UNRECORDED",
    "append",
    "append_and_move_statement",
    "append_many",
    "count_without_personal_data",
    "newest_change",
    "record",
    "record_in_round",
    "take",
    "values_of",
    "verify",
]
