"""Decks and videos: what their bytes are, the pages of a deck as images, and the folder that keeps them."""
