"""Decisions of people on the results of a calibration run."""
