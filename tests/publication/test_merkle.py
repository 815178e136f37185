"""The tree against the published vectors of Certificate Transparency's reference implementation, and its proofs."""

from __future__ import annotations

import hashlib

import pytest

from judging.publication import merkle

# merkletree/merkle_tree_test.cc of the reference implementation of RFC 6962: eight inputs, the root after each.
_INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
# Proofs of the same file: (leaf from 1, size) -> path.
_PATHS = {
    (1, 1): [],
    (3, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (1, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (6, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
}


def _leaves(size: int) -> list[bytes]:
    return [merkle.leaf_hash(bytes.fromhex(text)) for text in _INPUTS[:size]]


def test_roots_are_the_published_ones() -> None:
    assert merkle.root_of([]) == hashlib.sha256(b"").digest()
    assert [merkle.root_of(_leaves(size)).hex() for size in range(1, 9)] == _ROOTS


@pytest.mark.parametrize(("place", "path"), _PATHS.items())
def test_paths_are_the_published_ones(place: tuple[int, int], path: list[str]) -> None:
    index, size = place[0] - 1, place[1]
    assert [value.hex() for value in merkle.path_of(_leaves(size), index)] == path


def test_every_proof_leads_to_the_root_and_no_changed_one() -> None:
    for size in range(1, 34):
        leaves = [merkle.leaf_hash(bytes([number])) for number in range(size)]
        root = merkle.root_of(leaves)
        for index, leaf in enumerate(leaves):
            path = merkle.path_of(leaves, index)
            assert merkle.root_by_path(leaf, index, size, path) == root
            assert merkle.root_by_path(merkle.leaf_hash(b"other"), index, size, path) != root
            assert merkle.root_by_path(leaf, index, size, [*path, root]) is None
            if path:
                assert merkle.root_by_path(leaf, index, size, path[:-1]) is None
                assert merkle.root_by_path(leaf, index, size, [*path[:-1], leaf]) != root
            assert merkle.root_by_path(leaf, size, size, path) is None
