"""Telling other programs: render a message, sign it, post it to an address that is not inside this network."""
