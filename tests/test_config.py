"""Settings from the environment."""

from pathlib import Path

import pytest

import config
import settings_file

SECRET = "0123456789" * 4


@pytest.fixture(autouse=True)
def _no_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody's data folder complete the settings of a test."""
    monkeypatch.setattr(config, "ROOT", tmp_path)


def test_a_start_without_a_secret_is_refused_with_a_remedy() -> None:
    with pytest.raises(config.ConfigError, match=r"^JUDGING_SECRET_KEY is not set: .* 32 or more random characters"):
        config.from_environ({})


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(config.ConfigError, match=r"^JUDGING_SECRET_KEY is too short"):
        config.from_environ({"JUDGING_SECRET_KEY": "secret"})


def test_the_defaults_serve_this_machine() -> None:
    settings = config.from_environ({"JUDGING_SECRET_KEY": SECRET, "JUDGING_DATA_DIR": "/srv/judging"})
    assert settings == config.Config(
        secret_key=SECRET,
        database_url="sqlite:////srv/judging/judging.db",
        data_dir=Path("/srv/judging"),
        trusted_hosts=("127.0.0.1", "localhost"),
    )


def test_https_makes_cookies_secure() -> None:
    environ = {"JUDGING_SECRET_KEY": SECRET, "JUDGING_BASE_URL": "https://judging.example.org/"}
    settings = config.from_environ(environ)
    assert (settings.base_url, settings.cookie_secure) == ("https://judging.example.org", True)
    assert not config.from_environ(environ | {"JUDGING_COOKIE_SECURE": "0"}).cookie_secure


def test_mail_is_off_until_a_server_is_named() -> None:
    environ = {"JUDGING_SECRET_KEY": SECRET, "JUDGING_BASE_URL": "https://judging.example.org"}
    assert config.from_environ(environ).smtp is None
    assert config.from_environ(environ | {"JUDGING_SMTP_HOST": "mail.example.org"}).smtp == config.Smtp(
        host="mail.example.org", sender="judging@judging.example.org"
    )


def test_mail_is_encrypted_unless_the_server_is_on_this_machine() -> None:
    environ = {"JUDGING_SECRET_KEY": SECRET, "JUDGING_SMTP_HOST": "mail.example.org", "JUDGING_SMTP_SECURITY": "tls"}
    read = config.from_environ(environ).smtp
    assert read == config.Smtp(host="mail.example.org", port=465, sender="judging@127.0.0.1", security="tls")
    with pytest.raises(config.ConfigError, match="unencrypted"):
        config.from_environ(environ | {"JUDGING_SMTP_SECURITY": "none"})
    with pytest.raises(config.ConfigError, match="JUDGING_SMTP_SENDER"):
        config.from_environ(environ | {"JUDGING_SMTP_SENDER": "Judging <judging@example.org>"})


def test_trusted_hosts_are_a_list() -> None:
    environ = {"JUDGING_SECRET_KEY": SECRET, "JUDGING_TRUSTED_HOSTS": "judging.example.org, .example.net,"}
    assert config.from_environ(environ).trusted_hosts == ("judging.example.org", ".example.net")


