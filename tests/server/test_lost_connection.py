"""The network to PostgreSQL is cut in the middle of a request."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import make_url, text

from config import Config
from judging import request as this
from judging.app import create_app
from tests.support.programs.link import Link, linked


@pytest.fixture
def engine_name() -> str:
    return "postgresql"


@pytest.fixture
def link(database_url: str) -> Iterator[Link]:
    with linked(make_url(database_url).port or 0) as opened:
        yield opened


@pytest.fixture
def client(config: Config, link: Link) -> Iterator[FlaskClient]:
    url = make_url(config.database_url).set(port=link.port).render_as_string(hide_password=False)
    app = create_app(replace(config, database_url=url))
    add_views(app, link)
    yield app.test_client()
    app.extensions["judging.engine"].dispose()


def add_views(app: Flask, link: Link) -> None:
    """Add pages that read, lose their connection, and then read again or not."""

    def lose() -> str:
        this.session().execute(text("SELECT 1"))
        link.reset()
        return "read"

    def lose_and_read_again() -> str:
        lose()
        this.session().execute(text("SELECT 1"))
        return "read twice"

    def lose_and_write() -> str:
        lose()
        with this.writing_for_anybody() as session:
            session.execute(text("SELECT 1"))
        return "written"

    for view in (lose, lose_and_read_again, lose_and_write):
        app.add_url_rule(f"/{view.__name__}", view_func=view)


def test_what_was_read_before_is_answered(client: FlaskClient) -> None:
    answer = client.get("/lose")
    assert (answer.status_code, answer.text) == (200, "read")


def test_what_is_read_after_is_to_be_asked_for_again(client: FlaskClient) -> None:
    assert [client.get("/lose_and_read_again").status_code for _ in range(2)] == [503, 503]


def test_a_write_after_it_has_a_connection_of_its_own(client: FlaskClient) -> None:
    answer = client.get("/lose_and_write")
    assert (answer.status_code, answer.text) == (200, "written")


def test_the_next_request_has_a_good_connection(client: FlaskClient) -> None:
    client.get("/lose_and_read_again")
    assert client.get("/readyz").get_json()["faults"].keys() == {"worker"}
