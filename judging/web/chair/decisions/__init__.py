"""What the panel decides on top of a run: shortlist, meetings, awards, conflicts of interest."""
