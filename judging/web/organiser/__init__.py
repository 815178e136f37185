"""The organiser's pages: rounds, people, rosters, imports, exports. Auditors read them all and change nothing."""

from judging.web.organiser import assignments, imports, next_round, people, planning, rosters, rounds
from judging.web.organiser.blueprint import bp

__all__ = ["assignments", "bp", "imports", "next_round", "people", "planning", "rosters", "rounds"]
