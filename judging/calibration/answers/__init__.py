"""What a fitted model can be asked: the types of the answers, and the arithmetic that several models share."""
