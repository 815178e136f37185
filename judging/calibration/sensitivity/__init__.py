"""Whether the choice of the model, or one judge, makes a difference."""
