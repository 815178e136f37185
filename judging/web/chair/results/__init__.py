"""What a calibration run found: ranking, judges, linkage, sensitivity."""
