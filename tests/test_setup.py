"""What happens before the project's own packages are there."""

import hashlib
import os
import re
import socket
import subprocess
import sys
import time
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

import settings_file
from setup import environment as env
from setup import serving
from setup.progress import Stop
from tests.support.programs.network import free_port

PROJECT = tomllib.loads((env.ROOT / "pyproject.toml").read_text())


def locked(lock: Path) -> dict[str, Version]:
    found = re.findall(r"(?m)^([\w.-]+)==(\S+)", lock.read_text())
    return {name: Version(version) for name, version in found}


@pytest.fixture
def small_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the lock of a project that needs nothing, whose environment is then quickly made."""
    monkeypatch.setattr(env, "ROOT", tmp_path)
    monkeypatch.setattr(env, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(env, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    monkeypatch.setattr(env, "RUNTIME_LOCK", tmp_path / "requirements.lock")
    env.RUNTIME_LOCK.write_text("# nothing\n")
    return env.RUNTIME_LOCK


@pytest.mark.parametrize(
    ("lock", "wanted"),
    [
        (env.RUNTIME_LOCK, PROJECT["project"]["dependencies"]),
        (env.TEST_LOCK, PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["test"]),
    ],
    ids=["runtime", "test"],
)
def test_the_lock_is_what_pyproject_asks_for(lock: Path, wanted: list[str]) -> None:
    versions = locked(lock)
    requirements = [Requirement(text) for text in wanted]
    broken = [str(need) for need in requirements if not need.specifier.contains(versions[need.name.lower()])]
    assert broken == []


def test_tests_run_on_what_is_served() -> None:
    tested = locked(env.TEST_LOCK)
    assert {name: tested.get(name) for name in locked(env.RUNTIME_LOCK)} == locked(env.RUNTIME_LOCK)


@pytest.mark.parametrize("lock", [env.RUNTIME_LOCK, env.TEST_LOCK], ids=["runtime", "test"])
def test_every_locked_package_has_a_hash_and_no_host(lock: Path) -> None:
    text = lock.read_text()
    packages = re.split(r"(?m)^(?=\w)", text)[1:]
    assert [package for package in packages if "--hash=sha256:" not in package] == []
    assert "://" not in text


def test_a_finished_environment_is_left_alone(small_project: Path) -> None:
    env.ensure(small_project)
    made = env.PYTHON.lstat().st_ctime_ns
    env.ensure(small_project)
    assert env.PYTHON.lstat().st_ctime_ns == made


@pytest.mark.parametrize("left_behind", ["no stamp", "unfinished", "no python"])
def test_an_environment_whose_making_was_interrupted_is_made_anew(small_project: Path, left_behind: str) -> None:
    env.ensure(small_project)
    stray = env.VENV / "stray"
    stray.touch()
    if left_behind == "no stamp":
        (env.VENV / "requirements.stamp").unlink()
    elif left_behind == "unfinished":
        (env.VENV / "unfinished").touch()
    else:
        env.PYTHON.unlink()
    env.ensure(small_project)
    assert (stray.exists(), env.PYTHON.exists()) == (False, True)


def test_a_changed_lock_makes_the_environment_anew(small_project: Path) -> None:
    env.ensure(small_project)
    stray = env.VENV / "stray"
    stray.touch()
    small_project.write_text("# nothing, said otherwise\n")
    env.ensure(small_project)
    assert not stray.exists()


def test_an_environment_can_make_itself_anew(small_project: Path) -> None:
    env.ensure(small_project)
    small_project.write_text("# nothing, but otherwise\n")
    program = (
        "from pathlib import Path\nfrom setup import environment as env\n"
        f"env.ROOT = Path({str(env.ROOT)!r})\nenv.VENV = env.ROOT / '.venv'\nenv.PYTHON = env.VENV / 'bin' / 'python'\n"
        f"env.RUNTIME_LOCK = Path({str(small_project)!r})\nenv.ensure(env.RUNTIME_LOCK)\n"
    )
    project = Path(settings_file.__file__).parent
    finished = subprocess.run(
        [env.PYTHON, "-c", program], cwd=project, env=env.environment(), capture_output=True, text=True, check=False
    )
    assert (finished.returncode, finished.stderr, env.PYTHON.exists()) == (0, "", True)


def test_an_unreachable_registry_is_reported_in_a_sentence(
    small_project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{free_port()}/simple")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    small_project.write_text("nowhere-to-be-had==1.0 --hash=sha256:" + "0" * 64 + "\n")
    with pytest.raises(Stop, match=r"^The package registry cannot be reached"):
        env.ensure(small_project)


def test_without_a_network_packages_come_from_a_folder(
    small_project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{free_port()}/simple")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    wheel = wheels / "tiny_thing-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("tiny_thing.py", "NAME = 'tiny'\n")
        folder = "tiny_thing-1.0.dist-info"
        archive.writestr(f"{folder}/METADATA", "Metadata-Version: 2.1\nName: tiny-thing\nVersion: 1.0\n")
        archive.writestr(f"{folder}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(
            f"{folder}/RECORD", f"tiny_thing.py,,\n{folder}/METADATA,,\n{folder}/WHEEL,,\n{folder}/RECORD,,\n"
        )
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    small_project.write_text(f"tiny-thing==1.0 --hash=sha256:{digest}\n")
    monkeypatch.setenv("JUDGING_WHEELS", str(tmp_path / "nowhere"))
    with pytest.raises(Stop, match="there is no such folder"):
        env.ensure(small_project)
    monkeypatch.setenv("JUDGING_WHEELS", str(wheels))
    env.ensure(small_project)
    said = subprocess.run(
        [env.PYTHON, "-c", "import tiny_thing; print(tiny_thing.NAME)"], check=True, capture_output=True, text=True
    )
    assert said.stdout == "tiny\n"
    wheel.unlink()
    small_project.write_text(f"tiny-thing==1.0 --hash=sha256:{digest}\n# changed\n")
    with pytest.raises(Stop, match="has not all packages"):
        env.ensure(small_project)


def test_the_callers_environment_does_not_reach_into_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    monkeypatch.setenv("VIRTUAL_ENV", "/elsewhere")
    monkeypatch.setenv("PIP_USER", "1")
    given = env.environment(EXTRA="kept")
    assert {name: given.get(name) for name in ("PYTHONPATH", "VIRTUAL_ENV", "PIP_USER", "EXTRA")} == {
        "PYTHONPATH": None,
        "VIRTUAL_ENV": None,
        "PIP_USER": None,
        "EXTRA": "kept",
    }


def test_a_secret_is_made_once_and_is_for_its_owner_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JUDGING_SECRET_KEY", raising=False)
    secret = tmp_path / "data" / "secret-key"
    assert serving.settings(tmp_path / "data") == {"JUDGING_DATA_DIR": str(tmp_path / "data")}
    first = secret.read_text()
    serving.settings(tmp_path / "data")
    assert (secret.read_text(), len(first) >= 32, secret.stat().st_mode & 0o777) == (first, True, 0o600)
    serving.settings(tmp_path / "other")
    assert (tmp_path / "other" / "secret-key").read_text() != first


def test_a_secret_from_the_environment_is_not_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUDGING_SECRET_KEY", "x" * 40)
    assert serving.settings(tmp_path / "data") == {"JUDGING_DATA_DIR": str(tmp_path / "data")}
    assert list((tmp_path / "data").iterdir()) == []


def test_a_folder_remembers_address_and_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "LAST_FOLDER", tmp_path / "last")
    environ = {"DATABASE_URL": "postgresql://judging@host/name", "JUDGING_LOG_LEVEL": "DEBUG"}
    serving.remember(tmp_path, "127.0.0.1", 9000, environ)
    serving.note_folder(tmp_path)
    assert settings_file.read(tmp_path) == {
        "DATABASE_URL": "postgresql://judging@host/name",
        "JUDGING_HOST": "127.0.0.1",
        "JUDGING_PORT": "9000",
    }
    assert serving.noted_folder() == tmp_path


def test_a_port_that_is_taken_is_named_with_the_option_to_choose_another() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Stop, match=rf"^Port {port} on 127.0.0.1 is taken .* --port {port + 1}$"):
            serving.require_free("127.0.0.1", port)


def test_only_the_owner_reads_the_log_of_the_service(tmp_path: Path) -> None:
    log = tmp_path / "service.log"
    log.write_text("of an earlier version\n")
    log.chmod(0o644)
    serving.Process([sys.executable, "-c", "print('said')"], env=dict(os.environ), log=log).process.wait(30)
    assert (log.read_text(), log.stat().st_mode & 0o777) == ("of an earlier version\nsaid\n", 0o600)


def test_a_process_that_ends_is_started_again_after_growing_pauses(capsys: pytest.CaptureFixture[str]) -> None:
    process = serving.Process([sys.executable, "-c", "raise SystemExit(3)"], env=dict(os.environ))
    at = time.monotonic()
    for _ in range(6):
        process.process.wait()
        process.keep_running(at=at)
        assert process.start_again_at is not None
        at = process.start_again_at
        process.keep_running(at=at)
        process.started = at
    process.process.wait()
    process.started = at - 60
    process.keep_running(at=at)
    ended = "raise SystemExit(3) ended with code 3; it is started again"
    pauses = ("in 1 s", "in 2 s", "in 4 s", "in 8 s", "in 10 s", "in 10 s", "now")
    assert capsys.readouterr().out.splitlines() == [f"{ended} {pause}." for pause in pauses]
    assert process.process.wait() == 3


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),
        ("::", "http://[::1]:8000"),
        ("judging.example.org", "http://judging.example.org:8000"),
    ],
)
def test_the_printed_address_can_be_opened_here(host: str, address: str) -> None:
    assert settings_file.address(host, 8000) == address


@pytest.mark.parametrize(("arguments", "code"), [([], 0), (["--help"], 0), (["dmeo"], 2)])
def test_run_without_a_command_it_knows_shows_its_commands(arguments: list[str], code: int, tmp_path: Path) -> None:
    command: list[str | Path] = [sys.executable, env.ROOT / "run.py", *arguments]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (code, "")
    assert "python3 run.py demo" in done.stdout
