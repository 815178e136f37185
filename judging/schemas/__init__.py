"""Validation: untrusted text in, a domain object or a list of complaints out. Only this package uses yaml."""
