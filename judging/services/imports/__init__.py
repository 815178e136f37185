"""Import of rosters, assignments and scores from files."""
