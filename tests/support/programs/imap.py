"""A real IMAP server, Dovecot, with TLS and one mailbox: what mail servers report arrives in its files."""

from __future__ import annotations

import getpass
import grp
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from config import ReportMailbox
from tests.support.programs.mail import make_certificate
from tests.support.programs.network import free_port

USER, PASSWORD = "reports", "mailbox password"
_SECONDS = 20.0


@dataclass(frozen=True)
class Maildir:
    """The mailbox as files: a message is a file, its flags are letters at the end of its name."""

    path: Path

    @property
    def log(self) -> str:
        """Return what the server has logged."""
        return _log_of(self.path.parent)

    def deliver(self, content: bytes) -> None:
        """Put a message into the mailbox, unread."""
        number = len(list(self.path.rglob("*.report*")))
        waiting = self.path / "tmp" / f"{number}.report"
        waiting.write_bytes(content)
        waiting.rename(self.path / "new" / waiting.name)

    def flags(self, folder: str = "") -> list[str]:
        """Return the flags of each message of a folder: S is seen; those never looked at have none."""
        place = self.path / f".{folder}" if folder else self.path
        names = [one.name for part in ("new", "cur") for one in (place / part).iterdir()]
        return [name.partition(":2,")[2] for name in sorted(names, key=lambda one: int(one.partition(".")[0]))]


def _program() -> Path:
    found = shutil.which("dovecot", path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None and os.geteuid() != 0:
        pytest.skip("Dovecot is not here, and only root can install it")
    assert found is not None, "run.py test installs dovecot-imapd"
    return Path(found)


def _configuration(folder: Path, certificate: Path, port: int, plain_port: int) -> str:
    me, group = getpass.getuser(), grp.getgrgid(os.getgid()).gr_name
    # Dovecot gives nobody the rights of root; as another user than root, it runs as that user altogether.
    is_root = os.geteuid() == 0
    owner = ("nobody", "nogroup") if is_root else (me, group)
    own = (
        ""
        if is_root
        else f"default_internal_user = {me}\ndefault_login_user = {me}\ndefault_internal_group = {group}\n"
    )
    unchrooted = "" if is_root else "chroot =\n"
    return f"""
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_cert = <{certificate}
ssl_key = <{certificate}
disable_plaintext_auth = yes
mail_location = maildir:{folder}/mailbox
first_valid_uid = 1
first_valid_gid = 1
{own}
passdb {{
  driver = static
  args = password={PASSWORD.replace(" ", "-")}
}}
userdb {{
  driver = static
  args = uid={owner[0]} gid={owner[1]} home={folder}/home
}}
auth_failure_delay = 0
service anvil {{
  {unchrooted}
  # After a wrong password, whoever comes from the same address would wait for seconds.
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  {unchrooted}
  inet_listener imap {{
    port = {plain_port}
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
"""


@contextmanager
def running_imap_server() -> Iterator[tuple[Maildir, ReportMailbox, int]]:
    """Serve a mailbox; yields its files, the settings for it with TLS, and the port for STARTTLS."""
    # Its imap processes are nobody's. The folders of pytest are root's alone, and every start of pytest makes them so.
    with TemporaryDirectory(prefix="imap-") as folder, _served(Path(folder)) as running:
        yield running


@contextmanager
def _served(folder: Path) -> Iterator[tuple[Maildir, ReportMailbox, int]]:
    certificate, port, plain_port = make_certificate(folder), free_port(), free_port()
    mailbox = folder / "mailbox"
    for part in ("new", "cur", "tmp"):
        (mailbox / part).mkdir(parents=True)
    (folder / "home").mkdir()
    configuration = folder / "dovecot.conf"
    configuration.write_text(_configuration(folder, certificate, port, plain_port))
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            shutil.chown(path, "nobody", "nogroup")
    with (folder / "output").open("wb") as output:
        server = subprocess.Popen(
            [_program(), "-F", "-c", configuration], stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
        )
    try:
        _wait_for(port, server, folder)
        settings = ReportMailbox(
            host="127.0.0.1",
            port=port,
            user=USER,
            password=PASSWORD.replace(" ", "-"),
            ca_file=str(certificate),
        )
        yield Maildir(mailbox), settings, plain_port
    finally:
        server.terminate()
        server.wait(_SECONDS)


def _wait_for(port: int, server: subprocess.Popen[bytes], folder: Path) -> None:
    until = time.monotonic() + _SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1.0).close()
        except OSError:
            assert server.poll() is None, (folder / "output").read_text() + _log_of(folder)
            assert time.monotonic() < until, _log_of(folder)
            time.sleep(0.05)
        else:
            return


def _log_of(folder: Path) -> str:
    log = folder / "log"
    return log.read_text() if log.exists() else ""
