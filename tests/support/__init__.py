"""What tests need of the world: a PostgreSQL, a browser, an office program, and no network."""
