"""Commands that compute from files, without a database."""
