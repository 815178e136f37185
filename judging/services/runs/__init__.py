"""Calibration runs: what goes in, what comes out, how sensitive it is."""
