"""The language of a page."""

import os
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from judging.request_language import choose, match, require_catalogues


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("zh-HK", "zh-Hant-HK"),
        ("zh-TW", "zh-Hant-HK"),
        ("zh-MO", "zh-Hant-HK"),
        ("zh-Hant", "zh-Hant-HK"),
        ("zh-Hant-CN", "zh-Hant-HK"),
        ("yue", "zh-Hant-HK"),
        ("zh", "zh-Hans-CN"),
        ("zh-CN", "zh-Hans-CN"),
        ("zh-SG", "zh-Hans-CN"),
        ("zh-Hans-HK", "zh-Hans-CN"),
        ("en-GB", "en"),
        ("fr", None),
        ("", None),
    ],
)
def test_a_chinese_tag_is_matched_by_its_script(tag: str, language: str | None) -> None:
    assert match(tag) == language


def test_the_first_supported_tag_is_used_and_english_is_the_default() -> None:
    assert choose(["fr", "zh-HK", "en"]) == "zh-Hant-HK"
    assert choose(["fr", "de"]) == "en"


def test_the_language_of_the_browser_is_used_until_a_person_chooses(client: FlaskClient) -> None:
    page = client.get("/sign-in", headers={"Accept-Language": "zh-HK,en;q=0.5"})
    assert 'lang="zh-Hant-HK"' in page.text.split("<head>")[0]
    with client.session_transaction() as browser_session:
        browser_session["language"] = "zh-Hans-CN"
    page = client.get("/sign-in", headers={"Accept-Language": "zh-HK,en;q=0.5"})
    assert 'lang="zh-Hans-CN"' in page.text.split("<head>")[0]


def test_a_missing_or_stale_catalogue_stops_the_start(tmp_path: Path) -> None:
    for catalogue in ("zh_Hant_HK", "zh_Hans_CN"):
        folder = tmp_path / catalogue / "LC_MESSAGES"
        folder.mkdir(parents=True)
        (folder / "messages.po").write_text("", encoding="utf-8")
    with pytest.raises(RuntimeError, match="zh_Hans_CN is not compiled"):
        require_catalogues(tmp_path)
    for source in tmp_path.rglob("*.po"):
        source.with_suffix(".mo").write_bytes(b"")
    require_catalogues(tmp_path)
    stale = tmp_path / "zh_Hant_HK" / "LC_MESSAGES" / "messages.mo"
    os.utime(stale, (0, 0))
    with pytest.raises(RuntimeError, match="zh_Hant_HK is older than its texts"):
        require_catalogues(tmp_path)
