"""The project's own Python environment, ``.venv``: exactly the packages of the lock files.

A minimal Debian has no ensurepip, so ``python3 -m venv`` fails there, and its pip refuses to install outside an
environment. Therefore the environment is created without pip, and the caller's pip installs into it with ``--python``.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from setup.progress import Stop, show_detail, step

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
RUNTIME_LOCK = ROOT / "requirements.lock"
TEST_LOCK = ROOT / "requirements-test.lock"

# Settings of the caller that would add other packages to .venv or install ours elsewhere.
_FOREIGN = (
    *("PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP", "PYTHONUSERBASE", "VIRTUAL_ENV"),
    *("PIP_DRY_RUN", "PIP_PREFIX", "PIP_PYTHON", "PIP_REQUIRE_VIRTUALENV", "PIP_ROOT", "PIP_TARGET", "PIP_USER"),
)
_UNREACHABLE = (
    *("Max retries exceeded", "NameResolutionError", "NewConnectionError", "Temporary failure in name resolution"),
    *("ProxyError", "ReadTimeoutError", "SSLError", "No matching distribution found", "ConnectionError"),
)


def environment(**extra: str) -> dict[str, str]:
    """Return the caller's environment variables without those that affect ``.venv``, plus ``extra``."""
    return {name: value for name, value in os.environ.items() if name not in _FOREIGN} | extra


def ensure(*locks: Path) -> None:
    """Install the packages of the lock files into ``.venv``; does nothing when they are installed.

    A stamp file for each lock, written last, marks a finished installation. The environment is created again when the
    stamp of the runtime lock is missing or when the file ``unfinished`` shows that an installation was interrupted.
    """
    unfinished = VENV / "unfinished"
    with _exclusive_lock():
        if not _is_installed(RUNTIME_LOCK) or unfinished.exists() or not PYTHON.exists():
            _create()
        for lock in locks:
            if not _is_installed(lock):
                unfinished.touch()
                _install(lock)
                _stamp(lock).write_text(_digest(lock))
                unfinished.unlink()


def _stamp(lock: Path) -> Path:
    return VENV / f"{lock.stem}.stamp"


def _digest(lock: Path) -> str:
    # The digest includes the interpreter: after an upgrade of Python the installed packages are for the wrong version.
    return hashlib.sha256(lock.read_bytes() + f"{sys.version}{sys.base_prefix}{VENV}".encode()).hexdigest()


def _is_installed(lock: Path) -> bool:
    stamp = _stamp(lock)
    return stamp.exists() and stamp.read_text() == _digest(lock)


@contextmanager
def _exclusive_lock() -> Iterator[None]:
    """Make a second set-up in the same folder wait for the first."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _create() -> None:
    try:
        if VENV.exists():
            shutil.rmtree(VENV)
        with step("Making a Python environment in .venv"):
            subprocess.run([_base_python(), "-m", "venv", "--without-pip", VENV], env=environment(), check=True)
    except PermissionError as error:
        raise Stop(f"{error.filename} belongs to somebody else: remove it, or run this as its owner.") from error
    except subprocess.CalledProcessError as error:
        raise Stop(f"Python could not make an environment in {VENV} (exit code {error.returncode}).") from error


def _base_python() -> str:
    # With .venv activated, the interpreter that runs is in the folder that has just been removed.
    if Path(sys.prefix) != VENV:
        return sys.executable
    return f"{sys.base_prefix}/bin/python{sys.version_info.major}.{sys.version_info.minor}"


def _install(lock: Path) -> None:
    command = [
        *(_python_with_pip(), "-m", "pip", "--python", str(PYTHON), "install"),
        *("--require-hashes", "--only-binary", ":all:", "--requirement", str(lock)),
        *_offline(),
        *("--no-input", "--progress-bar", "off", "--root-user-action", "ignore", "--disable-pip-version-check"),
    ]
    n_packages = sum("==" in line for line in lock.read_text().splitlines())
    output: list[str] = []
    with step(f"Installing {n_packages} packages of {lock.name}"):
        pip = subprocess.Popen(
            command,
            env=environment(PYTHONUNBUFFERED="1"),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        with pip:
            for line in pip.stdout or ():
                output.append(line.rstrip())
                if line.startswith(("Collecting", "Installing")):
                    show_detail(line.split(" (")[0].strip())
        show_detail("")
    if pip.returncode:
        raise Stop(_failure_text(output, lock))


def _offline() -> tuple[str, ...]:
    """Return the options for a machine without a network: packages come from the folder of ``JUDGING_WHEELS`` only."""
    folder = os.environ.get("JUDGING_WHEELS", "")
    if not folder:
        return ()
    if not Path(folder).is_dir():
        raise Stop(f"JUDGING_WHEELS is {folder!r}: there is no such folder.")
    return "--no-index", "--find-links", str(Path(folder).absolute())


def _failure_text(output: list[str], lock: Path) -> str:
    tail = "\n".join(f"  pip: {line}" for line in output[-6:])
    if folder := os.environ.get("JUDGING_WHEELS"):
        return (
            f"The folder {folder} of JUDGING_WHEELS has not all packages of {lock.name} for this Python. Fill it on a "
            f"machine of the same kind: docs/operating.md, Without a network.\n{tail}"
        )
    if any(sign in line for line in output for sign in _UNREACHABLE):
        reason = (
            "The package registry cannot be reached, or does not have what the lock file names. Check the network; "
            "where a mirror is used, set PIP_INDEX_URL to it. Then run the same command again."
        )
    else:
        reason = f"pip could not install {lock.name}. Run the same command again; nothing half installed is kept."
    return f"{reason}\n{tail}"


def _python_with_pip() -> str:
    # The caller's virtual environment may have no pip, but its base Python may.
    for python in (sys.executable, f"{sys.base_prefix}/bin/python3", shutil.which("python3") or sys.executable):
        finished = subprocess.run(
            [python, "-m", "pip", "--version"], env=environment(), capture_output=True, check=False
        )
        if finished.returncode == 0:
            return python
    raise Stop("This Python has no pip. On Debian: apt-get install python3-pip")
