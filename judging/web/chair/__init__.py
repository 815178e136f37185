"""The panel chair's pages: how far the rounds are, the ranking, the judges, and what the data can tell."""

from judging.web.chair import judges, linkage, preflight, ranking, releases, rounds, rules, shortlist
from judging.web.chair.blueprint import bp

__all__ = ["bp", "judges", "linkage", "preflight", "ranking", "releases", "rounds", "rules", "shortlist"]
