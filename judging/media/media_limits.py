"""Limits of decks and videos."""

from __future__ import annotations

from dataclasses import dataclass

DECK, VIDEO = "deck", "video"
KINDS = (DECK, VIDEO)
WIDTHS = {"phone": 900, "desk": 1600}
"""Name -> width in pixels of the images of a page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaLimits:
    """Limits of uploaded decks and videos.

    Attributes
    ----------
    max_deck_bytes, max_video_bytes : int
        Size of a file as uploaded.
    least_free_bytes : int
        Room that must remain on the disk after an upload.
    max_pages : int
        Of a deck.
    max_height_ratio : float
        Height to width of the image of a page; a page that is longer becomes narrower.
    max_text : int
        Characters of the text of a page that are kept.
    max_check_seconds, max_page_seconds, max_seconds : int
        Processor time of the process that checks a deck; time for a page, and processor time for all pages.
    max_memory_bytes : int
        Address space of that process: an image of a few kilobytes may unpack to gigabytes.
    max_image_bytes : int
        Of a file that it writes.
    max_index_bytes : int
        Of the index of a video that is looked through for how its pictures are encoded.
    """

    max_deck_bytes: int = 40_000_000
    max_video_bytes: int = 500_000_000
    least_free_bytes: int = 200_000_000
    max_pages: int = 200
    max_height_ratio: float = 2.0
    max_text: int = 3_000
    max_check_seconds: int = 10
    max_page_seconds: int = 20
    max_seconds: int = 240
    max_memory_bytes: int = 1_500_000_000
    max_image_bytes: int = 20_000_000
    max_index_bytes: int = 30_000_000

    def max_bytes(self, kind: str) -> int:
        """Return the size that a file of a kind may have."""
        return self.max_deck_bytes if kind == DECK else self.max_video_bytes
