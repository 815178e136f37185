"""``judging preflight``: what a round's assignments will be able to tell, before anybody scores."""

import argparse

from judging.cli import database

NAME = "preflight"
SUMMARY = "forecast what a round's assignments will be able to tell, and what they will not"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("competition", metavar="COMPETITION", help="key of the competition")
    parser.add_argument("round", metavar="ROUND", help="key of the round")


def run(arguments: argparse.Namespace) -> int:
    """Print the forecast; the exit code is 1 while judges fall into sets that share no proposal."""
    from judging.services.access import operator
    from judging.services.assignments.preflight import preflight

    with database.opened(read_only=True) as session:
        found = preflight(session, operator(), arguments.competition, arguments.round)
        if found.expected is None:
            print(f"{found.n_proposals} proposals; nothing is assigned yet.")
            return 0
        print(f"{found.n_readings} readings of {found.n_proposals} proposals by {found.n_judges} judges.")
        print(f"Scoresheets a judge: {found.smallest_load} to {found.largest_load}.")
        print(f"Linked sets: {len(found.linked_sets)}.")
        for link in found.links:
            read = f"{link.n_read} of {link.n_proposals} proposals of {link.proposal_city}"
            print(f"Judges of {link.judge_city} read {read}.")
        print(
            f"A difference between two proposals is known to {found.expected.difference_error:.2f} points (standard "
            f"error; {found.expected.known_judges_error:.2f} if every judge were known); reliability "
            f"{found.expected.reliability:.2f}."
        )
        if found.expected.city_severity_error is not None:
            print(f"Difference of the cities' severities: to {found.expected.city_severity_error:.2f} points.")
        known = found.known
        source = f"run {known.run} of {known.competition}/{known.round}" if known.run else "typical values"
        print(f"Variances: {source}.")
        for limit in found.limits:
            print(f"Will not be told: {limit.text} {limit.remedy}")
        for one in found.helpful:
            print(f"Would help most: {one.proposal} read by {one.judge} (then {one.difference_error:.3f}).")
    return 0 if len(found.linked_sets) <= 1 else 1
