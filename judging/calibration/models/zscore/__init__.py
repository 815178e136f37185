"""Each judge's totals standardised."""
