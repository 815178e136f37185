"""The demonstration event and its data."""
