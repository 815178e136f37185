"""Who reads what: a plan before the round, a forecast of what it can tell, the readings that would help most next."""
