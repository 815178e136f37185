"""Blank scoresheets for printing: one page or more for each proposal, A4."""
