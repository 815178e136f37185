"""What people decide on top of a calibration run."""
