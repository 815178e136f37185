"""The cache of rendered parts stays within its bound, and pieces of a page make one gzip member."""

import gzip
import zlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from judging.web.responses.part_cache import PartCache, RememberedPart, Segment, gzip_of


def part_of(n: int) -> RememberedPart:
    return RememberedPart(("a title",), (Segment(b"x" * n, b""),))


def test_the_least_recently_used_part_is_dropped_when_the_bound_is_reached() -> None:
    cache = PartCache(20 * part_of(10_000).n_bytes)
    for key in range(20):
        cache.put(key, part_of(10_000))
    assert cache.get(0) == part_of(10_000)
    cache.put("new", part_of(10_000))
    assert [key for key in (0, 1, 2, "new") if cache.get(key) is None] == [1]
    assert (len(cache), cache.n_bytes) == (20, 20 * part_of(10_000).n_bytes)


def test_a_part_stored_again_counts_once() -> None:
    cache = PartCache(1_000_000)
    for n in (100, 5000):
        cache.put("key", part_of(n))
    assert cache.n_bytes == part_of(5000).n_bytes
    cache.clear()
    assert (len(cache), cache.n_bytes) == (0, 0)


def test_a_part_larger_than_an_eighth_of_the_bound_is_not_stored() -> None:
    cache = PartCache(80_000)
    cache.put("large", part_of(10_000))
    assert cache.get("large") is None


def test_many_threads_leave_the_count_right() -> None:
    cache = PartCache(60 * part_of(1000).n_bytes)

    def use(n: int) -> None:
        cache.put(n % 97, part_of(1000))
        cache.get(n % 89)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(use, range(5000)))
    assert len(cache) == 60
    assert cache.n_bytes == 60 * part_of(1000).n_bytes


@pytest.mark.parametrize(
    "pieces",
    [
        [b"before", Segment.of(b"a" * 70_000), b"token", Segment.of("字".encode() * 999), b"after"],
        [b""],
        [Segment.of(b"")],
    ],
)
def test_pieces_make_one_gzip_member_that_strict_readers_accept(pieces: list[bytes | Segment]) -> None:
    plain = b"".join(piece.plain if isinstance(piece, Segment) else piece for piece in pieces)
    packed = gzip_of(pieces)
    assert gzip.decompress(packed) == plain
    reader = zlib.decompressobj(zlib.MAX_WBITS | 16)
    assert (reader.decompress(packed), reader.eof, reader.unused_data) == (plain, True, b"")
