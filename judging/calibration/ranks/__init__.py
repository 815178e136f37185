"""From scores to ranks, with how certain they are."""
