"""``judging plan``: plan the assignments from two files and forecast their precision."""

import argparse
import csv
import io
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from judging.assignment.forecast import Variances, forecast, helpful_assignments, variances_of
from judging.assignment.plan import Plan, plan
from judging.assignment.roster import build_roster
from judging.decimals import FORECAST, FORECAST_AFTER
from judging.errors import InvalidInput, Message
from judging.incoming_tables.known import Known
from judging.incoming_tables.reading import ReadTable, read_file
from judging.schemas.plan_files import load_judges, load_pairs, load_proposals
from judging.schemas.stored_reports import from_dict


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("proposals", metavar="PROPOSALS.csv", type=Path, help="proposal [city, category, language]")
    parser.add_argument("judges", metavar="JUDGES.csv", type=Path, help="judge [city, categories, languages, max_load]")
    parser.add_argument("--readings", metavar="N", type=int, default=3, help="judges a proposal; default: %(default)s")
    parser.add_argument(
        "--cross-city",
        metavar="N",
        type=int,
        default=0,
        help="proposals of each city read across; default: %(default)s",
    )
    parser.add_argument("--conflicts", metavar="FILE", type=Path, help="pairs (proposal, judge) that must never meet")
    parser.add_argument("--fixed", metavar="FILE", type=Path, help="pairs that stand: scored already, or set by hand")
    parser.add_argument(
        "--assigned", metavar="FILE", type=Path, help="an earlier plan, to change as little as possible"
    )
    parser.add_argument(
        "--variances",
        metavar="REPORT.json",
        type=Path,
        help="JSON of `judging calibrate` on an earlier round with marks on the same scale; typical values otherwise",
    )
    parser.add_argument("--extra", metavar="N", type=int, default=5, help="helpful further readings to name")
    parser.add_argument("--seed", metavar="N", type=int, default=0, help="another number, another equally good plan")
    parser.add_argument("--out", metavar="FILE.csv", type=Path, help="write the pairs; else they are printed")
    parser.add_argument("--json", metavar="FILE.json", type=Path, help="write plan and forecast as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Plan, forecast, write."""
    if arguments.readings < 1 or arguments.cross_city < 0 or arguments.extra < 0:
        raise InvalidInput({"--readings, --cross-city, --extra": Message("at least 1, 0 and 0")})
    proposals, judges = (
        load_proposals(_table(arguments.proposals, "plan_proposals")),
        load_judges(_table(arguments.judges, "plan_judges")),
    )

    def pairs(path: Path | None, *, strict: bool) -> list[tuple[str, str]]:
        return (
            [] if path is None else load_pairs(_table(path, "pairs"), proposals=proposals, judges=judges, strict=strict)
        )

    conflicts, fixed = pairs(arguments.conflicts, strict=True), pairs(arguments.fixed, strict=True)
    assigned = pairs(arguments.assigned, strict=False)
    variances = _variances(arguments.variances) if arguments.variances else Variances()
    planned = plan(
        build_roster(proposals, judges, conflicts=conflicts),
        readings=arguments.readings,
        cross_city=arguments.cross_city,
        fixed=fixed,
        assigned=assigned,
        seed=arguments.seed,
    )
    # Typical values are on 0..100; a result's variances are in the units of its scores.
    unit = "points of 100" if arguments.variances is None else f"units of the scores of {arguments.variances.name}"
    report = as_dict(planned, variances=variances, extra=arguments.extra) | {"unit": unit}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("proposal", "judge"))
    writer.writerows(planned.pairs)
    if arguments.out is not None:
        arguments.out.write_text(text.getvalue(), encoding="utf-8-sig")
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if arguments.out is None and arguments.json is None:
        print(text.getvalue(), end="")
    print(_summary(report), file=sys.stderr)
    return 0


def as_dict(planned: Plan, *, variances: Variances, extra: int) -> dict[str, Any]:
    """Return a plan and its forecast as plain data."""
    roster = planned.roster
    expected = forecast(roster, planned.proposal, planned.judge, variances)
    helpful = helpful_assignments(roster, planned.proposal, planned.judge, n=extra, variances=variances)
    crossing = roster.crosses[planned.proposal, planned.judge]
    across = {
        city: int(np.unique(planned.proposal[crossing & (roster.proposal_city[planned.proposal] == code)]).size)
        for code, city in enumerate(roster.cities)
    }
    return {
        "readings": [{"proposal": proposal, "judge": judge} for proposal, judge in planned.pairs],
        "n_kept": int(planned.existed.sum()),
        "loads": {judge: int(load) for judge, load in zip(roster.judges, planned.load, strict=True)},
        "linked_sets": planned.linked_sets,
        "n_read_across": across,
        "forecast": {
            "difference_error": expected.difference_error,
            "known_judges_error": expected.known_judges_error,
            "reliability": expected.reliability,
            "city_severity_error": expected.city_severity_error,
        },
        "helpful_readings": [
            {
                "proposal": suggestion.proposal,
                "judge": suggestion.judge,
                "difference_error": suggestion.difference_error,
            }
            for suggestion in helpful
        ],
    }


def _summary(report: dict[str, Any]) -> str:
    loads, expected = report["loads"].values(), report["forecast"]
    digits, after = FORECAST.text, FORECAST_AFTER.text
    lines = [
        f"{len(report['readings'])} readings, {report['n_kept']} kept; {min(loads, default=0)} to "
        f"{max(loads, default=0)} a judge.",
        f"Linked sets: {len(report['linked_sets'])}."
        + ("" if len(report["linked_sets"]) < 2 else " Judges of different sets cannot be compared."),
        *(f"Proposals of {city} read by another city: {count}." for city, count in report["n_read_across"].items()),
        f"Forecast: a difference between two proposals is known to {expected['difference_error']:.{digits}f} "
        f"{report['unit']} (standard error; {expected['known_judges_error']:.{digits}f} if every judge were known); "
        f"reliability {expected['reliability']:.{digits}f}.",
    ]
    if expected["city_severity_error"] is not None:
        lines.append(
            f"Difference of the cities' severities: to {expected['city_severity_error']:.{digits}f} {report['unit']}."
        )
    lines += [
        f"Would help most: {pair['proposal']} read by {pair['judge']} (then {pair['difference_error']:.{after}f})."
        for pair in report["helpful_readings"]
    ]
    return "\n".join(lines)


def _table(path: Path, kind: str) -> ReadTable:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InvalidInput({str(path): Message("cannot be read: {reason}", reason=error.strerror or "")}) from error
    table = read_file(content, path.name, Known(kind=kind))
    for note in table.notes:
        print(f"{path.name}: {note}", file=sys.stderr)
    return table


def _variances(path: Path) -> Variances:
    try:
        variances = variances_of(from_dict(json.loads(path.read_text(encoding="utf-8"))))
    except (OSError, ValueError, AttributeError, InvalidInput) as error:
        raise InvalidInput(
            {str(path): Message("is not the JSON that `judging calibrate --model mixed --json` writes")}
        ) from error
    if variances is None:
        raise InvalidInput(
            {str(path): Message("its model does not estimate how much proposals, judges and single scoresheets differ")}
        )
    return variances
