"""Calibration runs: input, report, sensitivity."""