@pytest.mark.parametrize(
    ("base", "hosts"),
    [
        ("https://judging.example.org", ("judging.example.org", "localhost", "127.0.0.1")),
        ("http://127.0.0.1:8000", ("127.0.0.1", "localhost")),
        ("http://[::1]:8000", ()),
    ],
)
def test_trusted_hosts_default_to_the_base_address(base: str, hosts: tuple[str, ...]) -> None:
    environ = {"JUDGING_SECRET_KEY": SECRET, "JUDGING_BASE_URL": base}
    assert config.from_environ(environ).trusted_hosts == hosts


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("JUDGING_PROXY_COUNT", "-1", "JUDGING_PROXY_COUNT is '-1': give a whole number, 0 or more."),
        ("JUDGING_SESSION_HOURS", "0", "JUDGING_SESSION_HOURS is 0: give a whole number from 1 to 100000."),
        ("JUDGING_SECOND_FACTOR", "on", "JUDGING_SECOND_FACTOR is 'on': give one of off, optional, required."),
        (
            "JUDGING_OIDC_ISSUER",
            "http://id.example.org",
            "JUDGING_OIDC_ISSUER is 'http://id.example.org': give the https",
        ),
        (
            "JUDGING_OIDC_ISSUER",
            "https://id.example.org",
            "JUDGING_OIDC_ISSUER is set, but JUDGING_OIDC_CLIENT_ID is not",
        ),
        ("JUDGING_COOKIE_SECURE", "maybe", "JUDGING_COOKIE_SECURE is 'maybe': give 1 or 0."),
        (
            "JUDGING_LOG_LEVEL",
            "loud",
            "JUDGING_LOG_LEVEL is 'loud': give one of DEBUG, INFO, WARNING, ERROR, CRITICAL.",
        ),
        (
            "JUDGING_FILES_URL",
            "decks.example.org",
            "JUDGING_FILES_URL is 'decks.example.org': give scheme and host alone",
        ),
        ("JUDGING_FILES_URL", "https://f.example.org/x", "JUDGING_FILES_URL is 'https://f.example.org/x': give scheme"),
        (
            "JUDGING_FILES_URL",
            "https://F.example.org",
            "JUDGING_FILES_URL is 'https://F.example.org': give the host in",
        ),
        (
            "JUDGING_FILES_URL",
            "http://[::1]:9000",
            "JUDGING_FILES_URL is 'http://[::1]:9000': give scheme and host alone",
        ),
        (
            "JUDGING_FILES_URL",
            "http://127.0.0.1:9000",
            "JUDGING_FILES_URL is 'http://127.0.0.1:9000' and JUDGING_BASE_URL is 'http://127.0.0.1:8000': give files",
        ),
        ("JUDGING_BASE_URL", "judging.example.org", "JUDGING_BASE_URL is 'judging.example.org': give the address"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(name: str, value: str, complaint: str) -> None:
    with pytest.raises(config.ConfigError) as caught:
        config.from_environ({"JUDGING_SECRET_KEY": SECRET, name: value})
    assert str(caught.value).startswith(complaint)


def test_files_may_have_a_host_of_their_own_and_over_https_only_where_pages_are() -> None:
    environ = {"JUDGING_SECRET_KEY": SECRET, "JUDGING_BASE_URL": "https://judging.example.org"}
    assert config.from_environ(environ).files_url == ""
    settings = config.from_environ(environ | {"JUDGING_FILES_URL": "https://judging-files.example.net/"})
    assert settings.files_url == "https://judging-files.example.net"
    with pytest.raises(config.ConfigError, match="pages over https show no files over http"):
        config.from_environ(environ | {"JUDGING_FILES_URL": "http://judging-files.example.net"})


def test_secrets_are_in_no_repr() -> None:
    environ = {
        "JUDGING_SECRET_KEY": SECRET,
        "DATABASE_URL": "postgresql://judging:hunter2@localhost/judging",
        "JUDGING_SMTP_HOST": "mail.example.org",
        "JUDGING_SMTP_PASSWORD": "hunter2",
    }
    shown = repr(config.from_environ(environ))
    assert [secret for secret in (SECRET, "hunter2") if secret in shown] == []


@pytest.mark.parametrize(
    ("hosts", "proxy_count", "warns"),
    [
        (["127.0.0.1"], 0, False),
        (["::1", "localhost"], 0, False),
        ([], 0, False),
        (["0.0.0.0"], 0, True),
        (["127.0.0.1", "::"], 0, True),
        (["192.0.2.1"], 0, True),
        ([""], 0, True),
        (["0.0.0.0"], 1, False),
    ],
)
def test_listening_to_other_machines_without_a_proxy_is_warned_of(
    hosts: list[str], proxy_count: int, warns: bool
) -> None:
    warning = config.exposure(hosts, proxy_count=proxy_count)
    assert (warning is not None) == warns
    assert warning is None or "Put a buffering proxy in front of it" in warning


def test_single_sign_on_is_off_until_a_provider_is_named_and_its_secret_is_in_no_log() -> None:
    environ = {"JUDGING_SECRET_KEY": SECRET}
    assert config.from_environ(environ).single_sign_on is None
    names = {"ISSUER": "https://id.example.org/realm", "CLIENT_ID": "judging", "CLIENT_SECRET": "do not tell"}
    settings = config.from_environ(environ | {f"JUDGING_OIDC_{name}": value for name, value in names.items()})
    assert settings.single_sign_on == config.SingleSignOn(
        issuer="https://id.example.org/realm", client_id="judging", client_secret="do not tell", name="id.example.org"
    )
    assert "do not tell" not in repr(settings)


def test_a_data_folder_completes_the_settings(tmp_path: Path) -> None:
    (tmp_path / "secret-key").write_text(SECRET + "\n")
    (tmp_path / "settings.env").write_text(
        "# who listens\nJUDGING_PORT=9000\n\nJUDGING_SMTP_HOST = 'mail.example.org'\nJUDGING_WORKERS=3\n"
    )
    settings = config.from_environ({"JUDGING_DATA_DIR": str(tmp_path)})
    assert (settings.secret_key, settings.base_url, settings.workers) == (SECRET, "http://127.0.0.1:9000", 3)
    assert settings.smtp is not None
    assert settings.smtp.host == "mail.example.org"
    given = {"JUDGING_DATA_DIR": str(tmp_path), "JUDGING_PORT": "9100", "JUDGING_SECRET_KEY": "x" * 40}
    named = config.from_environ(given)
    assert (named.base_url, named.secret_key) == ("http://127.0.0.1:9100", "x" * 40)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("JUDGING_PROT=1", "settings.env:2: JUDGING_PROT is no setting of this file"),
        ("port 9000", "settings.env:2: 'port 9000' is no setting: write NAME=VALUE."),
        ("JUDGING_PORT=0", "JUDGING_PORT is 0: give a number from 1 to 65535."),
    ],
)
def test_a_wrong_line_of_the_file_is_named(tmp_path: Path, line: str, complaint: str) -> None:
    (tmp_path / "settings.env").write_text(f"# settings\n{line}\n")
    with pytest.raises(config.ConfigError) as raised:
        config.from_environ({"JUDGING_DATA_DIR": str(tmp_path), "JUDGING_SECRET_KEY": SECRET})
    assert complaint in str(raised.value)


