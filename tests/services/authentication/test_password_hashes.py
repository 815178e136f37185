"""Hashes are made one at a time."""

from concurrent.futures import ThreadPoolExecutor

from judging.services.authentication.password_hashes import hash_of, is_password


def test_a_password_matches_its_own_hash_only() -> None:
    made = hash_of("eleven tall trees")
    assert [is_password(text, made) for text in ("eleven tall trees", "twelve tall trees", "")] == [True, False, False]


def test_without_a_hash_nothing_matches() -> None:
    assert not is_password("eleven tall trees", None)


def test_several_sign_ins_at_once_wait_for_each_other() -> None:
    made = hash_of("eleven tall trees")
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda text: is_password(text, made), ["eleven tall trees", "x"] * 4))
    assert answers == [True, False] * 4
