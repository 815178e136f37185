"""Hashes are made one at a time."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from judging.services.authentication.password_hashes import hash_of, is_password


def test_a_password_matches_its_own_hash_only() -> None:
    made = hash_of("eleven tall trees")
    assert [is_password(text, made) for text in ("eleven tall trees", "twelve tall trees", "")] == [True, False, False]


def test_a_hash_costs_what_werkzeug_chose() -> None:
    # In a process of its own: tests with databases make cheaper hashes.
    code = "from judging.services.authentication.password_hashes import hash_of; print(hash_of('eleven tall trees'))"
    root = Path(__file__).parents[3]
    made = subprocess.run([sys.executable, "-c", code], cwd=root, check=True, capture_output=True, text=True).stdout
    assert made.split("$")[0] == "scrypt:32768:8:1"
    assert is_password("eleven tall trees", made.strip())


def test_without_a_hash_nothing_matches() -> None:
    assert not is_password("eleven tall trees", None)


def test_several_sign_ins_at_once_wait_for_each_other() -> None:
    made = hash_of("eleven tall trees")
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda text: is_password(text, made), ["eleven tall trees", "x"] * 4))
    assert answers == [True, False] * 4
