"""The page of a scoresheet's versions: none, one, several."""

from tests.support.judge_pages import FULL, Judge


def test_a_sheet_without_a_version_says_so(judge: Judge) -> None:
    answer = judge.client.get(f"{judge.page}/versions")
    assert (answer.status_code, "Nothing is saved yet." in answer.text) == (200, True)


def test_each_version_says_what_it_changed(judge: Judge) -> None:
    assert judge.fill(**FULL).status_code == 303
    assert judge.fill(**FULL, comment="Clear", base="1").status_code == 303
    page = judge.client.get(f"{judge.page}/versions").text
    assert [page.count(f"Version {number}</b>") for number in (1, 2, 3)] == [1, 1, 0]
    assert page.count("changed:") == 1
