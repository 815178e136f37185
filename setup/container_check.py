"""Build and run ``deploy/Containerfile``: ``python -m setup.container_check [--debian] [--runtime runc]``, as root.

The tests have no container engine, so this is run by hand after a change of the file. With ``--debian`` the image that
it starts from is made of Debian packages, for machines that reach no registry of images; then, and without it, the
Python packages come from a folder of wheels. Needs podman, and debootstrap with ``--debian``.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from setup import debian_folder
from setup.environment import ROOT
from setup.progress import Stop, step

_FILE = ROOT / "deploy" / "Containerfile"
_IMAGE = "judging-check"
_HEALTH = ("python3", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=5)")


class Podman:
    """The commands of podman, with the options of this machine."""

    def __init__(self, *options: str) -> None:
        self._options = options

    def run(self, *command: str) -> str:
        """Run a command; raise Stop with its output when it fails."""
        done = self.try_to(*command)
        if done.returncode:
            raise Stop(f"podman {' '.join(command)}:\n{(done.stdout + done.stderr)[-3000:]}")
        return done.stdout.strip()

    def try_to(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command, whether or not it succeeds."""
        return subprocess.run(
            ["podman", *self._options, *command], capture_output=True, text=True, check=False, cwd=ROOT
        )


def main() -> int:
    """Try it; print each step with its seconds, and return 1 when something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m setup.container_check")
    parser.add_argument("--debian", action="store_true", help="make the first image of Debian packages")
    parser.add_argument("--runtime", default="runc", help="what starts containers (%(default)s)")
    parser.add_argument("--storage-driver", default="vfs", help="of podman (%(default)s)")
    options = parser.parse_args()
    podman = Podman(f"--storage-driver={options.storage_driver}", f"--runtime={options.runtime}")
    try:
        debian_folder.require("podman", options.runtime, *(["debootstrap"] if options.debian else []))
        with tempfile.TemporaryDirectory() as temporary:
            if options.debian:
                _make_first_image(podman, Path(temporary) / "debian")
            _build(podman, Path(temporary))
        _remove(podman)
        try:
            _check(podman)
        finally:
            _remove(podman)
    except Stop as stop:
        print(f"\n{stop}")
        return 1
    print("All well.")
    return 0


def _make_first_image(podman: Podman, folder: Path) -> None:
    (name,) = re.findall(r"(?m)^FROM (\S+)$", _FILE.read_text(encoding="utf-8"))
    debian_folder.make(folder, *debian_folder.PYTHON_PACKAGES)
    with step(f"An image in the place of {name}"):
        subprocess.run(["tar", "-C", str(folder), "-cf", f"{folder}.tar", "."], check=True)
        podman.run("import", f"{folder}.tar", name)


def _build(podman: Podman, folder: Path) -> None:
    source, wheels = folder / "source", folder / "wheels"
    debian_folder.copy_project(source)
    debian_folder.fetch_wheels(wheels)
    with step("The image is built, with the wheels of a folder"):
        podman.run(
            *("build", "--format=docker", "--pull=missing", "--isolation=chroot", "--network=host"),
            *("--volume", f"{wheels}:/wheels:ro", "--build-arg", "JUDGING_WHEELS=/wheels"),
            *("-f", str(source / "deploy" / "Containerfile"), "-t", _IMAGE, str(source)),
        )


def _check(podman: Podman) -> None:
    with step("The container starts"):
        podman.run(
            *("run", "-d", "--name", _IMAGE, "--network=none", "-v", f"{_IMAGE}:/data", "-e", "JUDGING_PROXY_COUNT=1"),
            # Without them podman asks for more open files than this machine may give.
            *("--ulimit", "nofile=4096:4096", "--ulimit", "nproc=4096:4096"),
            *("-e", "JUDGING_BASE_URL=https://judging.example.org", _IMAGE),
        )
    _wait_until_healthy(podman)
    with step("The declared check of its health"):
        podman.run("healthcheck", "run", _IMAGE)
    user = podman.run("exec", _IMAGE, "stat", "--format=%U", "/proc/1")
    if user != "judging":
        raise Stop(f"It runs as {user}.")
    _wait_for_link(podman)
    if not podman.run("exec", _IMAGE, "sh", "-c", "ls /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"):
        raise Stop("There is no font for Chinese.")
    with step("A verified copy in the data folder"):
        command = ("exec", _IMAGE, "python3", "run.py", "judging")
        podman.run(*command, "backup", "--to", "/data/copies", "--keep", "2")
        podman.run(*command, "verify-audit")
    with step("The service is killed with -9 inside"):
        # The pattern does not find the command line of this shell itself; kill is one of the shell's own commands.
        found = "$(grep -la 'gunicor[n]' /proc/[0-9]*/cmdline | cut -d/ -f3)"
        podman.run("exec", _IMAGE, "sh", "-c", f"for number in {found}; do kill -9 $number; done")
    _wait_until_healthy(podman)
    with step("The container stops by itself"):
        podman.run("stop", "-t", "60", _IMAGE)
    if (code := podman.run("inspect", _IMAGE, "--format", "{{.State.ExitCode}}")) == "137":
        raise Stop(f"It had to be killed: exit code {code}.")
    with step("A new container with the same data"):
        podman.run("start", _IMAGE)
    _wait_until_healthy(podman)


def _wait_until_healthy(podman: Podman) -> None:
    end = time.monotonic() + 120
    with step("  /healthz answers"):
        while (done := podman.try_to("exec", _IMAGE, *_HEALTH)).returncode:
            if time.monotonic() > end:
                logs = podman.try_to("logs", _IMAGE)
                raise Stop(f"It does not answer: {done.stderr}\n{logs.stdout}{logs.stderr}")
            time.sleep(0.5)


def _wait_for_link(podman: Podman) -> None:
    """Wait until the log has the link for the first organiser, which comes after the first answer."""
    end = time.monotonic() + 60
    with step("The link for the first organiser is in the log"):
        while not re.search(
            r"https://judging\.example\.org/set-up/\S{43}\n", (log := podman.run("logs", _IMAGE)) + "\n"
        ):
            if time.monotonic() > end:
                raise Stop(f"It is not:\n{log}")
            time.sleep(0.5)


def _remove(podman: Podman) -> None:
    podman.try_to("rm", "--force", "--volumes", _IMAGE)
    podman.try_to("volume", "rm", _IMAGE)


if __name__ == "__main__":
    sys.exit(main())
