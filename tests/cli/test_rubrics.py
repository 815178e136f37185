import argparse
import hashlib
import shutil
from pathlib import Path

import pytest

from judging.cli import rubrics
from judging.schemas.definitions.definition_files import load_definition

SHIPPED = Path(__file__).parents[2] / "rubrics"


def check(*paths: Path) -> int:
    parser = argparse.ArgumentParser()
    rubrics.configure(parser)
    return rubrics.run(parser.parse_args(list(map(str, paths))))


def test_sound_folder_prints_a_line_a_file_with_its_digest(capsys: pytest.CaptureFixture[str]) -> None:
    folder = SHIPPED / "hksh-2023"
    definition = load_definition(folder)
    first, final = definition.rounds
    assert check(folder) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{folder}/competition.yaml: ok, sha256 {definition.competition.digest}",
        f"{folder}/first-screening.yaml: ok, sha256 {first.digest}",
        f"{folder}/grand-final.yaml: ok, sha256 {final.digest}",
    ]
    assert len(first.digest) == len(hashlib.sha256().hexdigest())


def test_broken_file_is_complained_about_beside_the_sound_ones(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "diving-2000"
    shutil.copytree(SHIPPED / "diving-2000", folder)
    path = folder / "all-dives.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("weight: 100", "weight: 90"), encoding="utf-8")
    assert check(folder) == 1
    digest = load_definition(SHIPPED / "diving-2000").competition.digest
    assert capsys.readouterr().out.splitlines() == [
        f"{folder}/competition.yaml: ok, sha256 {digest}",
        f"{path}:18:3: rubric.criteria: the weights sum to 90 (90), not to 100; add 10",
    ]


def test_one_file_is_checked_by_itself(capsys: pytest.CaptureFixture[str]) -> None:
    path = SHIPPED / "diving-2000" / "all-dives.yaml"
    [round_] = load_definition(path.parent).rounds
    assert check(path) == 0
    assert capsys.readouterr().out == f"{path}: ok, sha256 {round_.digest}\n"


def test_without_a_path_every_shipped_competition_is_checked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(SHIPPED.parent)
    assert check() == 0
    files = sorted(str(path.relative_to(SHIPPED.parent)) for path in SHIPPED.glob("*/*.yaml"))
    assert sorted(line.split(":")[0] for line in capsys.readouterr().out.splitlines()) == files


def test_folder_of_the_environment_is_checked_instead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JUDGING_RUBRICS_DIR", str(tmp_path))
    assert check() == 1
    assert capsys.readouterr().err == f"{tmp_path}: no competition.yaml in this folder or in those below it\n"


def test_file_that_is_not_there_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(tmp_path / "gone.yaml") == 1
    assert capsys.readouterr().out == (
        f"{tmp_path}/gone.yaml:1:1: cannot be read (No such file or directory); name a file that exists\n"
    )
