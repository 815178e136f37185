"""``judging preflight``: forecast the precision of a round's assignments before scoring."""

import argparse

from judging.cli import database
from judging.decimals import FORECAST, FORECAST_AFTER


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("competition", metavar="COMPETITION", help="key of the competition")
    parser.add_argument("round", metavar="ROUND", help="key of the round")


def run(arguments: argparse.Namespace) -> int:
    """Print the forecast; the exit code is 1 when the judges form linked sets that share no proposal."""
    from judging.services.access import operator
    from judging.services.assignments.preflight import preflight

    digits, after = FORECAST.text, FORECAST_AFTER.text
    with database.opened(read_only=True) as session:
        outlook = preflight(session, operator(), arguments.competition, arguments.round)
        if outlook.expected is None:
            print(f"{outlook.n_proposals} proposals; nothing is assigned yet.")
            return 0
        print(f"{outlook.n_readings} readings of {outlook.n_proposals} proposals by {outlook.n_judges} judges.")
        print(f"Scoresheets a judge: {outlook.smallest_load} to {outlook.largest_load}.")
        print(f"Linked sets: {len(outlook.linked_sets)}.")
        for link in outlook.links:
            link_text = f"{link.n_read} of {link.n_proposals} proposals of {link.proposal_city}"
            print(f"Judges of {link.judge_city} read {link_text}.")
        of_run = "" if outlook.known.reliability is None else f" (of run {outlook.known.run})"
        print(
            f"A difference between two proposals is known to {outlook.expected.difference_error:.{digits}f} points "
            f"(standard error; {outlook.expected.known_judges_error:.{digits}f} if every judge were known); "
            f"reliability {outlook.expected.reliability:.{digits}f}{of_run}."
        )
        if outlook.expected.city_severity_error is not None:
            print(f"Difference of the cities' severities: to {outlook.expected.city_severity_error:.{digits}f} points.")
        source = outlook.known
        source_text = f"run {source.run} of {source.competition}/{source.round}" if source.run else "typical values"
        print(f"Variances: {source_text}.")
        for limit in outlook.limits:
            print(f"Will not be told: {limit.text} {limit.remedy}")
        for pair in outlook.helpful:
            print(f"Would help most: {pair.proposal} read by {pair.judge} (then {pair.difference_error:.{after}f}).")
    return 0 if len(outlook.linked_sets) <= 1 else 1
