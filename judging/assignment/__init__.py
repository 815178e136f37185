"""Assignments: a plan before the round, a forecast of its precision, the most helpful further assignments."""