def test_what_is_kept_replaces_its_line_and_leaves_the_others(tmp_path: Path) -> None:
    (tmp_path / "settings.env").write_text("# mine\nJUDGING_PORT=1\nJUDGING_LOG_LEVEL=DEBUG")
    settings_file.keep(tmp_path, {"JUDGING_PORT": "9000"})
    assert (tmp_path / "settings.env").read_text() == "# mine\nJUDGING_LOG_LEVEL=DEBUG\nJUDGING_PORT=9000\n"
    assert (tmp_path / "settings.env").stat().st_mode & 0o777 == 0o600


def test_every_setting_of_the_file_is_documented() -> None:
    documented = (Path(settings_file.__file__).parent / "docs" / "operating.md").read_text()
    assert [name for name in settings_file.NAMES if f"`{name}`" not in documented] == []


def test_a_relative_path_of_sqlite_means_the_same_file_for_every_process(tmp_path: Path) -> None:
    settings = config.from_environ({"JUDGING_SECRET_KEY": SECRET, "DATABASE_URL": "sqlite:///my.db"})
    assert settings.database_url == f"sqlite:///{tmp_path / 'my.db'}"


def test_an_address_of_another_database_is_refused_without_its_password() -> None:
    with pytest.raises(config.ConfigError, match=r"^DATABASE_URL is no address of a database") as raised:
        config.from_environ({"JUDGING_SECRET_KEY": SECRET, "DATABASE_URL": "mysql://judging:hidden@host/name"})
    assert "hidden" not in str(raised.value)


def test_webhooks_go_to_public_addresses_unless_the_operator_allows_others() -> None:
    environ = {"JUDGING_SECRET_KEY": SECRET}
    assert config.from_environ(environ).webhook_private == "refuse"
    assert config.from_environ(environ | {"JUDGING_WEBHOOK_PRIVATE": "Allow"}).webhook_private == "allow"
    with pytest.raises(config.ConfigError, match="JUDGING_WEBHOOK_PRIVATE is 'yes': give one of refuse, allow"):
        config.from_environ(environ | {"JUDGING_WEBHOOK_PRIVATE": "yes"})


def test_a_mailbox_for_reports_is_complete_and_encrypted() -> None:
    mail = {"JUDGING_SECRET_KEY": SECRET, "JUDGING_SMTP_HOST": "mail.example.org"}
    named = {"JUDGING_REPORTS_HOST": "imap.example.org"}
    login = {"JUDGING_REPORTS_USER": "reports", "JUDGING_REPORTS_PASSWORD": "hunter2"}
    assert config.from_environ(mail).report_mailbox is None
    read = config.from_environ(mail | named | login | {"JUDGING_SMTP_RETURN_PATH": "reports@example.org"})
    assert read.report_mailbox == config.ReportMailbox(host="imap.example.org", user="reports", password="hunter2")
    assert (read.smtp and read.smtp.return_path, "hunter2" in repr(read)) == ("reports@example.org", False)
    starttls = config.from_environ(mail | named | login | {"JUDGING_REPORTS_SECURITY": "starttls"}).report_mailbox
    assert starttls is not None
    assert (starttls.security, starttls.port) == ("starttls", 143)
    for wrong, complaint in (
        (mail | named, "JUDGING_REPORTS_USER"),
        ({"JUDGING_SECRET_KEY": SECRET} | named | login, "JUDGING_SMTP_HOST"),
        (mail | named | login | {"JUDGING_REPORTS_SECURITY": "none"}, "JUDGING_REPORTS_SECURITY"),
        (mail | named | login | {"JUDGING_REPORTS_FOLDER": 'a"b'}, "JUDGING_REPORTS_FOLDER"),
        (mail | named | login | {"JUDGING_REPORTS_MINUTES": "1441"}, "JUDGING_REPORTS_MINUTES"),
        (mail | {"JUDGING_SMTP_RETURN_PATH": "a <a@example.org>"}, "JUDGING_SMTP_RETURN_PATH"),
    ):
        with pytest.raises(config.ConfigError, match=complaint):
            config.from_environ(wrong)


@pytest.mark.parametrize("days", ["0", "91", "x"])
def test_a_removal_waits_for_one_to_ninety_days(days: str) -> None:
    assert config.from_environ({"JUDGING_SECRET_KEY": SECRET}).removal_days == 7
    with pytest.raises(config.ConfigError, match="JUDGING_REMOVAL_DAYS"):
        config.from_environ({"JUDGING_SECRET_KEY": SECRET, "JUDGING_REMOVAL_DAYS": days})
