"""The model check: the assumptions of a fit, tested by simulation from the fit itself."""
