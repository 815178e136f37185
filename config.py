"""The settings of this installation, read once from environment and data folder, and immutable.

Every setting has a default that is safe on one machine, except the secret key: with a known key a session could be
forged, so the service does not start without one. ``python3 run.py`` creates a key and stores it in the data directory.
"""

import ipaddress
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import settings_file

ROOT = Path(__file__).resolve().parent
SECOND_FACTOR_POLICIES = ("off", "optional", "required")
WEBHOOK_PRIVATE = ("refuse", "allow")
SMTP_SECURITY = ("STARTTLS", "TLS", "NONE")
REPORTS_SECURITY = ("TLS", "STARTTLS")
MOST_REPORT_MINUTES = 1440
MOST_REMOVAL_DAYS = 90
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_ADDRESS = re.compile(r"[!-?A-~]+@[!-;=?A-~]+")


class ConfigError(Exception):
    """A setting is missing or invalid; the text names it and says what to set instead."""


@dataclass(frozen=True, kw_only=True)
class Smtp:
    """The SMTP server for outgoing e-mail."""

    host: str
    port: int = 587
    user: str = ""
    password: str = field(default="", repr=False)
    sender: str = ""
    return_path: str = ""
    security: str = "starttls"
    ca_file: str = ""


@dataclass(frozen=True, kw_only=True)
class ReportMailbox:
    """The mailbox, over IMAP, to which mail servers report that a message was not delivered."""

    host: str
    port: int = 993
    user: str = ""
    password: str = field(default="", repr=False)
    security: str = "tls"
    ca_file: str = ""
    folder: str = "INBOX"
    done_folder: str = ""
    minutes: int = 5


