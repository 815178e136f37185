"""Fixtures: each is made only when a test asks for it, and imports what it needs only then.

So the tests of the core load no Flask, start no database and no browser, and run in the time that numbers take.
"""

from __future__ import annotations

import contextlib
import gc
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

# Before numpy is imported. Two processes test at once: more threads would only wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from config import Config
from tests.support.programs import network

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient
    from jinja2 import BytecodeCache
    from playwright.sync_api import Browser, Page
    from sqlalchemy import Engine
    from sqlmodel import Session

    from tests.support.applications import Applications
    from tests.support.programs.postgres import Databases


def pytest_configure() -> None:
    """Let no example of Hypothesis be too slow: on a busy machine any example can take long."""
    from hypothesis import settings

    settings.register_profile("without deadline", deadline=None)
    settings.load_profile("without deadline")


# Each takes a minute or more. Begun last, it would keep one process busy while the others have nothing left.
_LONGEST = (
    *("tests/browser/test_whole_event.py", "tests/browser/test_demo_pages.py", "tests/test_demo.py"),
    *("tests/web/test_access_table.py", "tests/api/test_document.py", "tests/services/demo/test_loading.py"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest tests."""
    items.sort(key=lambda item: not item.nodeid.startswith(_LONGEST))


def pytest_collection_finish() -> None:
    """Keep what was imported out of the garbage collector, which would look through it in every test."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def only_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse connections to other machines."""
    network.refuse_others(monkeypatch)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Return the URL of a PostgreSQL server's maintenance database."""
    from tests.support.programs.postgres import running_postgres

    with running_postgres() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def engine_name(request: pytest.FixtureRequest) -> str:
    """Return each kind of database in turn: what uses it runs on both."""
    name: str = request.param
    return name


@pytest.fixture
def empty_database_url(engine_name: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the URL of a database without tables."""
    if engine_name == "sqlite":
        yield f"sqlite:///{tmp_path / 'judging.db'}"
    else:
        yield from _empty_postgres(request.getfixturevalue("postgres"))


@pytest.fixture(scope="session")
def quick_databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Do once, or cheaply, what would be done for the database of each test."""
    from tests.support.quick_databases import quick

    is_shared = "PYTEST_XDIST_WORKER" in os.environ
    with quick(tmp_path_factory.getbasetemp().parent / "snapshots" if is_shared else None):
        yield


@pytest.fixture
def database_url(
    engine_name: str, request: pytest.FixtureRequest, tmp_path: Path, quick_databases: None
) -> Iterator[str]:
    """Return the URL of a migrated database without rows: a copy of one that was migrated once."""
    from judging.services.audit import signed_heads
    from judging.services.runs import reports

    # The process remembers the reports of runs. Two tests store the same run, at the same time of their own clock.
    reports.forget()
    signed_heads.use_key(None)
    if engine_name == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_sqlite"), tmp_path / "judging.db")
        yield f"sqlite:///{tmp_path / 'judging.db'}"
    else:
        databases: Databases = request.getfixturevalue("migrated_postgres")
        yield databases.take()
        databases.give_back()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a migrated SQLite file to copy."""
    from judging import db

    path = tmp_path_factory.mktemp("migrated") / "judging.db"
    db.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres: str) -> Databases:
    """Return the migrated PostgreSQL databases of this process."""
    import psycopg

    from judging import db
    from tests.support.programs.postgres import Databases

    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("CREATE DATABASE migrated TEMPLATE template0")
    db.upgrade(f"{postgres.rsplit('/', 1)[0]}/migrated")
    return Databases(postgres, "migrated")


def _empty_postgres(server: str) -> Iterator[str]:
    import psycopg

    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("CREATE DATABASE without_tables TEMPLATE template0 STRATEGY file_copy")
    yield f"{server.rsplit('/', 1)[0]}/without_tables"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("DROP DATABASE without_tables WITH (FORCE)")


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Return an engine on a migrated database."""
    from judging import db

    engine = db.create_engine_for(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """Return a session whose changes others see after its ``commit()``."""
    from judging import db

    with db.open_session(engine) as session:
        yield session


@pytest.fixture
def config(database_url: str, tmp_path: Path) -> Config:
    """Return the settings of an installation for tests."""
    return Config(secret_key="for tests only, for tests only..", database_url=database_url, data_dir=tmp_path)


@pytest.fixture
def does_jobs() -> bool:
    """Return whether a thread of the test does the jobs; a module about waiting jobs replaces this."""
    return True


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> BytecodeCache:
    """Return a cache of compiled templates: every test has an application of its own, with the same templates."""
    from jinja2 import FileSystemBytecodeCache

    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture(scope="session")
def applications() -> Applications:
    """Return the applications that this process has made, by their settings."""
    from tests.support.applications import Applications

    return Applications()


@pytest.fixture
def app(
    config: Config, applications: Applications, compiled_templates: BytecodeCache, *, does_jobs: bool
) -> Iterator[Flask]:
    """Return the application on a migrated database; a thread does the jobs."""
    from tests.support.jobs import jobs_done

    app = applications.connected(config)
    app.jinja_env.bytecode_cache = compiled_templates
    app.testing = True
    # Held here: a test may give the application another engine.
    engine = app.extensions["judging.engine"]
    with jobs_done(engine, app.extensions["judging.files"]) if does_jobs else contextlib.nullcontext():
        yield app
    engine.dispose()


@pytest.fixture(scope="session")
def provider() -> Iterator[str]:
    """Return the issuer of a running provider of single sign-on."""
    from tests.support.programs.oidc_provider import running_provider

    with running_provider() as issuer:
        yield issuer


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Return a client that talks to the application without a network."""
    return app.test_client()


@pytest.fixture
def live_server(app: Flask) -> Iterator[str]:
    """Serve the application for a browser; returns its address."""
    from werkzeug.serving import make_server

    app.testing = False
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return a running Chromium."""
    from tests.support.programs.browser import running_browser

    with running_browser() as browser:
        yield browser


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a page with cookies of its own: ``open_page(locale="zh-HK", viewport=...)``.

    At the end of the test, whatever a page complained about fails it, and so does a question to another machine.
    """
    from tests.support.programs.browser import Watch

    watch, contexts = Watch(), []

    def open_one(**options: Any) -> Page:
        context = browser.new_context(**({"locale": "en-GB"} | options))
        watch.over(context)
        contexts.append(context)
        return context.new_page()

    yield open_one
    for context in contexts:
        context.close()
    assert watch.problems == []


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    """Return a page of a desktop browser in English."""
    return open_page()
