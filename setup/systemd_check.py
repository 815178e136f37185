"""Boot a machine with the units of ``deploy/``: ``python -m setup.systemd_check [--keep FOLDER]``, as root.

The tests boot nothing, so this is run by hand after a change of a unit. It makes a fresh Debian in a folder, does there
what docs/operating.md says under "With systemd", boots it with ``systemd-nspawn``, without a network and with a folder
of wheels, ends processes, makes a copy, and boots it again. Needs debootstrap and systemd-container.
"""

from __future__ import annotations

import argparse
import json
import re
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from setup import debian_folder
from setup.environment import ROOT
from setup.progress import Stop, step

_HOME = "srv/judging"
_UNITS = ("judging", "judging-work", "judging-backup.timer")
_HEALTH = "import urllib.request; print(urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=5).status)"
_COMMAND = (
    *("systemd-run", "--quiet", "--uid=judging", "-p", "EnvironmentFile=/etc/judging.env"),
    *("-p", f"WorkingDirectory=/{_HOME}", "--pipe", "--wait", f"/{_HOME}/.venv/bin/python", "-m", "judging"),
)
"""How docs/operating.md runs a command of ``judging``."""


class Machine:
    """A booted container; commands run in all of its namespaces."""

    def __init__(self, folder: Path, leader: int) -> None:
        self.folder = folder
        self._leader = leader

    def run(self, *command: str) -> str:
        """Run a command; raise Stop with its output when it fails."""
        done = self.try_to(*command)
        if done.returncode:
            raise Stop(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout.strip()

    def try_to(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command, whether or not it succeeds."""
        inside = ["nsenter", "--all", "--target", str(self._leader), "--", *command]
        return subprocess.run(inside, capture_output=True, text=True, check=False, env={"PATH": "/usr/sbin:/usr/bin"})

    def wait_for(self, what: str, *command: str, expected: str, seconds: float = 90.0) -> None:
        """Repeat a command until it prints what is expected, with the time that it took."""
        end = time.monotonic() + seconds
        with step(what):
            while (done := self.try_to(*command)).stdout.strip() != expected:
                if time.monotonic() > end:
                    log = self.try_to("journalctl", "--no-pager", "--lines=40").stdout
                    raise Stop(f"{' '.join(command)} printed {done.stdout}{done.stderr}\n{log}")
                time.sleep(0.2)

    def wait_until_healthy(self, what: str) -> None:
        """Wait until service and worker are active, and the service says that it is well."""
        self.wait_for(what, "systemctl", "is-active", *_UNITS, expected="active\nactive\nactive")
        self.wait_for("  /healthz answers", "python3", "-c", _HEALTH, expected="200")


def main() -> int:
    """Try it; print each step with its seconds, and return 1 when something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m setup.systemd_check")
    parser.add_argument("--keep", type=Path, help="the folder for the machine, which stays afterwards")
    options = parser.parse_args()
    try:
        debian_folder.require("debootstrap", "systemd-nspawn", "nsenter")
        with tempfile.TemporaryDirectory() as temporary:
            _check(options.keep or Path(temporary) / "machine")
    except Stop as stop:
        print(f"\n{stop}")
        return 1
    print("All well.")
    return 0


def _check(folder: Path) -> None:
    debian_folder.make(folder, *debian_folder.PYTHON_PACKAGES, "systemd", "systemd-sysv", "dbus")
    debian_folder.copy_project(folder / _HOME)
    debian_folder.fetch_wheels(folder / "srv/wheels")
    with _booted(folder) as machine:
        for line in documented_commands():
            with step(line):
                machine.run("env", "JUDGING_WHEELS=/srv/wheels", "sh", "-ec", f"cd /{_HOME}\n{line}")
            if "/etc/judging.env" in line:
                _set_secret(folder / "etc/judging.env")
        machine.wait_until_healthy("The three units are active")
        _require_user(machine)
        for unit in ("judging", "judging-work"):
            machine.run("systemctl", "kill", "--kill-whom=main", "--signal=KILL", unit)
            machine.wait_for(
                f"{unit} is started again after kill -9",
                *("systemctl", "show", "--value", "--property=NRestarts", unit),
                expected="1",
            )
            machine.wait_until_healthy("  and active")
        with step("A command as documented: setup-link"):
            link = machine.run(*_COMMAND, "setup-link").splitlines()[-1]
        if not re.fullmatch(r"https://judging\.example\.org/set-up/\S{43}", link):
            raise Stop(f"It printed {link}")
        with step("judging-backup.service makes a checked copy"):
            machine.run("systemctl", "start", "judging-backup.service")
        _require_copy(folder / "var/backups/judging")
        with step("judging.service stops"):
            machine.run("systemctl", "stop", "judging", "judging-work")
        _require_clean_log(machine)
    with _booted(folder) as machine:
        machine.wait_until_healthy("After the next boot the three units are active, without a hand")


def documented_commands() -> list[str]:
    """Return the commands of docs/operating.md, "With systemd", without comments."""
    section = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8").split("\n## With systemd\n")[1]
    return [line.split("  #")[0].strip() for line in section.split("```")[1].strip().splitlines()]


@contextmanager
def _booted(folder: Path) -> Iterator[Machine]:
    command = ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--private-network"]
    process = subprocess.Popen(
        [*command, "--directory", str(folder), "--boot"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        machine = Machine(folder, _leader_of(process))
        machine.wait_for("The machine boots", "systemctl", "is-active", "multi-user.target", expected="active")
        yield machine
    finally:
        # What systemd-nspawn takes as the wish for an orderly power-off.
        process.terminate()
        try:
            process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()


def _leader_of(process: subprocess.Popen[str]) -> int:
    """Return the number of the first process of a container, as this machine counts."""
    end = time.monotonic() + 30
    while time.monotonic() < end and process.poll() is None:
        for child in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split():
            status = Path(f"/proc/{child}/status").read_text()
            if re.search(r"NSpid:\t\d+\t1\n", status):
                return int(child)
        time.sleep(0.1)
    output = process.communicate()[0] if process.poll() is not None else "It made no first process."
    raise Stop(f"systemd-nspawn could not start the machine:\n{output}")


def _set_secret(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("JUDGING_SECRET_KEY=\n", f"JUDGING_SECRET_KEY={secrets.token_urlsafe(48)}\n"))


def _require_user(machine: Machine) -> None:
    for unit in ("judging", "judging-work"):
        main_process = machine.run("systemctl", "show", "--value", "--property=MainPID", unit)
        user = machine.run("stat", "--format=%U", f"/proc/{main_process}")
        if user != "judging":
            raise Stop(f"{unit} runs as {user}.")


def _require_copy(folder: Path) -> None:
    copies = [path for path in folder.iterdir() if (path / "copy.json").exists()]
    if len(copies) != 1 or json.loads((copies[0] / "copy.json").read_text())["faults"]:
        raise Stop(f"In {folder}: {[path.name for path in folder.iterdir()]}")


def _require_clean_log(machine: Machine) -> None:
    """Raise Stop when a line of service or worker is no JSON, or tells of an error; both were killed on purpose."""
    log = machine.run("journalctl", "--no-pager", "--output=json", "--unit=judging", "--unit=judging-work")
    for entry in map(json.loads, log.splitlines()):
        # Lines of systemd itself are not of the programs.
        if entry.get("_COMM") == "systemd" or entry.get("SYSLOG_IDENTIFIER") == "systemd":
            continue
        try:
            line = json.loads(entry["MESSAGE"])
        except (json.JSONDecodeError, TypeError) as error:
            raise Stop(f"A line of the log is no JSON: {entry['MESSAGE']}") from error
        if line.get("level") in ("error", "critical"):
            raise Stop(f"The log tells of an error: {entry['MESSAGE']}")


if __name__ == "__main__":
    sys.exit(main())
