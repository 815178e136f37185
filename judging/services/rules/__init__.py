"""How sealed rules change, and what a change would do."""
