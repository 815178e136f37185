"""``judging calibrate``: from a file of scores to a calibrated ranking, without a database."""

import argparse
import json
import math
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from judging.calibration.fit import HOME_CITY_POLICIES, MODELS, Settings, fit
from judging.calibration.report import as_dict
from judging.cli.tables import text_report
from judging.competition import Round
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
    parser.add_argument("--model", choices=tuple(MODELS), help=f"default: the rubric's, else {Settings.model}")
    form = parser.add_mutually_exclusive_group()
    form.add_argument(
        "--rubric", metavar="FILE", type=Path, help="round file: criteria, weights, scales, shortlist rule, policies"
    )
    form.add_argument(
        "--weights", metavar="C1=30,C2=70", type=_weights, help="criteria and weights; equal when left out"
    )
    parser.add_argument("--scale", metavar="MIN:MAX[:STEP]", type=_scale, help="values that a score may take")
    parser.add_argument("--shortlist", metavar="K", type=_positive, help="seats, for the probability of getting one")
    parser.add_argument(
        "--seed", metavar="N", type=_natural, help=f"of the draws; default: the rubric's, else {Settings.seed}"
    )
    parser.add_argument(
        "--home-city",
        choices=HOME_CITY_POLICIES,
        help="the advantage of being scored by one's own city: taken out, shown only, or left out of the model; "
        f"default: the rubric's, else {Settings.home_city}",
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
    rules = None if arguments.rubric is None else _load_round(arguments.rubric)
    form = _form(arguments, rules)
    name, content = _content(arguments.scores)
    text = decode(content)
    ratings = load_scores(text, name=name, separator=find_separator(text), form=form)
    report = as_dict(fit(ratings, _settings(arguments, rules, on_percent=form.scales_differ)))
    if ratings.n_criteria > 1 and not form.weights:
        _say(report, Message("No weights were given: the criteria count equally."))
    if form.scales_differ:
        _say(report, Message("The criteria have different scales: everything is given on 0 to 100."))
    # Both files are written beside their places first, and put there together.
    with ExitStack() as files:
        if arguments.xlsx is not None:
            from judging.workbook.results import write_results

            write_results(report, files.enter_context(_replacing(arguments.xlsx)), title=Path(name).stem)
        if arguments.json not in (None, STANDARD):
            path = files.enter_context(_replacing(Path(arguments.json)))
            path.write_text(_as_json(report), encoding="utf-8")
    if arguments.json == STANDARD:
        sys.stdout.write(_as_json(report))
    if arguments.json is None and arguments.xlsx is None:
        print(text_report(report))
    return 0


def _as_json(report: dict[str, Any]) -> str:
    return json.dumps(report, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def _say(report: dict[str, Any], message: Message) -> None:
    report["notes"].insert(0, str(message))
    report["note_templates"].insert(0, {"template": message.template, "values": dict(message.values)})


def _load_round(path: Path) -> Round:
    from judging.schemas.rubrics import load_round

    try:
        return load_round(path)
    except OSError as error:
        raise _unreadable(str(path), error) from error


def _form(arguments: argparse.Namespace, rules: Round | None) -> ScoreForm:
    headings = dict(arguments.column)
    if rules is None:
        weights = arguments.weights or {}
        return ScoreForm(headings=headings, criteria=tuple(weights), weights=weights, scale=arguments.scale)
    criteria = rules.rubric.criteria
    scales = {
        criterion.key: Scale(
            minimum=criterion.scale.minimum, maximum=criterion.scale.maximum, step=criterion.scale.step
        )
        for criterion in criteria
    }
    return ScoreForm(
        headings=headings,
        criteria=tuple(criterion.key for criterion in criteria),
        weights={criterion.key: criterion.weight for criterion in criteria},
        # A scale given by hand is for scores that were written on another one than the form's.
        scales={} if arguments.scale is not None else scales,
        scale=arguments.scale,
    )


def _settings(arguments: argparse.Namespace, rules: Round | None, *, on_percent: bool) -> Settings:
    """Follow the command line, and where it says nothing the round's rules."""
    size = arguments.shortlist
    if rules is None:
        return Settings(
            model=arguments.model or Settings.model,
            home_city=arguments.home_city or Settings.home_city,
            seed=Settings.seed if arguments.seed is None else arguments.seed,
            shortlist=None if size is None else ShortlistRule(size=size),
        )
    policy, rule = rules.calibration, rules.shortlist
    if rule is not None and on_percent:
        floors = {key: rules.rubric.criterion(key).scale.to_hundred(floor) for key, floor in rule.floors.items()}
        rule = replace(rule, floors=floors)
    if size is not None:
        rule = ShortlistRule(size=size) if rule is None else replace(rule, size=size)
    return Settings(
        model=arguments.model or policy.model,
        home_city=arguments.home_city or policy.home_city,
        quality_prior=policy.quality_prior,
        assumption=policy.assumption,
        interval=policy.interval,
        n_draws=policy.n_draws,
        seed=policy.seed if arguments.seed is None else arguments.seed,
        shortlist=rule,
        tie_breaks=rules.tie_breaks,
    )


def _content(source: str) -> tuple[str, bytes]:
    if source == STANDARD:
        return "standard input", sys.stdin.buffer.read()
    try:
        return source, Path(source).read_bytes()
    except OSError as error:
        raise _unreadable(source, error) from error


def _unreadable(source: str, error: OSError) -> InvalidInput:
    return InvalidInput({source: Message("cannot be read: {reason}", reason=error.strerror or str(error))})


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
