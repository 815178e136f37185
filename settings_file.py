"""The settings that a data folder keeps for itself, in its file ``settings.env``.

Service, worker and commands that are given the same data folder read the same file, so that they use one database and
print links with one address. A variable of the environment counts before a line of the file. The format is that of an
``EnvironmentFile`` of systemd: ``NAME=VALUE`` in each line, ``#`` before a comment, quotes around a value if you like.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path

FILE_NAME = "settings.env"
SECRET_NAME = "secret-key"  # noqa: S105 - the name of a file
NAMES = (
    *("DATABASE_URL", "JUDGING_AUDIT_KEY_FILE", "JUDGING_BASE_URL", "JUDGING_BODY_SECONDS"),
    *("JUDGING_CONFIRMATION_MINUTES", "JUDGING_COOKIE_SECURE", "JUDGING_FILES_DIR", "JUDGING_FILES_URL"),
    *("JUDGING_HEAD_SECONDS", "JUDGING_HOST", "JUDGING_LEAST_FREE_MEGABYTES", "JUDGING_LOG_LEVEL"),
    *("JUDGING_MAX_DECK_BYTES", "JUDGING_MAX_UPLOAD_BYTES", "JUDGING_MAX_VIDEO_BYTES", "JUDGING_OIDC_CLIENT_ID"),
    *("JUDGING_OIDC_CLIENT_SECRET", "JUDGING_OIDC_ISSUER", "JUDGING_OIDC_NAME", "JUDGING_PERSON_SHARE_PERCENT"),
    *("JUDGING_PORT", "JUDGING_PROXY_COUNT", "JUDGING_REMOVAL_DAYS", "JUDGING_REPORTS_CA_FILE", "JUDGING_REPORTS_DONE"),
    *("JUDGING_REPORTS_FOLDER", "JUDGING_REPORTS_HOST", "JUDGING_REPORTS_MINUTES", "JUDGING_REPORTS_PASSWORD"),
    *("JUDGING_REPORTS_PORT", "JUDGING_REPORTS_SECURITY", "JUDGING_REPORTS_USER", "JUDGING_REQUESTS_PER_PERSON"),
    *("JUDGING_RUBRICS_DIR", "JUDGING_SECOND_FACTOR", "JUDGING_SECRET_KEY", "JUDGING_SESSION_HOURS"),
    *("JUDGING_SESSION_IDLE_HOURS", "JUDGING_SMTP_CA_FILE", "JUDGING_SMTP_HOST", "JUDGING_SMTP_PASSWORD"),
    *("JUDGING_SMTP_PORT", "JUDGING_SMTP_RETURN_PATH", "JUDGING_SMTP_SECURITY", "JUDGING_SMTP_SENDER"),
    *("JUDGING_SMTP_USER", "JUDGING_THREADS", "JUDGING_TRUSTED_HOSTS", "JUDGING_VERSIONS_PER_MINUTE"),
    *("JUDGING_WEBHOOK_PRIVATE", "JUDGING_WORKERS"),
)
"""Every setting that the file may hold; the data folder itself is named by ``JUDGING_DATA_DIR`` or ``--data-dir``."""

REMEMBERED = ("DATABASE_URL", "JUDGING_BASE_URL", "JUDGING_HOST", "JUDGING_PORT")
"""What ``run.py run`` writes into the file: without these, a command would use another database or another address."""

_LINE = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)")
_HEAD = (
    "# Settings of this data folder: docs/operating.md, Settings. A variable of the environment counts before them.\n"
)


class SettingsFileError(Exception):
    """The file of a data folder cannot be read, or a line is wrong; the text names it and says what would be right."""


def complete(environ: Mapping[str, str], data_dir: Path) -> dict[str, str]:
    """Return the variables of the environment, completed by the file and the secret key of a data folder.

    Raises
    ------
    SettingsFileError
        For the first line that is wrong, or a file that this user may not read.
    """
    completed = {**read(data_dir), **environ}
    if not completed.get("JUDGING_SECRET_KEY") and (secret := _text_of(data_dir / SECRET_NAME).strip()):
        completed["JUDGING_SECRET_KEY"] = secret
    return completed


def read(data_dir: Path) -> dict[str, str]:
    """Return the settings of the file; none when there is no file."""
    path = data_dir / FILE_NAME
    found: dict[str, str] = {}
    for number, line in enumerate(_text_of(path).splitlines(), start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        match = _LINE.fullmatch(text)
        if match is None:
            raise SettingsFileError(f"{path}:{number}: {text!r} is no setting: write NAME=VALUE.")
        name, value = match[1], match[2]
        if name not in NAMES:
            raise SettingsFileError(
                f"{path}:{number}: {name} is no setting of this file: docs/operating.md lists them."
            )
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        found[name] = value
    return found


def keep(data_dir: Path, values: Mapping[str, str]) -> None:
    """Write settings into the file of a data folder, each in its line; comments and other lines stay.

    Raises
    ------
    OSError
        When the file cannot be written.
    """
    path = data_dir / FILE_NAME
    before = read(data_dir)
    changed = {name: value for name, value in values.items() if before.get(name) != value}
    if not changed:
        return
    lines = _text_of(path).splitlines(keepends=True) or [_HEAD]
    kept = [line for line in lines if (match := _LINE.match(line.strip())) is None or match[1] not in changed]
    if not kept[-1:] or not kept[-1].endswith("\n"):
        kept.append("\n")
    kept += [f"{name}={value}\n" for name, value in changed.items()]
    unfinished = path.with_suffix(".unfinished")
    unfinished.touch(mode=0o600)
    unfinished.write_text("".join(kept), encoding="utf-8")
    unfinished.replace(path)


def address(host: str, port: int) -> str:
    """Return the address to open on this machine for a service that listens there."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104 - compared, not bound
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"


def data_folder(environ: Mapping[str, str], root: Path) -> Path:
    """Return the data folder that the environment names, or ``var`` in the project."""
    return Path(environ.get("JUDGING_DATA_DIR") or root / "var").absolute()


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except NotADirectoryError as error:
        raise SettingsFileError(f"{path.parent} is a file: give the data folder itself.") from error
    except UnicodeDecodeError as error:
        raise SettingsFileError(f"{path} is not a text file in UTF-8.") from error
    except OSError as error:
        who = f"user {os.getuid()}"
        raise SettingsFileError(f"{path} cannot be read by {who}: {error.strerror}. Run this as its owner.") from error
