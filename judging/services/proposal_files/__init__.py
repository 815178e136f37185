"""Decks and videos of proposals: who may read them, uploads, the pages of decks, which files are kept."""
