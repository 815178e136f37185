"""The results of a calibration as frozen types: stored with the run, shown on pages, written to files."""
