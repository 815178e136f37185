"""Load scores from a file together with the settings: the first step of every command that calibrates."""

import argparse
import math
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from judging.calibration.ratings import Occasion, Ratings
from judging.calibration.settings import HOME_CITY_POLICIES, MODELS, OCCASION_KINDS, Settings
from judging.cli.mapping_options import add_mapping_arguments, given_mapping, save_mapping, write_mistakes
from judging.cli.writing import STANDARD
from judging.competition import RoundRules
from judging.errors import InvalidInput, Message
from judging.incoming_tables.containers.limits import Limits
from judging.incoming_tables.reading import read_file
from judging.schemas.score_file import OPTIONAL, REQUIRED, known_of, ratings_of
from judging.schemas.score_form import FileScale, ScoreForm
from judging.shortlist import ShortlistRule

# A file on one's own machine may be larger than an upload.
_LIMITS = Limits(max_bytes=100_000_000, max_rows=1_000_000, max_cells=10_000_000, max_characters=200_000_000)


@dataclass(frozen=True, eq=False, kw_only=True)
class ScoreInputs:
    """The inputs that a command line selects.

    Attributes
    ----------
    name : str
        Name of the file.
    ratings : Ratings
    settings : Settings
    notes : tuple of Message
        Defaults that were applied when the scores were loaded.
    """

    name: str
    ratings: Ratings
    settings: Settings
    notes: tuple[Message, ...]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments for the file of scores and the settings of the calibration."""
    parser.add_argument(
        "scores",
        metavar="SCORES",
        help="a workbook (.xlsx, .xls, .xlsb, .ods) or CSV, in any shape; - is standard input",
    )
    parser.add_argument("--model", choices=MODELS, help=f"default: the rubric's, else {Settings.model}")
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
        "--seed", metavar="N", type=natural, help=f"of the draws; default: the rubric's, else {Settings.seed}"
    )
    parser.add_argument(
        "--home-city",
        choices=HOME_CITY_POLICIES,
        help="the advantage of being scored by one's own city: taken out, shown only, or left out of the model; "
        f"default: the rubric's, else {Settings.home_city}",
    )
    parser.add_argument(
        "--exact-reml",
        action="store_true",
        help="`mixed` as other programs fit it: no term for cities, a variance of severity may be zero",
    )
    parser.add_argument(
        "--column",
        metavar="NAME=HEADING",
        type=_column,
        action="append",
        default=[],
        help=f"a column's heading in the file, where it differs; NAME is one of {', '.join((*REQUIRED, *OPTIONAL))}",
    )
    parser.add_argument(
        "--earlier",
        metavar="[KIND=]FILE",
        type=_earlier,
        action="append",
        default=[],
        help="scores of an earlier occasion that say how strict the same judges are; its proposals are not ranked. "
        f"KIND is one of {', '.join(OCCASION_KINDS)} (default: {OCCASION_KINDS[0]}). Several: the oldest first",
    )
    add_mapping_arguments(parser)


def read(arguments: argparse.Namespace) -> ScoreInputs:
    """Load the file that the arguments name.

    Raises
    ------
    InvalidInput
        With all faults of the file.
    """
    rules = None if arguments.rubric is None else _load_round(arguments.rubric)
    form = _form(arguments, rules)
    name, content = _content(arguments.scores)
    table = read_file(content, name, known_of(form), given_mapping(arguments, "scores"), limits=_LIMITS)
    save_mapping(arguments, table)
    try:
        ratings = ratings_of(table, form)
    except InvalidInput:
        write_mistakes(arguments, content, name, table.mapping, table.complaints, limits=_LIMITS)
        raise
    notes = list(table.notes)
    if form.scales_differ:
        notes.append(Message("The criteria have different scales: everything is given on 0 to 100."))
    if ratings.n_criteria > 1 and not form.weights:
        notes.append(Message("No weights were given: the criteria count equally."))
    return ScoreInputs(
        name=name,
        ratings=replace(ratings, earlier=tuple(_occasion(kind, path, form) for kind, path in arguments.earlier)),
        settings=_settings(arguments, rules, on_percent=form.scales_differ),
        notes=tuple(notes),
    )


def _occasion(kind: str, path: str, form: ScoreForm) -> Occasion:
    """Load the scores of an earlier occasion; its criteria may be others, so that only known scales are checked."""
    own = replace(form, criteria=(), weights={})
    name, content = _content(path)
    table = read_file(content, name, known_of(own), None, limits=_LIMITS)
    return Occasion(kind=kind, name=Path(name).stem, ratings=ratings_of(table, own))


def _load_round(path: Path) -> RoundRules:
    from judging.schemas.definitions.definition_files import load_round

    try:
        return load_round(path)
    except OSError as error:
        raise _unreadable(str(path), error) from error


def _form(arguments: argparse.Namespace, rules: RoundRules | None) -> ScoreForm:
    headings = dict(arguments.column)
    if rules is None:
        weights = arguments.weights or {}
        return ScoreForm(headings=headings, criteria=tuple(weights), weights=weights, scale=arguments.scale)
    criteria = rules.rubric.criteria
    scales = {
        criterion.key: FileScale(
            minimum=criterion.scale.minimum, maximum=criterion.scale.maximum, step=criterion.scale.step
        )
        for criterion in criteria
    }
    return ScoreForm(
        headings=headings,
        criteria=tuple(criterion.key for criterion in criteria),
        weights={criterion.key: criterion.weight for criterion in criteria},
        # A scale on the command line is for scores that use another scale than the form.
        scales={} if arguments.scale is not None else scales,
        scale=arguments.scale,
    )


def _settings(arguments: argparse.Namespace, rules: RoundRules | None, *, on_percent: bool) -> Settings:
    """Return the settings of the command line, completed by the round's rules."""
    size = arguments.shortlist
    if rules is None:
        return Settings(
            model=arguments.model or Settings.model,
            home_city=arguments.home_city or Settings.home_city,
            seed=Settings.seed if arguments.seed is None else arguments.seed,
            shortlist=None if size is None else ShortlistRule(size=size),
            exact_reml=arguments.exact_reml,
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
        exact_reml=arguments.exact_reml,
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


def _scale(text: str) -> FileScale:
    parts = [_float(part) for part in text.split(":")]
    try:
        if len(parts) not in (2, 3) or any(map(math.isnan, parts)):
            raise ValueError("write MIN:MAX or MIN:MAX:STEP, for example 0:10:0.5")
        return FileScale(minimum=parts[0], maximum=parts[1], **({"step": parts[2]} if len(parts) == 3 else {}))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r}: {error}") from error


def _column(text: str) -> tuple[str, str]:
    column, equals, heading = text.partition("=")
    if not equals or column not in (*REQUIRED, *OPTIONAL) or not heading.strip():
        raise argparse.ArgumentTypeError(
            f"{text!r}: write NAME=HEADING, where NAME is one of {', '.join((*REQUIRED, *OPTIONAL))}"
        )
    return column, heading.strip()


def _earlier(text: str) -> tuple[str, str]:
    kind, equals, path = text.partition("=")
    if equals and kind in OCCASION_KINDS:
        return kind, path
    return OCCASION_KINDS[0], text


def _positive(text: str) -> int:
    number = natural(text)
    if number == 0:
        raise argparse.ArgumentTypeError("at least one seat")
    return number


def natural(text: str) -> int:
    """Parse a whole number, not below zero."""
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r}: a whole number, not below zero")
    return int(text)


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
