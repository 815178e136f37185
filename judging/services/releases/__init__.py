"""Releases: results signed by chairs."""
