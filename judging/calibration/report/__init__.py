"""What a calibration says, as frozen types: stored with the run, shown on pages, written to files."""
