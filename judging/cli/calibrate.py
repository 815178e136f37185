"""``judging calibrate``: from a file of scores to a calibrated ranking, without a database."""

import argparse
import json
import math
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from judging.calibration.fit import HOME_CITY_POLICIES, MODELS, Settings, fit
from judging.calibration.report import as_dict
from judging.cli.tables import text_report
from judging.errors import InvalidInput, Message
from judging.schemas.score_file import OPTIONAL, REQUIRED, Scale, ScoreForm, load_scores
from judging.shortlist import ShortlistRule
from judging.workbook.delimited import decode, find_separator

NAME = "calibrate"
SUMMARY = "calibrate the scores of a file: table, JSON or workbook"

STANDARD = "-"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("scores", metavar="SCORES.csv", help="CSV or TSV with a heading line; - is standard input")
    parser.add_argument("--model", choices=tuple(MODELS), default=Settings.model, help="default: %(default)s")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--rubric", metavar="FILE", type=Path, help="round file with criteria, weights and scales")
    form.add_argument(
        "--weights", metavar="C1=30,C2=70", type=_weights, help="criteria and weights; equal when left out"
    )
    parser.add_argument("--scale", metavar="MIN:MAX[:STEP]", type=_scale, help="values that a score may take")
    parser.add_argument("--shortlist", metavar="K", type=_positive, help="seats, for the probability of getting one")
    parser.add_argument(
        "--seed", metavar="N", type=_natural, default=Settings.seed, help="of the draws; default: %(default)s"
    )
    parser.add_argument(
        "--home-city",
        choices=HOME_CITY_POLICIES,
        default=Settings.home_city,
        help="the advantage of being scored by one's own city: taken out, shown only, or left out of the model; "
        "default: %(default)s",
    )
    parser.add_argument(
        "--column",
        metavar="NAME=HEADING",
        type=_column,
        action="append",
        default=[],
        help=f"a column's heading in the file, where it differs; NAME is one of {', '.join((*REQUIRED, *OPTIONAL))}",
    )
    parser.add_argument("--json", metavar="OUT", help="write everything as JSON; - is standard output")
    parser.add_argument("--xlsx", metavar="OUT", type=Path, help="write a workbook")


def run(arguments: argparse.Namespace) -> int:
    """Read, calibrate, write; nothing is written when anything is wrong."""
    form, rule = _form(arguments)
    name, content = _content(arguments.scores)
    text = decode(content)
    ratings = load_scores(text, name=name, separator=find_separator(text), form=form)
    settings = Settings(model=arguments.model, home_city=arguments.home_city, seed=arguments.seed, shortlist=rule)
    report = as_dict(fit(ratings, settings))
    if ratings.n_criteria > 1 and not form.weights:
        _say(report, Message("No weights were given: the criteria count equally."))
    if len({(scale.minimum, scale.maximum) for scale in form.scales.values()}) > 1:
        _say(report, Message("The criteria have different scales: everything is given on 0 to 100."))
    # The workbook first: of the two it is the one that can fail, and then no JSON may speak of success.
    if arguments.xlsx is not None:
        from judging.workbook.results import write_results

        with _replacing(arguments.xlsx) as path:
            write_results(report, path, title=Path(name).stem)
    if arguments.json == STANDARD:
        json.dump(report, sys.stdout, ensure_ascii=False, allow_nan=False, indent=1)
        print()
    elif arguments.json is not None:
        with _replacing(Path(arguments.json)) as path:
            path.write_text(json.dumps(report, ensure_ascii=False, allow_nan=False, indent=1) + "\n", encoding="utf-8")
    if arguments.json is None and arguments.xlsx is None:
        print(text_report(report))
    return 0


def _say(report: dict[str, Any], message: Message) -> None:
    report["notes"].insert(0, str(message))
    report["note_templates"].insert(0, {"template": message.template, "values": dict(message.values)})


def _form(arguments: argparse.Namespace) -> tuple[ScoreForm, ShortlistRule | None]:
    headings = dict(arguments.column)
    rule = None if arguments.shortlist is None else ShortlistRule(size=arguments.shortlist)
    if arguments.rubric is None:
        weights = arguments.weights or {}
        return ScoreForm(headings=headings, criteria=tuple(weights), weights=weights, scale=arguments.scale), rule
    from judging.schemas.rubrics import load_round

    competition_round = load_round(arguments.rubric)
    criteria = competition_round.rubric.criteria
    scales = {
        criterion.key: Scale(
            minimum=criterion.scale.minimum, maximum=criterion.scale.maximum, step=criterion.scale.step
        )
        for criterion in criteria
    }
    form = ScoreForm(
        headings=headings,
        criteria=tuple(criterion.key for criterion in criteria),
        weights={criterion.key: criterion.weight for criterion in criteria},
        # A scale given by hand is for scores that were written on another one than the form's.
        scales={} if arguments.scale is not None else scales,
        scale=arguments.scale,
    )
    return form, rule


def _content(source: str) -> tuple[str, bytes]:
    if source == STANDARD:
        return "standard input", sys.stdin.buffer.read()
    try:
        return source, Path(source).read_bytes()
    except OSError as error:
        raise InvalidInput(
            {source: Message("cannot be read: {reason}", reason=error.strerror or str(error))}
        ) from error


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside the target and put it in place when all went well."""
    try:
        handle, temporary = tempfile.mkstemp(dir=path.absolute().parent, prefix=f".{path.name}.")
        os.close(handle)
        try:
            yield Path(temporary)
            # mkstemp makes files for the owner alone; the target gets what any new file would.
            mask = os.umask(0)
            os.umask(mask)
            Path(temporary).chmod(0o666 & ~mask)
            Path(temporary).replace(path)
        finally:
            with suppress(FileNotFoundError):
                Path(temporary).unlink()
    except OSError as error:
        raise InvalidInput(
            {str(path): Message("cannot be written: {reason}", reason=error.strerror or str(error))}
        ) from error


def _weights(text: str) -> dict[str, float]:
    weights: dict[str, float] = {}
    for part in text.split(","):
        name, equals, number = part.rpartition("=")
        name = name.strip()
        weight = _float(number)
        if not equals or not name or not math.isfinite(weight) or weight < 0:
            raise argparse.ArgumentTypeError(f"{part!r}: write criterion=number, for example c1=30,c2=70")
        if name in weights:
            raise argparse.ArgumentTypeError(f"{name!r} appears twice")
        weights[name] = weight
    if not sum(weights.values()) > 0:
        raise argparse.ArgumentTypeError("at least one weight must be above zero")
    return weights


def _scale(text: str) -> Scale:
    parts = [_float(part) for part in text.split(":")]
    try:
        if len(parts) not in (2, 3) or any(map(math.isnan, parts)):
            raise ValueError("write MIN:MAX or MIN:MAX:STEP, for example 0:10:0.5")
        return Scale(minimum=parts[0], maximum=parts[1], **({"step": parts[2]} if len(parts) == 3 else {}))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r}: {error}") from error


def _column(text: str) -> tuple[str, str]:
    ours, equals, heading = text.partition("=")
    if not equals or ours not in (*REQUIRED, *OPTIONAL) or not heading.strip():
        raise argparse.ArgumentTypeError(
            f"{text!r}: write NAME=HEADING, where NAME is one of {', '.join((*REQUIRED, *OPTIONAL))}"
        )
    return ours, heading.strip()


def _positive(text: str) -> int:
    number = _natural(text)
    if number == 0:
        raise argparse.ArgumentTypeError("at least one seat")
    return number


def _natural(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r}: a whole number, not below zero")
    return int(text)


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
