#!/usr/bin/env python3
"""The one command of this project: needs Python 3.11 or newer with pip, and nothing else.

    python3 run.py demo            try it: simulated challenge, three ready sign-in links, http://127.0.0.1:8000
    python3 run.py run             serve your own data, from an empty database on
    python3 run.py test [ARGS]     every test, on SQLite and PostgreSQL and in a real browser; ARGS go to pytest
    python3 run.py check           format, lint, types, import layers, translations, licences, vulnerabilities, tests
    python3 run.py judging ARGS    the command line of the product (try: judging --help)
    python3 run.py messages        bring the translation catalogues in step with the source

demo and run take --host, --port and --data-dir. The data directory contains the database, unless DATABASE_URL
names another one (the demo ignores DATABASE_URL), the secret key, unless JUDGING_SECRET_KEY is set, and settings.env:
address, port and other settings, which every later start and command reads. `judging` takes --data-dir too; without it,
and without JUDGING_DATA_DIR, it uses the folder that `run` served last.
The first start takes a minute because it builds .venv from requirements.lock; later starts take seconds.
"""

import sys

if sys.version_info < (3, 11):
    sys.exit(
        "This needs Python 3.11 or newer; %s is %d.%d. Try python3.11 run.py" % (sys.executable, *sys.version_info[:2])
    )

import argparse
import os
import signal
import subprocess
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import settings_file
from config import ConfigError, exposure, from_environ
from setup import programs, serving
from setup.environment import PYTHON, ROOT, RUNTIME_LOCK, TEST_LOCK, ensure, environment
from setup.progress import Stop, step

# Tests of the browser, of databases and of processes wait much of the time: three keep two cores busy.
ALL_TESTS = ("--numprocesses=3", "--dist=worksteal")
# What pytest returns when it ran all tests and some failed.
TESTS_FAILED = 1
# What setup.dependencies, which needs packages of .venv, returns when its service was not reachable.
SKIPPED = 3
CATALOGUES = ROOT / "judging" / "translations"


def demo(arguments: list[str]) -> int:
    """Serve a simulated challenge that every visitor may try."""
    # The demo must never write simulated people into a real database, so DATABASE_URL is removed.
    os.environ.pop("DATABASE_URL", None)
    options = serving_options("demo", ROOT / "var" / "demo", arguments)
    serving.require_free(options.host, options.port)
    env = environment(**serving.settings(options.data_dir))
    env["DATABASE_URL"] = f"sqlite:///{options.data_dir / 'judging.db'}"
    env["JUDGING_BASE_URL"] = settings_file.address(options.host, options.port)
    prepare()
    serving.remember(options.data_dir, options.host, options.port, {})
    migrate(env)
    with step("Loading the demo"):
        loaded = serving.judging("demo", env=env, stdout=subprocess.PIPE)
    if loaded.returncode:
        raise Stop("The demo could not be loaded.")
    service = serving.Service(options.host, options.port, env=env, log=options.data_dir / "service.log")
    try:
        service.wait_until_it_answers()
        print(f"\n{loaded.stdout.decode()}\n{service.address}   (log: {service.log}; Ctrl-C ends it)", flush=True)
        warn_when_exposed(options.host, env)
        return service.keep_running()
    finally:
        service.stop()


def run(arguments: list[str]) -> int:
    """Serve the database of the data directory or of DATABASE_URL."""
    options = serving_options("run", Path(os.environ.get("JUDGING_DATA_DIR") or ROOT / "var"), arguments)
    serving.require_free(options.host, options.port)
    env = environment(**serving.settings(options.data_dir))
    # What was typed counts before a variable of the caller, for the printed links too.
    env |= {"JUDGING_HOST": options.host, "JUDGING_PORT": str(options.port)}
    require_settings(env)
    prepare()
    serving.remember(options.data_dir, options.host, options.port, env)
    serving.note_folder(options.data_dir)
    migrate(env)
    service = serving.Service(options.host, options.port, env=env)
    try:
        service.wait_until_it_answers()
        print(f"\n{service.address}   (data folder: {options.data_dir}; Ctrl-C ends it)", flush=True)
        # On standard output, which a process manager keeps as the log.
        serving.judging("setup-link", "--if-needed", env=env)
        warn_when_exposed(options.host, env)
        return service.keep_running()
    finally:
        service.stop()


def test(arguments: list[str]) -> int:
    """Run all tests, or the tests that the arguments select."""
    return pytest(arguments, test_environment())


def pytest(arguments: list[str], env: dict[str, str]) -> int:
    """Run the tests that the arguments select. Of all tests, run those that failed once more, one at a time.

    Three at a time, on a machine that is busy with other things, a browser can answer later than a test waits. A real
    fault fails again; what fails beside others only is named in the first summary.
    """
    command = [str(PYTHON), "-m", "pytest"]
    code = subprocess.run([*command, *(arguments or ALL_TESTS)], cwd=ROOT, env=env, check=False).returncode
    if arguments or code != TESTS_FAILED:
        return code
    print("\nThe tests that failed, once more, one at a time:", flush=True)
    return subprocess.run([*command, "--last-failed"], cwd=ROOT, env=env, check=False).returncode


