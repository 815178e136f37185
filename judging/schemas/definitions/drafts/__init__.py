"""Definitions while they are edited in pages: plain data in which anything may be missing or wrong."""
