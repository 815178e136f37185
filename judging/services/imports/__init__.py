"""Files in: rosters, assignments and scores."""
