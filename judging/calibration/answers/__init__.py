"""What a fitted model answers: the types of the answers, and the arithmetic that several models share."""
