"""Competitions and rounds as YAML files and stored JSON: their schemas, and the rules that need several fields."""
