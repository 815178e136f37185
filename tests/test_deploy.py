"""The files in deploy/ agree with the program: variables, commands, paths, units."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import config
import settings_file
from judging.cli import COMMANDS

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
UNITS = ("judging.service", "judging-work.service", "judging-backup.service", "judging-backup.timer")
_HOME = "/srv/judging"


def test_every_variable_is_in_the_example_once_and_the_example_is_a_valid_installation() -> None:
    lines = (DEPLOY / "judging.env").read_text().splitlines()
    variables = [match for line in lines if (match := re.fullmatch(r"#?([A-Z_]+)=(.*)", line))]
    assert sorted(match[1] for match in variables) == sorted((*settings_file.NAMES, "JUDGING_DATA_DIR"))
    environment = {match[1]: match[2] for match in variables} | {"JUDGING_SECRET_KEY": "x" * 40}
    read = config.from_environ(environment)
    assert (read.base_url, read.proxy_count, read.second_factor) == ("https://judging.example.org", 1, "required")


def test_the_example_itself_starts_nothing_before_somebody_sets_a_secret() -> None:
    (line,) = re.findall(r"(?m)^JUDGING_SECRET_KEY=(.*)$", (DEPLOY / "judging.env").read_text())
    with pytest.raises(config.ConfigError, match="JUDGING_SECRET_KEY is not set"):
        config.from_environ({"JUDGING_DATA_DIR": "/nowhere", "JUDGING_SECRET_KEY": line})


@pytest.mark.parametrize("name", UNITS)
def test_units_start_commands_that_there_are(name: str) -> None:
    text = (DEPLOY / name).read_text()
    for command in re.findall(r"(?m)^ExecStart(?:Pre)?=(.*)$", text):
        program, *arguments = command.split()
        assert (ROOT / ".venv" / "bin" / Path(program).name).exists()
        if "judging" in arguments:
            assert arguments[arguments.index("judging") + 1] in COMMANDS


@pytest.mark.parametrize("name", UNITS)
def test_systemd_finds_nothing_wrong_with_a_unit(name: str, tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        # What this test looks for is a matter of systemd; the other tests hold for the file everywhere.
        return
    for each in UNITS:
        text = (DEPLOY / each).read_text().replace(f"{_HOME}/.venv/bin/", f"{ROOT}/.venv/bin/")
        (tmp_path / each).write_text(text.replace("User=judging", f"User={os.getuid()}"))
    checked = subprocess.run(
        [program, "verify", "--man=no", "--recursive-errors=no", str(tmp_path / name)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stderr) == (0, "")


def test_the_container_copies_what_there_is_and_runs_the_documented_commands() -> None:
    text = (DEPLOY / "Containerfile").read_text()
    copied = [path for line in re.findall(r"(?m)^COPY --chown=judging (.*) \S+$", text) for path in line.split()]
    assert [path for path in copied if not (ROOT / path).exists()] == []
    # Whatever is imported before .venv is there, and what is served.
    needed = {"run.py", "settings_file.py", "config.py", "setup", "judging", "rubrics", "wsgi.py", "gunicorn.conf.py"}
    assert needed | {"requirements.lock"} <= set(copied)
    started = re.findall(r'"python3", "run.py", "(\w+)"', text) + re.findall(r"python3 run.py (\w+)", text)
    assert started == ["run", "judging"]
    assert {path for path in copied if (ROOT / path).is_file()} >= {
        f"{name}.py"
        for name in re.findall(r"(?m)^(?:import|from) (\w+)", (ROOT / "run.py").read_text())
        if (ROOT / f"{name}.py").exists()
    }


def test_nginx_waits_longer_than_its_own_60_seconds_and_buffers_requests() -> None:
    text = (DEPLOY / "nginx.conf").read_text()
    assert re.findall(r"proxy_(?:read|send)_timeout (\d+)s;", text) == ["180", "180"]
    assert text.count("proxy_request_buffering on;") == 1
    port = config.Config.port
    assert set(re.findall(r"proxy_pass http://(\S+);", text)) == {f"{config.Config.host}:{port}"}
    assert text.count("proxy_set_header X-Forwarded-For $remote_addr;") == 2


@pytest.mark.parametrize("name", [*UNITS, "judging.env", "nginx.conf", "Containerfile"])
def test_the_manual_names_every_file(name: str) -> None:
    assert f"deploy/{name}" in (ROOT / "docs" / "operating.md").read_text()
