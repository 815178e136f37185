"""``judging pitches``: the running order of a final, its lot, and the host's moves, when a page is out of reach."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from judging.cli import database

if TYPE_CHECKING:
    from sqlmodel import Session

    from judging.services.pitches.state import PitchesState


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    actions = parser.add_subparsers(dest="what", required=True)
    listed = actions.add_parser("list", help="print where the pitches are, and the running order")
    ordered = actions.add_parser("order", help="give the pitches that have not begun another order")
    drawn = actions.add_parser("draw", help="draw that order by a lot which anybody can draw again")
    moved = actions.add_parser("move", help="lead on: call the next team, start its clock, pause, go back ...")
    for one in (listed, ordered, drawn, moved):
        one.add_argument("competition", metavar="COMPETITION", help="key of the competition")
        one.add_argument("round", metavar="ROUND", help="key of the round")
    ordered.add_argument(
        "order", metavar="PROPOSAL", nargs="+", help="every key whose place can change, first one first"
    )
    drawn.add_argument("seed", metavar="SEED", help="stated in the room before: digits that were thrown or called out")
    moved.add_argument(
        "action",
        metavar="MOVE",
        help="next, pitch, questions, scoring, pause, resume, back; with --proposal later, leave_out, take_in",
    )
    moved.add_argument("--proposal", metavar="KEY", default="", help="for later, leave_out and take_in")


def run(arguments: argparse.Namespace) -> int:
    """Do what was asked, and print where the pitches are then."""
    from judging.services.access import operator
    from judging.services.pitches.state import get_state

    keys = (arguments.competition, arguments.round)
    with database.opened(read_only=arguments.what == "list") as session:
        if arguments.what != "list":
            _change(session, arguments, number=_number(get_state(session, operator(), *keys)))
        for line in _lines(get_state(session, operator(), *keys)):
            print(line)
    return 0


def _change(session: Session, arguments: argparse.Namespace, *, number: int) -> None:
    from judging.schemas.pitches import LotSchema, MoveSchema, RunningOrderSchema
    from judging.schemas.typed_decisions import load
    from judging.services.access import operator
    from judging.services.pitches import hosting, running_order

    whom: Any = (session, operator(), arguments.competition, arguments.round)
    at = datetime.now(UTC)
    if arguments.what == "order":
        typed = load(RunningOrderSchema, {"order": arguments.order, "number": number})
        running_order.set_order(*whom, **typed, at=at)
    elif arguments.what == "draw":
        typed = load(LotSchema, {"seed": arguments.seed, "number": number})
        running_order.draw_order(*whom, **typed, at=at)
    else:
        typed = load(MoveSchema, {"action": arguments.action, "proposal": arguments.proposal, "number": number})
        hosting.move(*whom, **typed, at=at)


def _number(state: PitchesState) -> int:
    return 0 if state.stage is None else state.stage.number


def _lines(state: PitchesState) -> list[str]:
    from judging.errors import Conflict
    from judging.services.pitches.moves import NO_PITCHES

    if state.stage is None:
        raise Conflict(NO_PITCHES)
    current = state.current
    where = state.stage.phase if current is None else f"{state.stage.phase}, {current.proposal.key} {current.team}"
    lines = [f"{state.round_row.key} ({state.round_row.state}): {where}{', paused' if state.stage.is_paused else ''}"]
    for one in state.order:
        done = "left out" if one.is_left_out else "" if one.waits else "begun"
        lines.append(f"{one.place:>3}  {one.proposal.key}  {one.team}  {done}".rstrip())
    return lines
