"""Accounts and roles: who belongs to a competition, and the changes that a second person confirms."""
