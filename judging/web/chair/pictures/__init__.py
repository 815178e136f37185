"""Pictures of a run: what a panel sees at a glance, each with the table of its numbers."""
