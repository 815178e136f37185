"""The demonstration event, and the data it is made from."""
