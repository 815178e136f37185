"""Adjustment for severity by least squares, without shrinkage."""
