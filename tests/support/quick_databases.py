"""What makes tests with databases quick, for as long as a process tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from judging.services.authentication import password_hashes
from tests.support import snapshots
from tests.support.compiled_statements import kept
from tests.support.remembered_checks import remembering


@contextmanager
def quick(shared: Path | None) -> Iterator[None]:
    """Compute the model check of the same fit once, compile a statement once, and hash passwords cheaply.

    Parameters
    ----------
    shared : Path or None
        A folder in which the processes that test at once keep what tests store first; None for a process alone.
    """
    if shared is not None:
        snapshots.share(shared)
    with remembering(shared), kept(), pytest.MonkeyPatch.context() as patch:
        # The same kind of hash at a 32nd of the cost: hashes took a tenth of the time of all tests.
        patch.setattr(password_hashes, "METHOD", "scrypt:1024:8:1")
        yield
