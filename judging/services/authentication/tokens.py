"""Random tokens that are stored as their hash: with a copy of the database, nobody can use them."""

import hashlib


def hash_of(token: str) -> str:
    """Return the SHA-256 of a token, in hexadecimal.

    A token of 256 random bits cannot be guessed from it; a password could, and has a slow hash of its own.
    """
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
