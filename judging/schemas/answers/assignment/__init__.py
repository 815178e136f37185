"""Bodies and answers of the API about assignments: who scores what."""
