"""``judging bundle`` writes what ``judging verify`` checks, ``judging report`` what people read; with exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlmodel import Session

from judging import cli
from judging.services.bundle import parts
from judging.services.runs import calibrating
from tests.support.document_reading import pages_of, tables_of
from tests.support.event import AT, COMPETITION, ROUND, make_event, use_model


@pytest.fixture
def bundle(
    session: Session,
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Path:
    """Return the bundle of a calibrated round, written by the command."""
    event = make_event(session, n_proposals=12, n_judges=6)
    use_model(session, "mixed")
    calibrating.calibrate(session, event.actor(session, "chair"), COMPETITION, ROUND, at=AT)
    session.commit()
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("JUDGING_SECRET_KEY", "for tests only, for tests only..")
    monkeypatch.setenv("JUDGING_DATA_DIR", str(tmp_path))
    path = tmp_path / "results.zip"
    assert cli.run(["bundle", COMPETITION, ROUND, "--out", str(path)]) == 0
    assert "judging verify results.zip" in capsys.readouterr().out
    return path


def test_an_untouched_bundle_agrees_line_by_line(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["verify", str(bundle)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "Everything agrees."
    assert any(line.startswith("agrees   ratings.csv: ") for line in lines)
    assert not any(line.startswith("DIFFERS") for line in lines)


def test_a_changed_bundle_is_reported_by_exit_code_and_line(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = parts.read_archive(bundle.read_bytes())
    rules = json.loads(files[parts.RULES])
    rules["definition"]["shortlist"]["size"] = 3
    bundle.write_bytes(parts.write_archive({**files, parts.RULES: parts.json_bytes(rules)}, at=AT))
    assert cli.run(["verify", str(bundle)]) == 1
    out = capsys.readouterr().out
    assert "DIFFERS  rules.json: definition.shortlist.size: 20 became 3" in out
    assert out.endswith("This bundle is not what was released.\n")


def test_a_method_report_of_the_same_round(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = ["report", COMPETITION, ROUND, "--out"]
    html, pdf = bundle.with_suffix(".html"), bundle.with_suffix(".PDF")
    assert cli.run([*where, str(html), "--language", "zh-Hans-CN", "--run", "1"]) == 0
    assert cli.run([*where, str(pdf)]) == 0
    assert f"{pdf}: method report of run 1, {pdf.stat().st_size:,} bytes" in capsys.readouterr().out
    run = json.loads(parts.read_archive(bundle.read_bytes())[parts.RUN])
    table = tables_of(html.read_bytes())["全部作品，由高至低"]
    assert dict(zip(table.texts("作品"), table.column("校准分"), strict=True)) == {
        row["proposal"]: row["calibrated"] for row in run["result"]["proposals"]
    }
    assert run["result_digest"][:16] in pages_of(pdf.read_bytes())[0]
    with pytest.raises(SystemExit):
        cli.run([*where, "report.docx"])
    assert "write a name that ends in .pdf or .html" in capsys.readouterr().err
    assert cli.run([*where, str(html), "--run", "7"]) == 2


def test_a_file_that_is_not_there_is_a_usage_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["verify", str(tmp_path / "nothing.zip")]) == 2
    assert "cannot be read" in capsys.readouterr().err
