"""From scores to ranks, with their uncertainty."""
