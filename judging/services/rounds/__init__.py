"""Opening, closing and following a round, and advancing to the next."""