@dataclass(frozen=True, kw_only=True)
class SingleSignOn:
    """The OpenID Connect provider at which invited people may sign in."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Config:
    """The settings of one installation. Secrets are excluded from its ``repr`` and therefore from every log."""

    secret_key: str = field(repr=False)
    database_url: str = field(repr=False)
    data_dir: Path
    rubrics_dir: Path = ROOT / "rubrics"
    host: str = "127.0.0.1"
    port: int = 8000
    base_url: str = "http://127.0.0.1:8000"
    files_url: str = ""
    trusted_hosts: tuple[str, ...] = ()
    cookie_secure: bool = False
    proxy_count: int = 0
    workers: int = 2
    threads: int = 8
    max_upload_bytes: int = 10_000_000
    files_path: Path | None = None
    max_deck_bytes: int = 40_000_000
    max_video_bytes: int = 500_000_000
    head_seconds: int = 10
    body_seconds: int = 20
    requests_per_person: int = 2
    person_share_percent: int = 20
    versions_per_minute: int = 60
    least_free_megabytes: int = 200
    session_idle_hours: int = 336
    session_hours: int = 720
    confirmation_minutes: int = 10
    removal_days: int = 7
    second_factor: str = "optional"
    webhook_private: str = "refuse"
    log_level: str = "INFO"
    smtp: Smtp | None = None
    report_mailbox: ReportMailbox | None = None
    single_sign_on: SingleSignOn | None = None
    audit_key_path: Path | None = None

    @property
    def database_label(self) -> str:
        """Return the address of the database without user and password, for a person to read."""
        scheme, _, rest = self.database_url.partition("://")
        return rest[1:] if scheme == "sqlite" else f"{scheme}://{rest.rpartition('@')[2]}"

    @property
    def files_dir(self) -> Path:
        """Return the folder of decks and videos; several machines share it."""
        return self.files_path or self.data_dir / "files"

    @property
    def audit_key_file(self) -> Path:
        """Return the file with the key that signs heads of the audit log."""
        return self.audit_key_path or self.data_dir / "audit-head.key"


def from_environ(environ: Mapping[str, str] = os.environ) -> Config:
    """Read the settings from ``JUDGING_*`` and ``DATABASE_URL``, and what is not set there from the data folder.

    Raises
    ------
    ConfigError
        For the first setting that is missing or invalid.
    """
    data_dir = settings_file.data_folder(environ, ROOT)
    try:
        environ = settings_file.complete(environ, data_dir)
    except settings_file.SettingsFileError as error:
        raise ConfigError(str(error)) from error
    secret_key = environ.get("JUDGING_SECRET_KEY", "")
    if len(secret_key) < 32:
        state = "is too short" if secret_key else "is not set"
        raise ConfigError(
            f"JUDGING_SECRET_KEY {state}: sign-ins are signed with it. The data folder {data_dir} has no key either: "
            "name the folder of your service (--data-dir, or JUDGING_DATA_DIR), or start one there with python3 run.py "
            "run, which makes a key and keeps it. With a process manager, set 32 or more random characters, the same "
            "for every process (python3 -c 'import secrets; print(secrets.token_urlsafe(48))')."
        )
    host, port = environ.get("JUDGING_HOST") or Config.host, _port(environ)
    base_url = (environ.get("JUDGING_BASE_URL") or settings_file.address(host, port)).rstrip("/")
    base_host = _host_of(base_url)
    return Config(
        secret_key=secret_key,
        database_url=_database_url(environ, data_dir),
        data_dir=data_dir,
        rubrics_dir=Path(environ.get("JUDGING_RUBRICS_DIR") or Config.rubrics_dir).absolute(),
        host=host,
        port=port,
        base_url=base_url,
        files_url=_files_url(environ, base_url),
        trusted_hosts=_trusted_hosts(environ, base_host),
        # With https, the cookie must never be sent over http; with http, a browser never returns a Secure cookie.
        cookie_secure=_flag(environ, "JUDGING_COOKIE_SECURE", default=base_url.startswith("https:")),
        proxy_count=_number(environ, "JUDGING_PROXY_COUNT", Config.proxy_count),
        workers=_from_one(environ, "JUDGING_WORKERS", Config.workers),
        threads=_from_one(environ, "JUDGING_THREADS", Config.threads),
        max_upload_bytes=_number(environ, "JUDGING_MAX_UPLOAD_BYTES", Config.max_upload_bytes),
        files_path=Path(path).absolute() if (path := environ.get("JUDGING_FILES_DIR", "")) else None,
        max_deck_bytes=_number(environ, "JUDGING_MAX_DECK_BYTES", Config.max_deck_bytes),
        max_video_bytes=_number(environ, "JUDGING_MAX_VIDEO_BYTES", Config.max_video_bytes),
        head_seconds=_number(environ, "JUDGING_HEAD_SECONDS", Config.head_seconds),
        body_seconds=_number(environ, "JUDGING_BODY_SECONDS", Config.body_seconds),
        requests_per_person=_number(environ, "JUDGING_REQUESTS_PER_PERSON", Config.requests_per_person),
        person_share_percent=_number(environ, "JUDGING_PERSON_SHARE_PERCENT", Config.person_share_percent),
        versions_per_minute=_number(environ, "JUDGING_VERSIONS_PER_MINUTE", Config.versions_per_minute),
        least_free_megabytes=_number(environ, "JUDGING_LEAST_FREE_MEGABYTES", Config.least_free_megabytes),
        session_idle_hours=_from_one(environ, "JUDGING_SESSION_IDLE_HOURS", Config.session_idle_hours),
        session_hours=_from_one(environ, "JUDGING_SESSION_HOURS", Config.session_hours),
        confirmation_minutes=_from_one(environ, "JUDGING_CONFIRMATION_MINUTES", Config.confirmation_minutes),
        removal_days=_removal_days(environ),
        second_factor=_one_of(environ, "JUDGING_SECOND_FACTOR", SECOND_FACTOR_POLICIES, default=Config.second_factor),
        webhook_private=_one_of(environ, "JUDGING_WEBHOOK_PRIVATE", WEBHOOK_PRIVATE, default=Config.webhook_private),
        log_level=_one_of(environ, "JUDGING_LOG_LEVEL", LOG_LEVELS, default=Config.log_level),
        smtp=_smtp(environ, sender_host=base_host),
        report_mailbox=_report_mailbox(environ),
        audit_key_path=Path(path).absolute() if (path := environ.get("JUDGING_AUDIT_KEY_FILE", "")) else None,
        single_sign_on=_single_sign_on(environ),
    )


def exposure(hosts: Iterable[str], *, proxy_count: int) -> str | None:
    """Return a warning when the service listens to other machines and no proxy is declared, otherwise None."""
    open_hosts = sorted({host for host in hosts if not _is_loopback(host)})
    if proxy_count or not open_hosts:
        return None
    return (
        f"The service listens on {', '.join(open_hosts)} and no proxy is declared (JUDGING_PROXY_COUNT is 0). Other "
        "machines reach it without https. Put a buffering proxy in front of it: docs/operating.md, Behind a proxy."
    )


def _database_url(environ: Mapping[str, str], data_dir: Path) -> str:
    """Return the address of the database; a relative path of SQLite is one below the project, for every process."""
    url = environ.get("DATABASE_URL") or f"sqlite:///{data_dir / 'judging.db'}"
    scheme, is_url, rest = url.partition("://")
    if not is_url or scheme.partition("+")[0] not in ("sqlite", "postgres", "postgresql"):
        raise ConfigError(
            "DATABASE_URL is no address of a database: write postgresql://user:password@host/name, or "
            "sqlite:////path/of/judging.db."
        )
    if scheme == "sqlite" and rest[:1] == "/" and rest[1:2] not in ("", "/", ":") and not rest.startswith("/file:"):
        return f"sqlite:///{ROOT / rest[1:]}"
    return url


def _host_of(base_url: str) -> str:
    complaint = ConfigError(
        f"JUDGING_BASE_URL is {base_url!r}: give the address people type, https://judging.example.org"
    )
    try:
        parts = urlsplit(base_url)
        # Both are computed when they are asked for, and refuse what is no port and no host.
        host = parts.hostname if parts.scheme in ("http", "https") and parts.port != 0 else None
    except ValueError as error:
        raise complaint from error
    if not host:
        raise complaint
    return host


def _port(environ: Mapping[str, str]) -> int:
    port = _number(environ, "JUDGING_PORT", Config.port)
    if not 1 <= port <= 65535:
        raise ConfigError(f"JUDGING_PORT is {port}: give a number from 1 to 65535.")
    return port


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _trusted_hosts(environ: Mapping[str, str], base_host: str) -> tuple[str, ...]:
    """Return the names under which the service answers: those that are set, or that of the base address.

    The names of this machine for itself belong to them: monitoring asks there. A list that is empty means any name; so
    does a base address with an IPv6 number, because Werkzeug cannot compare one.
    """
    listed = tuple(host.strip() for host in environ.get("JUDGING_TRUSTED_HOSTS", "").split(",") if host.strip())
    if listed or ":" in base_host:
        return listed
    return tuple(dict.fromkeys((base_host, "localhost", "127.0.0.1")))


def _files_url(environ: Mapping[str, str], base_url: str) -> str:
    """Return the origin of uploaded files, with scheme and host; empty when it is the main host."""
    text = environ.get("JUDGING_FILES_URL", "").strip().rstrip("/")
    if not text:
        return ""
    parts, base = urlsplit(text), urlsplit(base_url)
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not host or ":" in host or text != f"{parts.scheme}://{parts.netloc}":
        raise ConfigError(
            f"JUDGING_FILES_URL is {text!r}: give scheme and host alone, https://judging-files.example.net"
        )
    if "@" in parts.netloc or text != text.lower():
        raise ConfigError(f"JUDGING_FILES_URL is {text!r}: give the host in small letters, without a user.")
    # Another port is another origin, but it gets the same cookies.
    if host == base.hostname:
        raise ConfigError(
            f"JUDGING_FILES_URL is {text!r} and JUDGING_BASE_URL is {base_url!r}: give files a host name of their own; "
            "another port is not enough, because cookies are sent to every port of a host."
        )
    if base.scheme == "https" and parts.scheme != "https":
        raise ConfigError(f"JUDGING_FILES_URL is {text!r}: pages over https show no files over http. Give https.")
    return text


def _smtp(environ: Mapping[str, str], *, sender_host: str) -> Smtp | None:
    host = environ.get("JUDGING_SMTP_HOST")
    if not host:
        return None
    security = _one_of(environ, "JUDGING_SMTP_SECURITY", SMTP_SECURITY, default="STARTTLS").lower()
    if security == "none" and not _is_loopback(host):
        raise ConfigError(
            "JUDGING_SMTP_SECURITY is NONE and JUDGING_SMTP_HOST is another machine: sign-in links would travel "
            "unencrypted. Give STARTTLS or TLS, or a mail server on this machine."
        )
    sender = environ.get("JUDGING_SMTP_SENDER") or f"judging@{sender_host}"
    if not _ADDRESS.fullmatch(sender):
        raise ConfigError(f"JUDGING_SMTP_SENDER is {sender!r}: give one e-mail address, without a name.")
    return_path = environ.get("JUDGING_SMTP_RETURN_PATH", "")
    if return_path and not _ADDRESS.fullmatch(return_path):
        raise ConfigError(f"JUDGING_SMTP_RETURN_PATH is {return_path!r}: give one e-mail address, without a name.")
    return Smtp(
        host=host,
        port=_number(environ, "JUDGING_SMTP_PORT", 465 if security == "tls" else Smtp.port),
        user=environ.get("JUDGING_SMTP_USER", ""),
        password=environ.get("JUDGING_SMTP_PASSWORD", ""),
        sender=sender,
        return_path=return_path,
        security=security,
        ca_file=environ.get("JUDGING_SMTP_CA_FILE", ""),
    )


def _report_mailbox(environ: Mapping[str, str]) -> ReportMailbox | None:
    host = environ.get("JUDGING_REPORTS_HOST")
    if not host:
        return None
    if not environ.get("JUDGING_SMTP_HOST"):
        raise ConfigError("JUDGING_REPORTS_HOST is set, but JUDGING_SMTP_HOST is not: without it, nothing is sent.")
    security = _one_of(environ, "JUDGING_REPORTS_SECURITY", REPORTS_SECURITY, default="TLS").lower()
    for name in ("JUDGING_REPORTS_USER", "JUDGING_REPORTS_PASSWORD"):
        if not environ.get(name):
            raise ConfigError(f"JUDGING_REPORTS_HOST is set, but {name} is not: a mailbox needs a login.")
    folders = {name: environ.get(name, "").strip() for name in ("JUDGING_REPORTS_FOLDER", "JUDGING_REPORTS_DONE")}
    for name, folder in folders.items():
        if not (folder.isascii() and (folder.isprintable() or not folder)) or '"' in folder or "\\" in folder:
            raise ConfigError(f"{name} is {folder!r}: give the name of a folder in ASCII, without quotation marks.")
    minutes = _from_one(environ, "JUDGING_REPORTS_MINUTES", ReportMailbox.minutes)
    if minutes > MOST_REPORT_MINUTES:
        raise ConfigError(f"JUDGING_REPORTS_MINUTES is {minutes}: give at most {MOST_REPORT_MINUTES}, one day.")
    return ReportMailbox(
        host=host,
        port=_number(environ, "JUDGING_REPORTS_PORT", 143 if security == "starttls" else ReportMailbox.port),
        user=environ["JUDGING_REPORTS_USER"],
        password=environ["JUDGING_REPORTS_PASSWORD"],
        security=security,
        ca_file=environ.get("JUDGING_REPORTS_CA_FILE", ""),
        folder=folders["JUDGING_REPORTS_FOLDER"] or ReportMailbox.folder,
        done_folder=folders["JUDGING_REPORTS_DONE"],
        minutes=minutes,
    )


def _single_sign_on(environ: Mapping[str, str]) -> SingleSignOn | None:
    issuer = environ.get("JUDGING_OIDC_ISSUER", "")
    if not issuer:
        return None
    try:
        parts = urlsplit(issuer)
    except ValueError as error:
        raise ConfigError(f"JUDGING_OIDC_ISSUER is {issuer!r}: give the https address of the provider.") from error
    if parts.scheme != "https" and not _is_loopback(parts.hostname or ""):
        raise ConfigError(f"JUDGING_OIDC_ISSUER is {issuer!r}: give the https address that the provider names itself.")
    names = ("JUDGING_OIDC_CLIENT_ID", "JUDGING_OIDC_CLIENT_SECRET")
    missing = [name for name in names if not environ.get(name)]
    if missing:
        raise ConfigError(f"JUDGING_OIDC_ISSUER is set, but {missing[0]} is not: the provider gives you both.")
    return SingleSignOn(
        issuer=issuer,
        client_id=environ["JUDGING_OIDC_CLIENT_ID"],
        client_secret=environ["JUDGING_OIDC_CLIENT_SECRET"],
        name=environ.get("JUDGING_OIDC_NAME", "").strip() or str(parts.hostname),
    )


def _number(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name, "").strip()
    if not text:
        return default
    if not (text.isascii() and text.isdigit()):
        raise ConfigError(f"{name} is {text!r}: give a whole number, 0 or more.")
    return int(text)


def _from_one(environ: Mapping[str, str], name: str, default: int) -> int:
    number = _number(environ, name, default)
    if not 1 <= number <= 100_000:
        raise ConfigError(f"{name} is {number}: give a whole number from 1 to 100000.")
    return number


def _removal_days(environ: Mapping[str, str]) -> int:
    days = _from_one(environ, "JUDGING_REMOVAL_DAYS", Config.removal_days)
    if days > MOST_REMOVAL_DAYS:
        raise ConfigError(f"JUDGING_REMOVAL_DAYS is {days}: give at most {MOST_REMOVAL_DAYS}.")
    return days


def _flag(environ: Mapping[str, str], name: str, *, default: bool) -> bool:
    values = {"": default, "1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    text = environ.get(name, "").strip().lower()
    if text not in values:
        raise ConfigError(f"{name} is {text!r}: give 1 or 0.")
    return values[text]


def _one_of(environ: Mapping[str, str], name: str, choices: tuple[str, ...], *, default: str) -> str:
    text = environ.get(name, "").strip() or default
    chosen = next((choice for choice in choices if choice.upper() == text.upper()), None)
    if chosen is None:
        raise ConfigError(f"{name} is {text!r}: give one of {', '.join(choices)}.")
    return chosen
