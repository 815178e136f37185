"""Earlier occasions in the model `hierarchical`: what they say about the judges, and how much of it counts now."""
