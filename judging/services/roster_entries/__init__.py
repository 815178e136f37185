"""Single rows of the rosters: added and changed by hand, and the history of each."""
