"""Sensitivity of the result to the choice of the model and to single judges."""
