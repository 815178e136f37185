"""``judging calibrate`` refuses what is no table of scores, and says why."""

from __future__ import annotations

from pathlib import Path

import pytest

from judging.cli import run
from tests.cli.analysis.test_calibrate import HEADING, ROWS, file_of, refused


def test_every_complaint_names_line_column_value_and_what_is_right(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        "proposal,judge,score,judge_city",
        "a,x,seven,hk",
        "a,y,11,hk",
        ",x,5,hk",
        "b,x,5.2,sh",
        "b,y,nan,hk",
        "b,y,1_0,hk",
    ]
    path = file_of(tmp_path, "\n".join(rows))
    number = "is not a number; write digits such as 7.5, or nothing when the score is missing"
    assert refused(path, "--scale", "0:10:0.5", capsys=capsys) == [
        f"row 2, column score: `seven` {number}",
        "row 2, column score: the same in row 6, 7",
        "row 3, column score: 11: the scale goes from 0 to 10",
        "row 3, column score: the same in row 5",
        "row 4, column proposal: empty; write a name",
        "row 5, column judge_city: x has hk in row 2 and sh here; a judge has one",
    ]


def test_a_thousand_complaints_are_counted_not_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = refused(file_of(tmp_path, "proposal,judge,score\n" + "a,x,no\n" * 1000), capsys=capsys)
    assert said == [
        "row 2, column score: `no` is not a number; write digits such as 7.5, or nothing when the score is missing",
        "row 2, column score: the same in row 3, 4 and 997 more",
    ]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "file: The file is empty."),
        ("proposal,judge,score\n", "headings: no row has a score"),
        ("proposal,judge,score\na,x,\n", "headings: no row has a score"),
        (
            "proposal,judge,score\na,x,5,6\n",
            "row 2, column D: There is nothing above this cell. If a comma inside a number made it, save the file "
            "as .xlsx.",
        ),
        (
            'proposal,judge,score\na,"x,5\n',
            "line 2: The quotation marks do not match, or a cell is longer than 131072 characters.",
        ),
        (
            "proposal,judge,score,score\na,x,5,5\n",
            "question: Columns C (score), D (score) could each be the score: which one is it? "
            "Answer with --answer column-score=C (column C (score)); --answer column-score=D (column D (score))",
        ),
        (
            "proposal,judge,weather\na,x,5\n",
            "question: Column C (weather) has the only numbers: is it the score? "
            "Answer with --answer column-score=C (column C (weather))",
        ),
    ],
)
def test_what_is_no_table_of_scores_isrefused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, complaint: str
) -> None:
    assert refused(file_of(tmp_path, content), capsys=capsys) == [complaint]


def test_criteria_that_the_weights_do_not_name_arerefused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = file_of(tmp_path, "proposal,judge,criterion,score\na,x,data,5\na,x,taste,5\n")
    said = refused(path, "--weights", "data=1,impact=2", capsys=capsys)
    assert said == ["row 3, column criterion: `taste`: no criterion has this name; there are: data, impact"]


def test_unlinked_judges_stop_additive_with_the_remedy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = file_of(tmp_path, "proposal,judge,score\na,x,5\nb,y,4\n")
    (said,) = refused(path, "--model", "additive", capsys=capsys)
    assert said.startswith("The judges fall into 2 linked sets that share no proposal: [x]; [y].")


def test_a_missing_file_and_an_unwritable_target_are_reported_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["calibrate", str(tmp_path / "no.csv")]) == 2
    assert capsys.readouterr().err == f"{tmp_path / 'no.csv'}: cannot be read: No such file or directory\n"
    path = file_of(tmp_path, HEADING + ROWS)
    nowhere = tmp_path / "nowhere" / "out.json"
    assert run(["calibrate", str(path), "--json", str(nowhere)]) == 2
    assert capsys.readouterr().err == f"{nowhere}: cannot be written: No such file or directory\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["--scale", "10:0"],
        ["--scale", "0:10:0"],
        ["--weights", "c1"],
        ["--weights", "c1=1,c1=2"],
        ["--shortlist", "0"],
        ["--seed", "-1"],
        ["--column", "points=score"],
        ["--model", "median"],
    ],
)
def test_arguments_that_mean_nothing_are_refused_before_the_file_is_read(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as leaving:
        run(["calibrate", "nowhere.csv", *arguments])
    assert leaving.value.code == 2
    assert arguments[0] in capsys.readouterr().err
