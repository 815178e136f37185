"""Rows of the table that compares the models, and the changes when each judge is left out."""

from __future__ import annotations

from dataclasses import dataclass

from judging.calibration.report.sensitivity import LeftOutResult, ModelResult, SensitivityResult
from judging.services.runs.sensitivity import ComparedProposal, by_proposal

_AROUND = 3
"""Number of ranks on each side of the cut-off that are always shown."""

_WITHOUT_LINE = 15


@dataclass(frozen=True, slots=True)
class Mark:
    """One proposal under one model; ``change`` is relative to the model of the run."""

    rank: int | None
    score: float | None
    is_in: bool
    change: str


@dataclass(frozen=True, slots=True)
class StripRow:
    """One proposal near the cut-off; a model without a fit has no mark."""

    proposal: str
    marks: tuple[Mark | None, ...]
    is_first_below: bool


@dataclass(frozen=True, slots=True)
class Strip:
    """Comparison of the models.

    Attributes
    ----------
    models : tuple of ModelResult
        In the order of the columns, the run's own first.
    rows : tuple of StripRow
        By rank under the model of the run: the rows around the cut-off, and those that any model moves across it.
    n_everywhere : int
        Number of proposals that every model selects.
    has_line : bool
        Whether the round has a rule for a shortlist.
    swaps, quiet : tuple of LeftOutResult
        Judges without whom the shortlist changes, most changes first, and the others.
    """

    models: tuple[ModelResult, ...]
    rows: tuple[StripRow, ...]
    n_everywhere: int
    has_line: bool
    swaps: tuple[LeftOutResult, ...]
    quiet: tuple[LeftOutResult, ...]


def strip_of(comparison: SensitivityResult) -> Strip:
    """Arrange a comparison (`judging.services.runs.sensitivity`) as rows and columns."""
    sealed = comparison.sealed_model
    models = sorted(comparison.models, key=lambda entry: entry.model != sealed)
    has_line = any(entry.selected is not None for entry in models)
    fitted = [entry.model for entry in models if entry.refusal is None]
    # Ranks are those of the sealed model; proposals without a rank are left out.
    placed = [(rank, row) for row in by_proposal(comparison) if (rank := row.rank.get(sealed))]
    ranked = [row for _, row in sorted(placed, key=lambda pair: (pair[0], pair[1].proposal))]
    selected = [place for place, row in enumerate(ranked) if row.selected[sealed]]
    line = max(selected, default=-1)
    if has_line:
        around = range(line - _AROUND + 1, line + _AROUND + 1)
        shown = [
            place
            for place, row in enumerate(ranked)
            if place in around or len({row.selected[name] for name in fitted}) > 1
        ]
    else:
        shown = list(range(min(_WITHOUT_LINE, len(ranked))))
    judges = sorted(comparison.judges, key=lambda entry: (-len(entry.enters), entry.judge))
    return Strip(
        models=tuple(models),
        rows=tuple(
            StripRow(
                ranked[place].proposal,
                tuple(_mark(ranked[place], entry.model, sealed) for entry in models),
                is_first_below=has_line and place == line + 1,
            )
            for place in shown
        ),
        n_everywhere=sum(all(row.selected[name] for name in fitted) for row in ranked),
        has_line=has_line,
        swaps=tuple(entry for entry in judges if entry.enters or entry.leaves or entry.refusal),
        quiet=tuple(entry for entry in judges if not (entry.enters or entry.leaves or entry.refusal)),
    )


def _mark(row: ComparedProposal, model: str, sealed: str) -> Mark | None:
    if model not in row.selected:
        return None
    is_in, was_in = row.selected[model], row.selected[sealed]
    change = "" if is_in == was_in else "enters" if is_in else "leaves"
    return Mark(row.rank[model], row.score[model], is_in, change)
