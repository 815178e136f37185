"""A real mail server, for the tests of sending."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from config import Smtp
from tests.support.programs.mail import Mailbox, running_mail_server


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def server(mailbox: Mailbox, tmp_path: Path) -> Iterator[Smtp]:
    with running_mail_server(mailbox, tmp_path) as settings:
        yield settings
