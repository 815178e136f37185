"""Decisions of people about a calibration run."""
