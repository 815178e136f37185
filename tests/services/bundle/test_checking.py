"""A bundle checks itself without the server, and whatever is changed in it is named."""

from __future__ import annotations

import csv
import io
import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from judging import db
from judging.services.bundle import parts
from judging.services.bundle.checking import check_bundle, holds
from judging.services.bundle.unpacking import Finding
from judging.services.runs import calibration_runs
from tests.services.bundle.released_bundle import (
    HERE,
    LATER,
    Files,
    csv_of,
    files_of,
    first_score,
    packed,
    released,
    resealed,
    resealed_as_is,
    with_cell,
    with_json,
    with_row,
    wrong,
)
from tests.support.files.exports import make_bundle
from tests.support.optional import present


@pytest.fixture(scope="module")
def bundle(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory, quick_databases: None) -> bytes:
    """Return the bundle of a released round."""
    path = tmp_path_factory.mktemp("bundle") / "judging.db"
    shutil.copy(migrated_sqlite, path)
    engine = db.create_engine_for(f"sqlite:///{path}")
    with db.open_session(engine) as session:
        event = released(session)
        _, content = make_bundle(session, event.actor(session, "auditor"), *HERE, at=LATER)
    engine.dispose()
    return content


def test_a_changed_score_is_named_by_row_old_and_new(bundle: bytes) -> None:
    files = files_of(bundle)
    place, old = first_score(files)
    new = "1.0" if old != "1.0" else "2.0"
    for changed in (with_row(files, place, "score", new), resealed(with_row(files, place, "score", new))):
        named = [text for text in wrong(changed, parts.RATINGS) if text.startswith("row 2 ")]
        assert len(named) == 1
        assert f"({' · '.join(place)}): {new}, workbook.csv has {old} (Scores!" in named[0]


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("judge_city", "elsewhere", "judge_city: elsewhere, run.json has"),
        ("proposal_city", "elsewhere", "proposal_city: elsewhere, run.json has"),
        ("category", "elsewhere", "category: elsewhere, run.json has"),
        ("scored_at", "2023-07-09T01:02:03+00:00", "scored_at: 2023-07-09T01:02:03+00:00, workbook.csv has"),
    ],
)
def test_any_other_cell_of_the_scores_is_named(bundle: bytes, column: str, value: str, said: str) -> None:
    files = files_of(bundle)
    place, _ = first_score(files)
    assert any(said in text for text in wrong(with_row(files, place, column, value), parts.RATINGS))


def test_a_score_left_out_and_a_score_put_in_are_named(bundle: bytes) -> None:
    files = files_of(bundle)
    rows = list(csv.reader(io.StringIO(files[parts.RATINGS].decode("utf-8-sig"), newline="")))
    place, old = first_score(files)
    fewer = {**files, parts.RATINGS: csv_of([rows[0], *rows[2:]])}
    named = [text for text in wrong(fewer, parts.RATINGS) if text.startswith("no row for ")]
    assert [text.split(" (")[0] for text in named] == [f"no row for {' · '.join(place)}: workbook.csv has {old}"]
    more = {**files, parts.RATINGS: csv_of([*rows, ["P001", "J99", "data-use", "10.0", "hk", "hk", "", rows[1][7]]])}
    assert any("stands in no cell of workbook.csv" in text for text in wrong(more, parts.RATINGS))


def test_a_changed_rule_is_named_with_old_and_new(bundle: bytes) -> None:
    def change(content: dict[str, Any]) -> None:
        content["definition"]["shortlist"]["size"] = 21

    files = with_json(files_of(bundle), parts.RULES, change)
    assert "definition.shortlist.size: 20 became 21" in wrong(files, parts.RULES)
    sealed = wrong(resealed(files))
    assert any(text.startswith("digest of the definition is ") for text in sealed)
    assert any("settings.shortlist.size: 20 here, 21 by the rules" in text for text in sealed)


def test_a_changed_number_of_the_result_is_found_by_calibrating_again(bundle: bytes) -> None:
    def change(content: dict[str, Any]) -> None:
        content["result"]["proposals"][2]["calibrated"] += 0.01
        content["result_digest"] = calibration_runs.result_digest(content["result"])

    files = resealed(with_json(files_of(bundle), parts.RUN, change))
    key = json.loads(files[parts.RUN])["result"]["proposals"][2]["proposal"]
    assert any(text.startswith(f"result.proposals[{key}].calibrated: ") for text in wrong(files, parts.RUN))
    assert any(f"({key}, Calibrated score)" in text for text in wrong(files, parts.WORKBOOK))
    assert any(text.startswith(f"ranking[{key}].score: ") for text in wrong(files, parts.RELEASE))


