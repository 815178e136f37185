"""Why the calibrated score of one proposal differs from its raw mean."""
