"""The documents' numbers are the code's."""

import re
from pathlib import Path

from judging.calibration.fit import fit
from judging.calibration.settings import Settings
from judging.ranking import rank
from judging.schemas.score_file import Scale, ScoreForm, load_scores
from judging.shortlist import ShortlistRule
from tests.support.reports import report_dict

DOCS = Path(__file__).resolve().parent.parent / "docs"


def test_the_worked_example_is_what_the_code_computes() -> None:
    text = (DOCS / "worked-example.csv").read_text(encoding="utf-8")
    form = ScoreForm(scale=Scale(minimum=0, maximum=100, step=1))
    ratings = load_scores(text, name="worked-example.csv", separator=",", form=form)
    report = report_dict(fit(ratings, Settings(model="mixed", shortlist=ShortlistRule(size=3))))
    by_raw = dict(
        zip(
            [one["proposal"] for one in report["proposals"]],
            rank([one["raw"] for one in report["proposals"]]).tolist(),
            strict=True,
        )
    )
    computed = [
        (
            one["proposal"],
            f"{one['raw']:.1f}",
            str(by_raw[one["proposal"]]),
            f"{one['calibrated']:.1f}",
            str(one["rank"]),
            f"{one['rank_low']}–{one['rank_high']}",
            f"{one['p_shortlist'] * 100:.0f} %",
        )
        for one in report["proposals"]
    ]
    page = (DOCS / "calibration.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.strip("| \n").split("|")] for line in page.splitlines()]
    written = [(row[0], *row[3:]) for row in rows if len(row) == 9 and re.fullmatch("[A-H]", row[0])]
    assert written == sorted(computed, key=lambda row: int(row[4]))
    explained = next(one for one in report["proposals"] if one["proposal"] == "C")["explanation"]
    quoted = [line.removeprefix("> ") for line in page.splitlines() if line.startswith("> ")]
    assert quoted == [explained["text"], *(term["text"] for term in explained["terms"] if term["kind"] == "severity")]