def test_a_changed_setting_of_the_run_is_named(bundle: bytes) -> None:
    def change(content: dict[str, Any]) -> None:
        content["settings"]["seed"] = 7

    assert "settings.seed: 7 here, 20230701 by the rules" in wrong(
        resealed(with_json(files_of(bundle), parts.RUN, change)), parts.RUN
    )


@pytest.mark.parametrize(
    ("sheet", "address"), [("Ranking", "I8"), ("Scores", "H12"), ("Judges", "D8"), ("Method", "A1")]
)
def test_a_changed_cell_is_named_with_sheet_address_old_and_new(bundle: bytes, sheet: str, address: str) -> None:
    files = files_of(bundle)
    book = load_workbook(io.BytesIO(files[parts.WORKBOOK]))
    old = present(book[sheet][address].value)
    assert any(
        text.startswith(f"{sheet}!{address}: {old}") and text.endswith(" became 99.5")
        for text in wrong(with_cell(files, sheet, address, 99.5), parts.WORKBOOK)
    )


def test_a_cell_of_the_ranking_is_compared_with_the_run_and_not_only_with_the_list(bundle: bytes) -> None:
    from judging.workbook.cell_list import cells_csv, list_cells

    files = files_of(bundle)
    book = load_workbook(io.BytesIO(files[parts.WORKBOOK]))
    ranking = book["Ranking"]
    cell = next(cell for row in ranking.iter_rows() for cell in row if cell.data_type == "n" and cell.value is not None)
    changed = with_cell(files, "Ranking", cell.coordinate, 77)
    changed[parts.CELLS] = cells_csv(list_cells(changed[parts.WORKBOOK]))
    named = wrong(resealed(changed), parts.WORKBOOK)
    assert len(named) == 1
    assert named[0].startswith(f"Ranking!{cell.coordinate} (")
    assert named[0].endswith(f"77, run.json has {cell.value}")


def test_a_changed_list_of_cells_is_not_blamed_on_the_workbook(bundle: bytes) -> None:
    files = files_of(bundle)
    changed = {**files, parts.CELLS: files[parts.CELLS].replace(b"Simulated proposal 003", b"Another proposal", 1)}
    assert any(text.endswith("Simulated proposal 003 became Another proposal") for text in wrong(changed, parts.CELLS))
    assert wrong(changed, parts.WORKBOOK) == []


def test_a_changed_decision_is_named_and_no_longer_fits_the_release(bundle: bytes) -> None:
    def change(content: dict[str, Any]) -> None:
        content["decisions"][0]["verdict"] = "in"

    files = with_json(files_of(bundle), parts.DECISIONS, change)
    assert [text for text in wrong(files, parts.DECISIONS) if "verdict: out became in" in text] != []
    sealed = wrong(resealed(files), parts.RELEASE)
    assert any(text.startswith("decisions[") and "verdict: out here, in in the other parts" in text for text in sealed)
    assert any(text.startswith("shortlist.selected") for text in sealed)


def test_a_swapped_shortlist_is_one_finding_a_list(bundle: bytes) -> None:
    names: dict[str, list[str]] = {}

    def swap(content: dict[str, Any]) -> None:
        shortlist = content["release"]["content"]["shortlist"]
        selected, reserves = shortlist["selected"], shortlist["reserves"]
        selected[0], reserves[-1] = reserves[-1], selected[0]
        names.update(selected=list(selected), reserves=list(reserves))

    found = wrong(resealed(with_json(files_of(bundle), parts.RELEASE, swap)), parts.RELEASE)
    of_lists = [text for text in found if text.startswith("shortlist.")]
    first, last = names["selected"][0], names["reserves"][-1]
    assert sorted(of_lists) == [
        f"shortlist.reserves: {last} only here, {first} only by rule and decisions",
        f"shortlist.selected: {first} only here, {last} only by rule and decisions",
    ]

    def turn_round(content: dict[str, Any]) -> None:
        content["release"]["content"]["shortlist"]["selected"].reverse()

    found = wrong(resealed(with_json(files_of(bundle), parts.RELEASE, turn_round)), parts.RELEASE)
    (text,) = [text for text in found if text.startswith("shortlist.")]
    assert text.startswith("shortlist.selected: in another order, from place 1: ")


