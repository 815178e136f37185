"""Documents to hand to people: a typed document, and its HTML and PDF. ``method_report`` is the first kind."""
