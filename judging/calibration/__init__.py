"""From scoresheets to calibrated scores: arrays in, one frozen result out.

``ratings`` holds the scores, ``fit`` runs a model, ``report`` says what came out.
"""
