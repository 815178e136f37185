"""The results of a hidden proposal are removed by the rule of each field; equal texts elsewhere are not changed."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any, get_args, get_type_hints

import numpy as np
import pytest

import judging.calibration
from judging.calibration.build_report import build_report
from judging.calibration.coding import ratings_from_rows
from judging.calibration.fit import fit
from judging.calibration.report import hiding
from judging.calibration.report.hiding import RULES, comparison_without, without
from judging.calibration.report.proposals import ProposalResult
from judging.calibration.report.whole import Report
from judging.calibration.settings import Settings
from judging.shortlist import ShortlistRule
from tests.support.optional import present

# Names of parts and of fields, a city, a number as text, a model: all of them may be keys of proposals.
KEYS = ("severity", "proposal", "judges", "readings", "consistency", "hk", "1", "rasch", "notes", "P10", "P11", "P12")
HIDDEN = frozenset(KEYS[:9])


@pytest.fixture(scope="module")
def report() -> Report:
    """The report of a Rasch fit with all optional parts."""
    rng = np.random.default_rng(3)
    judges = {"severity": "hk", "J2": "hk", "judges": "sh", "J4": "sh"}
    criteria = ("readings", "proposal")
    rows = [(key, judge, criterion) for key in KEYS for judge in judges for criterion in criteria]
    ratings = ratings_from_rows(
        [row[0] for row in rows],
        [row[1] for row in rows],
        criterion=[row[2] for row in rows],
        score=rng.integers(1, 7, len(rows)).tolist(),
        criteria=criteria,
        weights={"readings": 0.5, "proposal": 0.5},
        minimum=[1.0, 1.0],
        maximum=[6.0, 6.0],
        step=[1.0, 1.0],
        proposal_city={key: "hk" if place % 2 else "sh" for place, key in enumerate(KEYS)},
        judge_city=judges,
    )
    rule = ShortlistRule(size=4, reserves=8, city_minimum={"hk": 2})
    return build_report(
        fit(ratings, Settings(model="rasch", n_draws=200, shortlist=rule)), simultaneous=True, sensitivity=True
    )


def types_in(annotation: Any) -> Iterator[type[Any]]:
    """Yield every dataclass that an annotation names, and those of its fields."""
    if is_dataclass(annotation) and isinstance(annotation, type):
        yield annotation
        for inner in get_type_hints(annotation).values():
            yield from types_in(inner)
    for argument in get_args(annotation):
        yield from types_in(argument)


def test_every_field_of_every_part_has_a_rule() -> None:
    assert {kind: {field.name for field in fields(kind)} for kind in types_in(Report)} == {
        kind: set(rules) for kind, rules in RULES.items()
    }


def test_what_is_kept_whole_holds_no_part_that_loses_something() -> None:
    unchanged = hiding._unchanged
    whole = [
        part
        for kind, rules in RULES.items()
        for name, rule in rules.items()
        if rule is unchanged
        for part in types_in(get_type_hints(kind)[name])
    ]
    assert [part.__name__ for part in whole if set(RULES[part].values()) != {unchanged}] == []


def test_judges_criteria_cities_and_words_stay_whatever_a_proposal_is_called(report: Report) -> None:
    visible = without(report, HIDDEN)
    for name in ("judges", "criteria", "cities", "variances", "fixed", "notes", "note_templates", "reliability"):
        assert getattr(visible, name) == getattr(report, name)
    assert [row.severity for row in visible.judges] == [row.severity for row in report.judges] != [None] * 4
    assert (present(visible.logits).judges, present(visible.logits).criteria) == (
        present(report.logits).judges,
        present(report.logits).criteria,
    )
    assert set(present(visible.logits).judges) == {"severity", "J2", "judges", "J4"}


def test_hidden_rows_are_empty_and_all_others_as_they_were(report: Report) -> None:
    visible = without(report, HIDDEN)
    assert [row.proposal for row in visible.proposals] == [
        *(row.proposal for row in report.proposals if row.proposal not in HIDDEN),
        *sorted(HIDDEN & {row.proposal for row in report.proposals}),
    ]
    ranks: dict[str, Any] = {"rank": None, "rank_low": None, "rank_high": None, "rank_sets": None}
    before = {row.proposal: row for row in report.proposals}
    for after in visible.proposals:
        if after.proposal in HIDDEN:
            assert after == ProposalResult(proposal=after.proposal, hidden=True)
        else:
            assert replace(after, **ranks) == replace(before[after.proposal], **ranks)


def test_ranks_have_no_gap_where_a_proposal_is_hidden(report: Report) -> None:
    ranked = [row for row in report.proposals if row.rank is not None]
    for hidden in (ranked[0], ranked[len(ranked) // 2], ranked[-1]):
        rows = [row for row in without(report, frozenset({hidden.proposal})).proposals if row.rank is not None]
        others = [row for row in ranked if row is not hidden]
        assert [row.proposal for row in rows] == [row.proposal for row in others]
        for row, other in zip(rows, others, strict=True):
            shift = int(present(other.rank) > present(hidden.rank))
            assert present(row.rank) == present(other.rank) - shift
            assert present(row.rank_low) <= present(row.rank) <= present(row.rank_high)


def test_linked_sets_stay(report: Report) -> None:
    visible = without(report, HIDDEN)
    assert visible.linked_sets == report.linked_sets


def test_a_hidden_proposal_is_named_nowhere_but_in_its_row_and_its_linked_set(report: Report) -> None:
    # A key that differs from all other texts, so that it must not occur anywhere.
    for key in ("P10", "P11", "P12"):
        assert len(list(places_of(report, key))) > 5
        assert {path[0] for path in places_of(without(report, frozenset({key})), key)} == {"proposals", "linked_sets"}


def places_of(part: Any, key: str, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if is_dataclass(part):
        for field in fields(part):
            yield from places_of(getattr(part, field.name), key, (*path, field.name))
    elif isinstance(part, Mapping):
        if key in part:
            yield (*path, key)
        for name, value in part.items():
            yield from places_of(value, key, (*path, str(name)))
    elif isinstance(part, tuple):
        for value in part:
            yield from places_of(value, key, path)
    elif isinstance(part, str) and key in part.split():
        yield path


def test_shortlist_and_sets_lose_the_keys(report: Report) -> None:
    visible = without(report, HIDDEN)
    assert report.shortlist is not None
    assert present(visible.shortlist) == replace(
        report.shortlist,
        selected=left(report.shortlist.selected),
        reserves=left(report.shortlist.reserves),
        tied_at_line=left(report.shortlist.tied_at_line),
        moves=tuple(move for move in report.shortlist.moves if move.proposal not in HIDDEN),
        seat_errors=None,
        seat_errors_by_city=(),
        seat_errors_by_category=(),
    )
    assert present(visible.simultaneous).may_be_among_first == left(
        present(report.simultaneous).may_be_among_first or ()
    )
    assert [row for row in visible.unexpected if row.proposal in HIDDEN] == []


def left(keys: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(key for key in keys if key not in HIDDEN)


def test_a_comparison_loses_the_places_of_hidden_proposals_with_their_keys(report: Report) -> None:
    before = present(report.sensitivity)
    after = comparison_without(before, HIDDEN)
    assert after == without(report, HIDDEN).sensitivity
    assert after.proposals == left(before.proposals)
    for was, now in zip(before.models, after.models, strict=True):
        assert (now.model, now.tau, now.refusal) == (was.model, was.tau, was.refusal)
        assert (now.rank is None) == (was.rank is None)
        if was.rank is not None and now.rank is not None:
            ranks = dict(zip(before.proposals, was.rank, strict=True))
            gone = [ranks[key] for key in before.proposals if key not in after.proposals]
            assert dict(zip(after.proposals, now.rank, strict=True)) == {
                key: present(ranks[key]) - sum(present(rank) < present(ranks[key]) for rank in gone)
                for key in after.proposals
            }
    for row, visible in zip(before.judges, after.judges, strict=True):
        assert (visible.judge, visible.tau, visible.enters) == (row.judge, row.tau, left(row.enters))
        assert (visible.moved, visible.move) == ((None, None) if row.moved in HIDDEN else (row.moved, row.move))


def test_with_nothing_hidden_the_report_is_the_same_object(report: Report) -> None:
    assert without(report, frozenset()) is report
    assert comparison_without(present(report.sensitivity), frozenset()) is present(report.sensitivity)


def test_no_sentence_of_a_calibration_has_a_proposal_among_its_values() -> None:
    # The rules keep sentences whole. One that names a proposal would need a rule of its own.
    named = []
    for path in sorted(Path(judging.calibration.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Message":
                named += [f"{path.name}:{node.lineno}" for word in node.keywords if "proposal" in (word.arg or "")]
    assert named == []
