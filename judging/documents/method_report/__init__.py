"""The method report of a calibration run: one document that an auditor can check and that can be published."""
