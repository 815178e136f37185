"""Second factors in software, and the ways in which an organiser tries to be somebody else."""
