"""A round's results as one archive that anybody can check."""
