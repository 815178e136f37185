"""What several benchmarks need: judges, browsers, installations and rounds to measure with."""
