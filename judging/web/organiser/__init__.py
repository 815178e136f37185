"""The organiser's pages: rounds, people, rosters, imports, exports. Auditors read them all and change nothing."""

from judging.web.organiser import assignments, imports, people, planning, rosters, rounds
from judging.web.organiser.blueprint import bp

__all__ = ["assignments", "bp", "imports", "people", "planning", "rosters", "rounds"]
