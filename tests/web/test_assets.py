"""Static files: cached for a year under the digest of their content; no other file is sent."""

import gzip

from flask import Flask
from flask.testing import FlaskClient

from judging.web.assets import asset
from setup.bootstrap import TARGET, subset


def test_a_file_is_cached_for_a_year_under_its_digest(app: Flask, client: FlaskClient) -> None:
    with app.test_request_context():
        address = asset("judging.css")
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.content_type == "text/css; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert client.get("/static/000000000000/judging.css").status_code == 404


def test_only_our_files_and_bootstraps_style_sheet_are_sent(client: FlaskClient) -> None:
    for name in ("..%2Fassets.py", "%2e%2e%2fapp.py", "nothing.js", "bootstrap.css.map"):
        assert client.get(f"/static/000000000000/{name}").status_code == 404


def test_a_file_is_sent_compressed_to_whoever_accepts_it(app: Flask, client: FlaskClient) -> None:
    with app.test_request_context():
        addresses = [asset(name) for name in ("bootstrap.css", "judging.css", "scoresheet.js", "table.js")]
    for address in addresses:
        plain = client.get(address)
        packed = client.get(address, headers={"Accept-Encoding": "br, gzip"})
        assert (plain.headers.get("Content-Encoding"), packed.headers["Content-Encoding"]) == (None, "gzip")
        assert [answer.headers["Vary"] for answer in (plain, packed)] == ["Accept-Encoding"] * 2
        assert gzip.decompress(packed.data) == plain.data
        assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data) / 2
        refused = client.get(address, headers={"Accept-Encoding": "gzip;q=0"})
        assert refused.headers.get("Content-Encoding") is None


def test_a_file_is_the_same_for_everybody_and_renews_no_cookie(app: Flask, client: FlaskClient) -> None:
    with client.session_transaction() as cookie:
        cookie.permanent, cookie["language"] = True, "en"
    with app.test_request_context():
        address = asset("judging.css")
    answer = client.get(address)
    assert (answer.headers.getlist("Set-Cookie"), answer.headers["Vary"]) == ([], "Accept-Encoding")
    assert len(client.get("/sign-in").headers.getlist("Set-Cookie")) == 1


def test_the_part_of_bootstrap_is_in_step_with_the_pages() -> None:
    assert TARGET.read_text(encoding="utf-8") == subset(), "python -m setup.bootstrap writes it again"
