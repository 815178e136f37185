"""Why one proposal's score moved."""
