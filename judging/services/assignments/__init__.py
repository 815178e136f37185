"""Who reads what: panels, plans, single assignments, the forecast before a round opens."""
