"""From scoresheets to calibrated scores: arrays in, one frozen result out.

``ratings`` has the scores, ``fit`` fits a model, ``report`` has the results.
"""
