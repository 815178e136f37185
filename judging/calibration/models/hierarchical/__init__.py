"""The default model: severity, scale use and consistency of each judge, with partial pooling."""
