"""Severity taken out by least squares, without shrinkage."""
