"""No adjustment: the mean of the totals."""
