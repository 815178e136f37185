"""The results workbook of 80 proposals as LibreOffice prints it: how many pages each sheet has."""

from collections import Counter
from pathlib import Path

import numpy as np
from pypdf import PdfReader

from judging.calibration.build_report import build_report
from judging.calibration.fit import fit
from judging.calibration.settings import Settings
from judging.calibration.simulate import ratings_of, simulate
from judging.calibration.truths import Design
from judging.schemas.definitions.definition_files import load_round
from judging.shortlist import ShortlistRule
from judging.workbook.results.book import JudgeFacts, ProposalFacts
from judging.workbook.results.decided import RulesFacts
from judging.workbook.results.writing import write_book
from tests.support.event import RUBRICS
from tests.support.programs.office import printed
from tests.workbook.results import example

LONG_TITLE = "兩城巴士的實時到站預測 and what it takes to keep a promise at the bus stop, in fifteen words"
SHEETS = {
    "Summary": 1,
    "Ranking": 2,
    "Charts": 1,
    "Shortlist": 1,
    "Judges": 1,
    "Method": 1,
    "Rules": 3,
    "Provenance": 1,
}
RAW_DATA = ("Scores", "Explanations")


def test_eighty_proposals_are_eleven_pages_without_the_raw_data(tmp_path: Path) -> None:
    design = Design(n_proposals=80, n_judges=24)
    ratings = ratings_of(simulate(design, rng=np.random.default_rng(1))).to_percent()
    rule = ShortlistRule(size=20, reserves=4)
    report = build_report(fit(ratings, Settings(model="mixed", n_draws=200, shortlist=rule)))
    rules = load_round(RUBRICS / "hksh-2023" / "first-screening.yaml")
    book = example.book(
        report=report,
        proposals={
            row.proposal: ProposalFacts(
                title=LONG_TITLE, team="Team of six people", city="Hong Kong", category="Smart Environment"
            )
            for row in report.proposals
        },
        judges={row.judge: JudgeFacts(name="Judge of a city", city="Shanghai") for row in report.judges},
        rules=RulesFacts(definition=rules, digest="a" * 64),
        scoresheets=(),
    )
    path = tmp_path / "results.xlsx"
    with path.open("wb") as stream:
        write_book(book, stream)
    pages = PdfReader(printed(path, tmp_path)).pages
    # The header of each page ends with the name of its sheet.
    names = [page.extract_text().splitlines()[0].split()[-1] for page in pages]
    counted = {name: n for name, n in Counter(names).items() if name not in RAW_DATA}
    assert (counted, sum(counted.values())) == (SHEETS, 11)