def test_a_changed_release_no_longer_has_the_digest_that_was_signed(bundle: bytes) -> None:
    def change(content: dict[str, Any]) -> None:
        content["release"]["content"]["shortlist"]["reserves"] = []

    files = resealed(with_json(files_of(bundle), parts.RELEASE, change))
    assert any(text.startswith("digest of the content is ") for text in wrong(files, parts.RELEASE))


def test_a_release_without_one_city_is_not_signed_by_all(bundle: bytes) -> None:
    def change(content: dict[str, Any]) -> None:
        content["release"]["signatures"].pop()

    assert wrong(resealed(with_json(files_of(bundle), parts.RELEASE, change))) == ["not signed for sh"]


def test_a_changed_competition_and_a_changed_readme_are_named(bundle: bytes) -> None:
    def change(content: dict[str, Any]) -> None:
        content["definition"]["policies"]["release"] = "one-chair"

    files = with_json(files_of(bundle), parts.COMPETITION, change)
    named = wrong(files, parts.COMPETITION)
    assert "definition.policies.release: every-city became one-chair" in named
    assert wrong({**files_of(bundle), parts.README: b"Trust me.\n"}) == ["its SHA-256 is not the one in the manifest"]


def test_a_changed_manifest_is_detected_by_its_own_digest(bundle: bytes) -> None:
    def change(content: dict[str, Any]) -> None:
        content["made_by"] = "Somebody else"

    files = with_json(files_of(bundle), parts.MANIFEST, change)
    assert wrong(files) == ["was changed after it was written: its own digest does not hold"]


def test_a_consistent_forgery_is_detected_by_a_digest_from_outside(bundle: bytes) -> None:
    files = files_of(bundle)
    release = json.loads(files[parts.RELEASE])["release"]
    right = check_bundle(bundle, digest=release["digest"][:16])
    assert holds(right)
    assert right[-1] == Finding(
        "agrees", parts.RELEASE, f"the digest given, {' '.join(release['digest'][n : n + 4] for n in (0, 4, 8, 12))}"
    )
    assert not holds(check_bundle(bundle, digest="0" * 64))
    assert not holds(check_bundle(bundle, digest=release["digest"][:4]))


def test_missing_unknown_and_unreadable_parts_are_reported(bundle: bytes) -> None:
    files = files_of(bundle)
    assert wrong({**files, "notes.txt": b"x"}) == ["is no part of a bundle"]
    without = {name: content for name, content in files.items() if name != parts.RUN}
    assert "is missing" in wrong(without, parts.RUN)
    assert any(text.startswith("cannot be read: ") for text in wrong({**files, parts.RULES: b"{"}, parts.RULES))
    assert any(
        text.startswith("cannot be read: row 2") for text in wrong(with_row(files, *_bad_time(files)), parts.RATINGS)
    )
    assert wrong({name: content for name, content in files.items() if name != parts.MANIFEST}) == ["is missing"]


def _bad_time(files: Files) -> tuple[tuple[str, str, str], str, str]:
    return first_score(files)[0], "scored_at", "yesterday"


def test_a_damaged_archive_and_a_zip_bomb_are_refused_with_a_message(bundle: bytes) -> None:
    assert [line.text for line in check_bundle(bundle[: len(bundle) // 2])] == [
        "The bundle is damaged: it cannot be unpacked."
    ]
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(parts.MANIFEST, b"0" * 50_000_000)
    assert [line.text for line in check_bundle(stream.getvalue())] == [
        "The bundle unpacks to far more than its size; it is not read."
    ]


@pytest.mark.parametrize("name", [parts.RUN, parts.RELEASE, parts.DECISIONS, parts.RULES, parts.COMPETITION])
def test_json_of_another_shape_is_an_answer_and_no_crash(bundle: bytes, name: str) -> None:
    for content in (b"{}", b"[]", b'{"definition": 1, "result": [], "release": {"content": 3}, "decisions": 5}'):
        assert not holds(check_bundle(packed(resealed_as_is({**files_of(bundle), name: content}))))
