"""What a file is, by its bytes: decks and videos are taken, everything else is refused with what would be right."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from judging.errors import InvalidInput
from judging.media.deck_reading import render_deck
from judging.media.media_limits import WIDTHS, MediaLimits
from judging.media.recognising_media import recognise
from tests.support.files import media

LIMITS = MediaLimits()


def stored(folder: Path, content: bytes) -> Path:
    path = folder / "upload"
    path.write_bytes(content)
    return path


def complaint(path: Path, limits: MediaLimits = LIMITS) -> str:
    with pytest.raises(InvalidInput) as caught:
        recognise(path, limits)
    return caught.value.messages["file"][0]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "It is empty. Choose the file again."),
        (b"<!DOCTYPE html><p>%PDF-1.7", "It is a web page and not a file. Download the file itself and upload that."),
        (b"  <html>", "It is a web page and not a file. Download the file itself and upload that."),
        (
            b"PK\x03\x04slides.pptx",
            "It is a document of an office program or an archive. Export the slides as PDF.",
        ),
        (b"\x89PNG\r\n", "It is no PDF and no video. A deck is a PDF, a video is MP4 or WebM."),
        (
            media.mp4(brand=b"qt  "),
            "It is a QuickTime video, which many browsers do not play. Export it as MP4.",
        ),
        (media.mp4(brand=b"heic"), "It is a picture. A deck is a PDF, a video is MP4 or WebM."),
        (
            media.mp4(b"hvc1"),
            "Its pictures are encoded as HEVC, which many browsers do not play. Export it as H.264.",
        ),
        (media.mp4(b"mp4a"), "It has no pictures that browsers play. Export it as MP4 with H.264 pictures."),
        (media.mp4()[:-1], "The video is damaged or cut off. Export it again."),
        (
            media.box(b"ftyp", b"isom") + media.box(b"mdat", bytes(99)),
            "Its index is missing: the recording or the upload was cut off. Export the video again.",
        ),
        (media.box(b"ftyp", b"isom") + media.box(b"free") * 10_001, "It is cut into too many parts. "
         "Export it as MP4 with H.264 pictures."),
        (media.webm(b"matroska"), "It is a Matroska video. Export it as MP4 with H.264 pictures."),
        (media.webm()[:30], "The video is damaged or cut off. Export it again."),
    ],
)  # fmt: skip
def test_what_is_no_deck_and_no_video_is_refused_in_words(tmp_path: Path, content: bytes, expected: str) -> None:
    assert complaint(stored(tmp_path, content)) == expected


def test_videos_are_known_by_their_container(tmp_path: Path) -> None:
    found = [recognise(stored(tmp_path, content), LIMITS) for content in (media.mp4(), media.webm())]
    assert [(one.kind, one.media_type) for one in found] == [("video", "video/mp4"), ("video", "video/webm")]


def test_a_file_over_the_limit_of_its_kind_is_refused(tmp_path: Path) -> None:
    limits = MediaLimits(max_deck_bytes=1_000, max_video_bytes=10_000)
    assert complaint(stored(tmp_path, media.mp4(n_bytes=20_000)), limits) == (
        "It has 0.0 MB; 0.01 MB are allowed. Export it with smaller pictures."
    )
    assert complaint(stored(tmp_path, media.pdf()), limits).endswith(
        "0.001 MB are allowed. Export it with smaller pictures."
    )


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (media.pdf_with_password, "It is protected by a password. Save it as a PDF without a password."),
        (lambda: media.pdf()[:3_000], "It is damaged and cannot be read. Export the slides as PDF again."),
        (media.pdf_without_pages, "It is damaged and cannot be read. Export the slides as PDF again."),
        (lambda: media.pdf_of_many_pages(2_000), "It has 2000 pages; a deck may have 200."),
    ],
)
def test_a_pdf_of_which_no_deck_can_be_made_is_refused(tmp_path: Path, make, expected: str) -> None:  # type: ignore[no-untyped-def]  # made only when it runs
    assert complaint(stored(tmp_path, make())) == expected


def test_a_deck_becomes_images_of_two_widths_with_the_text_of_each_page(tmp_path: Path) -> None:
    path = stored(tmp_path, media.pdf_with_text("Open data of two cities", "A map"))
    assert recognise(path, LIMITS).facts == {"pages": 2, "scripts": False, "attachments": False}
    pages = render_deck(path, tmp_path, LIMITS, n_pages=2)
    assert [(page.width, page.height, page.text) for page in pages] == [
        (1600, 900, "Open data of two cities"),
        (1600, 900, "A map"),
    ]
    assert {file.name: file.stat().st_size for file in tmp_path.glob("*.webp")} == {
        f"{number}-{width}.webp": page.n_bytes[width] for number, page in enumerate(pages, 1) for width in WIDTHS
    }


def test_scripts_in_a_deck_are_noticed_and_not_run(tmp_path: Path) -> None:
    path = stored(tmp_path, media.pdf_with_scripts())
    assert recognise(path, LIMITS).facts == {"pages": 1, "scripts": True, "attachments": False}
    assert len(render_deck(path, tmp_path, LIMITS, n_pages=1)) == 1


def test_a_deck_that_takes_too_long_ends_its_own_process_only(tmp_path: Path) -> None:
    path = stored(tmp_path, media.pdf(40, size=(1200, 675)))
    with pytest.raises(InvalidInput) as caught:
        render_deck(path, tmp_path, MediaLimits(max_seconds=1), n_pages=40)
    pattern = r"Page \d+ takes too much time or memory. Export the slides as PDF again, with smaller pictures."
    assert re.fullmatch(pattern, caught.value.messages["file"][0])


def test_a_deck_that_takes_too_much_memory_ends_its_own_process_only(tmp_path: Path) -> None:
    # Time is no limit here, also on a busy machine.
    path, patient = stored(tmp_path, media.pdf_that_unpacks_to(100_000_000)), MediaLimits(max_page_seconds=600)
    assert len(render_deck(path, tmp_path, patient, n_pages=1)) == 1
    with pytest.raises(InvalidInput) as caught:
        render_deck(path, tmp_path, replace(patient, max_memory_bytes=120_000_000), n_pages=1)
    assert caught.value.messages["file"] == [
        "Page 1 takes too much time or memory. Export the slides as PDF again, with smaller pictures."
    ]
