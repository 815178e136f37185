"""``judging compare``: all models on one file of scores, every judge left out, and whether adjusting is justified."""

import argparse

from judging.calibration.fit import fit
from judging.calibration.sensitivity.comparison import compare
from judging.cli.reading import add_arguments, natural, read
from judging.cli.sensitivity import sensitivity_text
from judging.cli.writing import write_json

NAME = "compare"
SUMMARY = (
    "compare the models on the scores of a file: who enters the shortlist, who leaves, and whether adjusting helps"
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_arguments(parser)
    parser.add_argument("--no-judges", action="store_true", help="do not leave out every judge in turn")
    parser.add_argument("--no-prediction", action="store_true", help="do not predict scoresheets that were held out")
    parser.add_argument(
        "--split-seed", metavar="N", type=natural, default=0, help="of the parts held out; default: %(default)s"
    )
    parser.add_argument("--json", metavar="OUT", help="write everything as JSON; - is standard output")


def run(arguments: argparse.Namespace) -> int:
    """Read, fit, compare, write."""
    reading = read(arguments)
    comparison = compare(
        fit(reading.ratings, reading.settings),
        judges=not arguments.no_judges,
        held_out=not arguments.no_prediction,
        seed=arguments.split_seed,
    ).result()
    if arguments.json is not None:
        # Imported when asked for: most readers want the text, which needs no conversion.
        from judging.schemas.stored_reports import comparison_to_dict

        report = {
            **comparison_to_dict(comparison),
            "input_digest": reading.ratings.digest,
            "notes": [str(note) for note in reading.notes],
        }
        write_json(report, arguments.json)
    else:
        print(sensitivity_text(comparison))
        for note in reading.notes:
            print(f"\n- {note}")
    return 0
