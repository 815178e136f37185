"""Assignments: panels, plans, single assignments, and the forecast before a round opens."""
