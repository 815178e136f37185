"""Static files: cached for a year under the digest of their content; no other file is sent."""

from flask import Flask
from flask.testing import FlaskClient

from judging.web.assets import asset


def test_a_file_is_cached_for_a_year_under_its_digest(app: Flask, client: FlaskClient) -> None:
    with app.test_request_context():
        address = asset("judging.css")
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.content_type == "text/css; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert client.get("/static/000000000000/judging.css").status_code == 404


def test_only_our_files_and_bootstraps_style_sheet_are_sent(client: FlaskClient) -> None:
    for name in ("..%2Fassets.py", "%2e%2e%2fapp.py", "nothing.js", "bootstrap.min.css.map"):
        assert client.get(f"/static/000000000000/{name}").status_code == 404
