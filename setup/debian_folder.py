"""A fresh Debian in a folder, the project as it is committed, and its wheels, for the checks of ``deploy/``."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from setup.environment import ROOT, RUNTIME_LOCK
from setup.progress import Stop, step

PYTHON_PACKAGES = ("python3", "python3-venv", "python3-pip", "ca-certificates")
"""What a Debian needs before ``run.py`` can make its environment."""


def require(*programs: str) -> None:
    """Raise Stop when the caller is not root, or one of the programs is missing."""
    if os.geteuid() != 0:
        raise Stop("Only root can do this: it makes a Debian in a folder, and starts it.")
    if missing := [program for program in programs if not shutil.which(program)]:
        raise Stop(f"Missing here: {', '.join(missing)}. Install the Debian packages that contain them.")


def make(folder: Path, *packages: str) -> None:
    """Make a minimal Debian of the release of this machine, with more packages, in a new folder."""
    lines = Path("/etc/os-release").read_text(encoding="utf-8").splitlines()
    release = dict(line.split("=", 1) for line in lines if "=" in line).get("VERSION_CODENAME", "stable")
    with step(f"Making a Debian ({release}) with {len(packages)} packages more"):
        _run("debootstrap", "--variant=minbase", f"--include={','.join(packages)}", release, str(folder))


def copy_project(folder: Path) -> None:
    """Copy the files that git knows, as they are now, into a folder."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, names.split("\0")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name)


def fetch_wheels(folder: Path) -> int:
    """Download the wheels of the runtime lock as docs/operating.md says; return how many there are."""
    with step("Downloading the wheels of requirements.lock"):
        _run(
            *(_python_with_pip(), "-m", "pip", "download", "--quiet", "--require-hashes", "--only-binary", ":all:"),
            *("--no-deps", "--requirement", str(RUNTIME_LOCK), "--dest", str(folder)),
        )
    return len(list(folder.glob("*.whl")))


def _python_with_pip() -> str:
    # .venv has no pip: its packages are installed from outside.
    return f"{sys.base_prefix}/bin/python{sys.version_info.major}.{sys.version_info.minor}"


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Stop(f"{command[0]} failed:\n{(done.stdout + done.stderr)[-2000:]}")
