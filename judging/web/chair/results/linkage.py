"""Which judges can be compared, and the assumptions used where the scoresheets do not identify an effect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import render_template

from judging import request as this
from judging.calibration.report.cities import CityPairCount
from judging.services.runs import calibration_runs
from judging.services.runs.ratings import collect_scores
from judging.web.chair.blueprint import bp, city_sentences, frame_of, no_run
from judging.web.chair.results.linkage_picture import picture_of
from judging.web.responses.parts import remembered

# A larger table of cities by cities is hard to read.
_MANY_CITIES = 8


@dataclass(frozen=True, slots=True)
class CityMatrix:
    """Scoresheets by city of the judge and of the proposal."""

    judge_cities: list[str]
    proposal_cities: list[str]
    counts: dict[tuple[str, str], int]
    of_judges: dict[str, int]

    @classmethod
    def of(cls, pairs: Sequence[CityPairCount]) -> CityMatrix:
        """Arrange the counts of a run as a table."""
        counts = {(pair.judge_city, pair.proposal_city): pair.n_sheets for pair in pairs}
        judge_cities = sorted({judge for judge, _ in counts})
        return cls(
            judge_cities=judge_cities,
            proposal_cities=sorted({proposal for _, proposal in counts}),
            counts=counts,
            of_judges={city: sum(n for (judge, _), n in counts.items() if judge == city) for city in judge_cities},
        )


@bp.get("/<round_key>/linkage")
@remembered
def linkage(competition: str, round_key: str) -> str:
    """Show which judges can be compared, and the assumptions used."""
    shown = frame_of(competition, round_key)
    if shown.run is None or shown.result is None:
        return no_run(shown, "linkage")
    scores = collect_scores(
        this.session(),
        shown.row,
        shown.rules.rubric.keys,
        newest_scoresheet=shown.run.settings["newest_scoresheet"],
    )
    return render_template(
        "chair/results/linkage.html",
        picture=picture_of(
            ((score.judge, score.proposal) for score in scores.scores),
            cities=scores.judges,
            linked_sets=[linked.judges for linked in shown.result.linked_sets],
        ),
        frame=shown,
        tab="linkage",
        names=calibration_runs.judges_by_key(this.session(), shown.row.competition_id),
        matrix=CityMatrix.of(shown.result.cities.readings),
        city_sentences=city_sentences(shown.result),
        many_cities=_MANY_CITIES,
    )
