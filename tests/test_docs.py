"""The documents' numbers are the code's."""

import ast
import itertools
import re
from pathlib import Path

import grimp

from judging.calibration.fit import fit
from judging.calibration.settings import Settings
from judging.displaying import probability
from judging.incoming_tables.reading import read_file
from judging.ranking import rank
from judging.request_language import LANGUAGE_NAMES
from judging.rubric import LANGUAGES
from judging.schemas.roster_rows import LANGUAGE_SPELLINGS
from judging.schemas.score_file import known_of, ratings_of
from judging.schemas.score_form import FileScale, ScoreForm
from judging.shortlist import ShortlistRule
from tests.support.reports import report_dict

ROOT = Path(__file__).resolve().parent.parent
CODE = ROOT / "judging"
DOCS = ROOT / "docs"


def test_the_worked_example_is_what_the_code_computes() -> None:
    content = (DOCS / "worked-example.csv").read_bytes()
    form = ScoreForm(scale=FileScale(minimum=0, maximum=100, step=1))
    ratings = ratings_of(read_file(content, "worked-example.csv", known_of(form)), form)
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
            probability(one["p_shortlist"]),
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


def test_the_picture_of_the_architecture_shows_the_imports_of_the_code() -> None:
    page = (DOCS / "architecture.md").read_text(encoding="utf-8")
    picture = page.split("```mermaid\n")[1].split("```")[0]
    drawn = {
        (start, end)
        for line in picture.splitlines()
        if "-->" in line
        for starts, ends in [line.split("-->")]
        for start in starts.replace("&", " ").split()
        for end in ends.replace("&", " ").split()
    }
    assert drawn == arrows(grimp.build_graph("judging"))


def arrows(graph: grimp.ImportGraph) -> set[tuple[str, str]]:
    """Return the imports between the modules and packages of ``judging``, without those that a longer way implies."""
    top = {child.rpartition(".")[2]: child for child in graph.find_children("judging")}
    reachable = {
        (start, end)
        for start, end in itertools.permutations(top, 2)
        if graph.find_shortest_chains(top[start], top[end], as_packages=True)
    }
    return {
        (start, end)
        for start, end in reachable
        if not any((start, between) in reachable and (between, end) in reachable for between in top)
    }


def test_every_step_of_a_score_is_where_the_architecture_says() -> None:
    page = (DOCS / "architecture.md").read_text(encoding="utf-8")
    steps = re.findall(r"(?m)^\|[^|`]+\| `([\w/]+\.py)` \| `(\w+)` \|$", page)
    assert len(steps) > 10
    missing = [
        f"{path}: {name}"
        for path, name in steps
        if name not in {node.name for node in ast.walk(ast.parse((CODE / path).read_text())) if hasattr(node, "name")}
    ]
    assert missing == []


def test_every_path_that_a_document_names_exists() -> None:
    named = {
        (document.name, path)
        for document in (*DOCS.glob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md")
        for path in re.findall(
            r"`((?:judging|tests|docs|setup|benchmarks|rubrics|demo)/[\w./-]+)`", document.read_text(encoding="utf-8")
        )
    }
    assert len(named) > 20
    assert {(document, path) for document, path in named if not (ROOT / path).exists()} == set()


def test_a_language_is_the_same_wherever_it_is_listed() -> None:
    catalogues = {path.name.replace("_", "-") for path in (CODE / "translations").iterdir() if path.is_dir()}
    assert tuple(LANGUAGE_NAMES) == LANGUAGES
    assert tuple(LANGUAGE_SPELLINGS) == LANGUAGES
    assert {"en", *catalogues} == set(LANGUAGES)
