"""The rows of a table, in whatever shape, as entries, with scores as numbers and names as keys."""
