"""``judging simulate``: write the scores of a simulated challenge and the true values from which they are made."""

import argparse
import csv
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from judging.calibration.ratings import Ratings
from judging.calibration.simulate import Challenge, ratings_of, simulate
from judging.calibration.truths import TRUTHS, Design, design_for

SCORE_COLUMNS = ("proposal", "judge", "criterion", "score", "proposal_city", "judge_city", "category", "scored_at")
TRUTH_COLUMNS = ("kind", "name", "quality", "severity", "scale_use", "consistency", "home", "odd")


# Of proposals, judges or scoresheets: more of them fill the memory before anything is written.
_MOST = 100_000


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--seed", metavar="N", type=_natural, default=0, help="default: %(default)s")
    parser.add_argument(
        "--truth", choices=TRUTHS, default="default", help="what the scores are made from; default: %(default)s"
    )
    parser.add_argument("--proposals", metavar="N", type=_size, default=Design.n_proposals, help="default: %(default)s")
    parser.add_argument("--judges", metavar="N", type=_size, default=Design.n_judges, help="default: %(default)s")
    parser.add_argument(
        "--readings", metavar="N", type=_size, default=Design.readings, help="of each proposal; default: %(default)s"
    )
    parser.add_argument("--out", metavar="FILE.csv", type=Path, help="scores; standard output when left out")
    parser.add_argument("--truth-out", metavar="FILE.csv", type=Path, help="true qualities and judges' true effects")


def run(arguments: argparse.Namespace) -> int:
    """Simulate and write; return 2 when the numbers of proposals, judges and scoresheets do not fit together."""
    sizes = replace(Design(), n_proposals=arguments.proposals, n_judges=arguments.judges, readings=arguments.readings)
    design = design_for(arguments.truth, sizes)
    try:
        challenge = simulate(design, rng=np.random.default_rng(arguments.seed))
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    ratings = ratings_of(challenge)
    _write(arguments.out, SCORE_COLUMNS, _score_rows(ratings))
    if arguments.truth_out is not None:
        _write(arguments.truth_out, TRUTH_COLUMNS, _truth_rows(challenge, ratings))
    if arguments.out is not None:
        weights = ",".join(
            f"{name}={100 * weight:g}" for name, weight in zip(ratings.criteria, ratings.weights, strict=True)
        )
        scale = f"{design.minimum:g}:{design.maximum:g}:{design.step:g}"
        print(f"judging calibrate {arguments.out} --weights {weights} --scale {scale}", file=sys.stderr)
    return 0


def _score_rows(ratings: Ratings) -> Iterator[tuple[object, ...]]:
    for sheet in range(ratings.n_sheets):
        proposal, judge = int(ratings.proposal[sheet]), int(ratings.judge[sheet])
        moment = datetime.fromtimestamp(float(ratings.scored_at[sheet]), tz=UTC).isoformat()
        for criterion, score in zip(ratings.criteria, ratings.score[sheet], strict=True):
            yield (
                ratings.proposals[proposal],
                ratings.judges[judge],
                criterion,
                f"{score:g}",
                ratings.cities[ratings.proposal_city[proposal]],
                ratings.cities[ratings.judge_city[judge]],
                ratings.categories[ratings.category[proposal]],
                moment,
            )


def _truth_rows(challenge: Challenge, ratings: Ratings) -> Iterator[tuple[object, ...]]:
    for name, quality in zip(ratings.proposals, challenge.quality, strict=True):
        yield "proposal", name, repr(float(quality)), "", "", "", "", ""
    for code, name in enumerate(ratings.judges):
        effects = (
            repr(float(values[code]))
            for values in (challenge.severity, challenge.scale_use, challenge.consistency, challenge.home)
        )
        yield "judge", name, "", *effects, int(code in challenge.odd_judges)


def _write(path: Path | None, columns: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
    if path is None:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
        return
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def _natural(text: str) -> int:
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"{value} is negative")
    return value


def _size(text: str) -> int:
    value = _natural(text)
    if value > _MOST:
        raise argparse.ArgumentTypeError(f"{value} is too many: at most {_MOST}")
    return value
