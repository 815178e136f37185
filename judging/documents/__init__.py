"""Documents to hand to people: a typed document, its HTML, PDF and Word file; the method report, the minutes."""
