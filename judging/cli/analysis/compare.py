"""``judging compare``: compare all models on one file of scores, leave out each judge, test whether adjusting helps."""

import argparse

from judging.calibration.fit import fit
from judging.calibration.sensitivity.comparison import compare
from judging.cli.analysis.sensitivity import sensitivity_text
from judging.cli.reading import add_arguments, natural, read
from judging.cli.writing import write_json


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
    """Load, fit, compare, write."""
    inputs = read(arguments)
    comparison = compare(
        fit(inputs.ratings, inputs.settings),
        judges=not arguments.no_judges,
        held_out=not arguments.no_prediction,
        seed=arguments.split_seed,
    ).result()
    if arguments.json is not None:
        # Imported when asked for: most readers want the text, which needs no conversion.
        from judging.schemas.stored_reports import comparison_to_dict

        report = {
            **comparison_to_dict(comparison),
            "input_digest": inputs.ratings.digest,
            "notes": [str(note) for note in inputs.notes],
        }
        write_json(report, arguments.json)
    else:
        print(sensitivity_text(comparison))
        for note in inputs.notes:
            print(f"\n- {note}")
    return 0
