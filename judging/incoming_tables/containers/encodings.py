"""The encoding of a text file: found where the bytes tell it, asked where several readings are plausible."""

from __future__ import annotations

import re
from itertools import islice
from typing import Final

from judging.errors import InvalidInput, Message
from judging.incoming_tables.containers.cells import EncodingReading
from judging.incoming_tables.containers.limits import refuse

ENCODINGS: Final = ("utf-8", "utf-16", "gb18030", "big5hkscs", "cp1252")
"""Encodings that can be named: UTF-8, UTF-16, GB 18030, Big5 with the Hong Kong characters, Windows-1252."""
ENCODING_NAMES: Final = {
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "gb18030": "GB 18030",
    "big5hkscs": "Big5 (HKSCS)",
    "cp1252": "Windows-1252",
}
_SPELLINGS: Final = {
    "utf8": "utf-8", "utf8sig": "utf-8", "utf16": "utf-16", "utf16le": "utf-16", "utf16be": "utf-16",
    "unicode": "utf-16", "gb18030": "gb18030", "gbk": "gb18030", "gb2312": "gb18030", "cp936": "gb18030",
    "big5": "big5hkscs", "big5hkscs": "big5hkscs", "cp950": "big5hkscs", "cp1252": "cp1252",
    "windows1252": "cp1252", "latin1": "cp1252", "iso88591": "cp1252",
}  # fmt: skip
# Smallest share of everyday characters among those beyond ASCII with which a guessed encoding is accepted.
_EVERYDAY = 0.7
# A reading is as good as decided when its share of everyday characters is this much larger than that of the other.
_CLEAR = 0.2
# With fewer characters than this, chance makes a wrong reading plausible. Measured on names of Hong Kong: none of the
# files with five rows or more is read wrongly.
_ENOUGH = 30
# Number of characters that suffice to detect the encoding of a file.
_SAMPLE = 20_000
_RUN = re.compile(r"[^\x00-\x7f]+")
# In Western European text, accented letters stand alone among ASCII letters.
_WESTERN = re.compile(r"(?<![^\x00-\x7f])[\u00c0-\u00ff\u2018-\u201d\u2013\u20ac\u0160\u0161\u017d\u017e\u0152\u0153]")


def find_encoding_name(text: str) -> str | None:
    """Return the encoding that somebody names, in any usual spelling; None when it is not one of ``ENCODINGS``."""
    return _SPELLINGS.get(re.sub(r"[^a-z0-9]", "", text.casefold()))


def decode(content: bytes, encoding: str | None = None) -> tuple[str, EncodingReading]:
    """Return the text of a file, and how it was decoded.

    UTF-8 and UTF-16 can be detected. Other files are from a Chinese Excel, as GB 18030 on the mainland and as Big5 in
    Hong Kong and Taiwan, or from a Western one, as Windows-1252. Most bytes are valid in several of these, so the
    reading with more everyday characters is used; readings that are as plausible are named in ``others``.

    Raises
    ------
    InvalidInput
        When no encoding gives plausible text, or the bytes are not valid in the encoding that was named.
    """
    if encoding is not None:
        text = _strictly(content, encoding)
        if text is None:
            raise refuse(
                Message("The file is not valid {encoding}. Name another encoding.", encoding=ENCODING_NAMES[encoding])
            )
        return _checked(text), EncodingReading(encoding=encoding, sample=sample_of(text))
    for mark, name in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            text = _strictly(content, name)
            if text is None:
                raise _unknown()
            return _checked(text), EncodingReading(encoding=name, sample=sample_of(text))
    text = _strictly(content, "utf-8")
    if text is not None and "\x00" not in text:
        return text, EncodingReading(encoding="utf-8", others=_unlike_utf_8(text, content), sample=sample_of(text))
    if (little := _unmarked_utf_16(content)) is not None:
        return _checked(little), EncodingReading(encoding="utf-16", sample=sample_of(little))
    if text is not None:
        return _checked(text), EncodingReading(encoding="utf-8")
    return _guess(content)