def check(arguments: list[str]) -> int:
    """Run every check, also after one has failed, and print at the end which checks failed."""
    env = test_environment()
    tools = PYTHON.parent
    checks: dict[str, list[str | Path]] = {
        "format": [tools / "ruff", "format", "--check", "."],
        "lint": [tools / "ruff", "check", "."],
        "types": [tools / "mypy"],
        "layers": [tools / "lint-imports"],
        "translations": [PYTHON, "-m", "setup.catalogues", "check"],
        "licences": [PYTHON, "-m", "setup.dependencies", "licences"],
        "vulnerabilities": [PYTHON, "-m", "setup.dependencies", "vulnerabilities"],
    }
    failed, skipped = [], []
    for name in (*checks, "tests"):
        print(f"\n== {name}", flush=True)
        if name == "tests":
            code = pytest(arguments, env)
        else:
            code = subprocess.run(checks[name], cwd=ROOT, env=env, check=False).returncode
        if name == "vulnerabilities" and code == SKIPPED:
            skipped.append(name)
        elif code:
            failed.append(name)
    if skipped:
        print(f"\nSkipped, so nothing is known about it: {', '.join(skipped)}")
    done = [name for name in (*checks, "tests") if name not in skipped]
    print(f"\nFailed: {', '.join(failed)}" if failed else f"\nAll well: {', '.join(done)}")
    return 1 if failed else 0


def judging(arguments: list[str]) -> int:
    """Run the command line of the product in the caller's folder."""
    prepare()
    env = environment()
    is_named = any(argument.partition("=")[0] == "--data-dir" for argument in arguments)
    if not is_named and not env.get("JUDGING_DATA_DIR"):
        folder = serving.noted_folder() or ROOT / "var"
        env["JUDGING_DATA_DIR"] = str(folder)
        if folder != ROOT / "var":
            print(f"Data folder: {folder}, which was served last. --data-dir names another.", file=sys.stderr)
    return serving.judging(*arguments, env=env, cwd=Path.cwd()).returncode


def messages(_arguments: list[str]) -> int:
    """Update the translation catalogues from the source."""
    ensure(RUNTIME_LOCK)
    return subprocess.run(
        [PYTHON, "-m", "setup.catalogues", "update"], cwd=ROOT, env=environment(), check=False
    ).returncode


def prepare() -> None:
    """Create or update .venv and compile the translations."""
    ensure(RUNTIME_LOCK)
    compile_translations()


def test_environment() -> dict[str, str]:
    """Install what the tests need in addition; return the environment variables to run them with."""
    ensure(RUNTIME_LOCK, TEST_LOCK)
    compile_translations()
    env = environment(**programs.ensure())
    # The tests start the service hundreds of times: without compiled files each start compiles a thousand again.
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    return env


def compile_translations() -> None:
    """Compile every catalogue that is newer than its compiled file."""
    stale = [
        source
        for source in CATALOGUES.glob("*/LC_MESSAGES/*.po")
        if not (target := source.with_suffix(".mo")).exists() or target.stat().st_mtime < source.stat().st_mtime
    ]
    if stale:
        with step("Compiling translations"):
            subprocess.run([PYTHON, "-m", "setup.catalogues", "compile"], cwd=ROOT, env=environment(), check=True)


def migrate(env: dict[str, str]) -> None:
    """Migrate the database to the newest schema."""
    with step("Migrating the database"):
        migrated = serving.judging("migrate", env=env)
    if migrated.returncode:
        raise Stop("The database could not be migrated.")


def require_settings(env: dict[str, str]) -> int:
    """Stop when a setting is wrong; return the number of proxies that are declared."""
    try:
        return from_environ(env).proxy_count
    except ConfigError as error:
        raise Stop(str(error)) from error


def warn_when_exposed(host: str, env: dict[str, str]) -> None:
    """Say when other machines reach the service without a proxy."""
    if warning := exposure([host], proxy_count=require_settings(env)):
        print(f"\nWarning: {warning}", flush=True)


def serving_options(command: str, data_dir: Path, arguments: list[str]) -> argparse.Namespace:
    """Read --host, --port and --data-dir; host and port are those that the data folder remembers, unless given."""
    parser = argparse.ArgumentParser(prog=f"run.py {command}")
    parser.add_argument("--host", help="address to listen on (the last one, at first 127.0.0.1)")
    parser.add_argument("--port", type=port_number, help="port to listen on (the last one, at first 8000)")
    parser.add_argument("--data-dir", type=Path, default=data_dir, help="where everything is kept (%(default)s)")
    options = parser.parse_args(arguments)
    options.data_dir = options.data_dir.absolute()
    try:
        kept = settings_file.read(options.data_dir) | dict(os.environ)
        options.host = options.host or kept.get("JUDGING_HOST") or "127.0.0.1"
        options.port = options.port or port_number(kept.get("JUDGING_PORT") or "8000")
    except (settings_file.SettingsFileError, argparse.ArgumentTypeError) as error:
        raise Stop(str(error)) from error
    return options


def port_number(text: str) -> int:
    """Parse the number of a port."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text!r} is no port: give a number from 1 to 65535")
    return int(text)


def main() -> int:
    """Run the command that the first argument names."""
    commands = {command.__name__: command for command in (demo, run, test, check, judging, messages)}
    command = commands.get(sys.argv[1] if len(sys.argv) > 1 else "")
    if command is None:
        print(__doc__)
        return 0 if sys.argv[1:] in ([], ["-h"], ["--help"], ["help"]) else 2
    try:
        return command(sys.argv[2:])
    except Stop as stop:
        print(f"\n{stop}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print()
        return 130


def interrupt(_number: int, _frame: object) -> None:
    """Raise KeyboardInterrupt, as Ctrl-C does, so that the service is stopped too."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    sys.exit(main())
