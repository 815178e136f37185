"""Calibration runs: input ratings, stored results, comparison of models."""