def sample_of(text: str) -> str:
    """Return the first few names beyond ASCII, to be shown to a person."""
    runs = islice((match.group() for match in _RUN.finditer(text)), 200)
    return ", ".join(list(dict.fromkeys(run[:20] for run in runs))[:5])


def _unlike_utf_8(text: str, content: bytes) -> dict[str, str]:
    """Return Chinese readings of a few letters that are valid UTF-8 by chance, such as 缺席 in GB 18030."""
    beyond = [character for character in text[: 10 * _SAMPLE] if ord(character) > 127]
    if not beyond or len(beyond) >= _ENOUGH or any(ord(character) > 0x7FF for character in beyond):
        return {}
    if sum(0xA0 <= ord(character) <= 0x17F for character in beyond) >= _EVERYDAY * len(beyond):
        return {}
    readings = {name: _strictly(content, name) for name in ("gb18030", "big5hkscs")}
    return {
        name: sample_of(reading)
        for name, reading in readings.items()
        if reading is not None and _share_everyday(reading)[0] >= _EVERYDAY
    }


def _guess(content: bytes) -> tuple[str, EncodingReading]:
    readings: list[tuple[float, int, str, str]] = []
    for name in ("gb18030", "big5hkscs"):
        text = _strictly(content, name)
        if text is not None and "\x00" not in text:
            share, n_beyond = _share_everyday(text)
            readings.append((share, n_beyond, name, text))
    western = _strictly(content, "cp1252")
    if western is not None and "\x00" not in western:
        readings.append((_share_western(western), len(_RUN.findall(western)), "cp1252", western))
    readings.sort(reverse=True)
    if not readings or readings[0][0] < _EVERYDAY:
        raise _unknown()
    share, n_beyond, name, text = readings[0]
    close = 1.0 if n_beyond < _ENOUGH else _CLEAR
    others = {
        other: sample_of(reading)
        for other_share, _, other, reading in readings[1:]
        if other_share > 0.3 and other_share >= share - close
    }
    return text, EncodingReading(encoding=name, others=others, sample=sample_of(text))


def _unmarked_utf_16(content: bytes) -> str | None:
    """Return UTF-16 without a mark, as some programs write it: every second byte of its ASCII characters is zero."""
    sample = content[:2000]
    for offset, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        if len(content) % 2 == 0 and sample[offset::2].count(0) > len(sample) // 4:
            return _strictly(content, name)
    return None


def _unknown() -> InvalidInput:
    return refuse(
        Message("The encoding of the file cannot be determined. Save it as “CSV UTF-8”, or name its encoding.")
    )


def _checked(text: str) -> str:
    if "\x00" in text:
        raise refuse(Message("The file holds NUL characters, so it is not a text. Save it as “CSV UTF-8”."))
    return text


def _strictly(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError:
        return None


def _share_everyday(text: str) -> tuple[float, int]:
    """Return the share of everyday characters among those beyond ASCII, and the number of those."""
    beyond = list(islice((character for character in text if ord(character) > 127), _SAMPLE))
    return (sum(map(_is_everyday, beyond)) / len(beyond) if beyond else 0.0), len(beyond)


def _share_western(text: str) -> float:
    beyond = sum(len(run) for run in _RUN.findall(text[: 10 * _SAMPLE]))
    return len(_WESTERN.findall(text[: 10 * _SAMPLE])) / beyond if beyond else 0.0


def _is_everyday(character: str) -> bool:
    # Both national standards have the most used characters and the punctuation first: level 1, by its lead byte. Either
    # counts, because mainland files contain Traditional names, and files of Hong Kong contain Simplified names.
    return any(
        low <= character.encode(standard, errors="replace")[0] <= high
        for standard, low, high in (("gb2312", 0xB0, 0xD7), ("big5", 0xA1, 0xC6), ("gb2312", 0xA1, 0xA3))
    )
