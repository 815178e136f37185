"""Every text a person sees is there in all three languages."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from jinja2 import TemplateSyntaxError

from setup import catalogues

SOURCE = 'from judging.errors import Message\n\nTEXT = Message("Round {name} is closed.")\n'
HEADER = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'


@pytest.fixture
def translate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[str]]:
    """Return a function: the catalogue of a source with one message -> what is wrong with it."""
    monkeypatch.setattr(catalogues, "SOURCE", tmp_path)
    monkeypatch.setattr(catalogues, "LOCALES", ("zh_Hant_HK",))
    (tmp_path / "rounds.py").write_text(SOURCE)

    def complaints(entries: str) -> list[str]:
        path = catalogues.catalogue_file("zh_Hant_HK")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(HEADER + entries)
        return catalogues.complaints()

    return complaints


def test_the_catalogues_are_complete() -> None:
    assert catalogues.complaints() == []


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        ("", "is not in the catalogue"),
        ('msgid "Round {name} is closed."\nmsgstr ""\n', "is not translated"),
        ('#, fuzzy\nmsgid "Round {name} is closed."\nmsgstr "「{name}」已結束。"\n', "is fuzzy"),
        ('msgid "Round {name} is closed."\nmsgstr "已結束。"\n', "has ['{name}'], its translation has []"),
        (
            'msgid "Round {name} is closed."\nmsgstr "「{nom}」已結束。"\n',
            "has ['{name}'], its translation has ['{nom}']",
        ),
    ],
)
def test_a_message_that_is_not_translated_is_named(
    translate: Callable[[str], list[str]], entry: str, complaint: str
) -> None:
    assert translate(entry) == [f"zh_Hant_HK: 'Round {{name}} is closed.' (rounds.py:3) {complaint}"]


def test_a_whole_catalogue_has_nothing_to_complain_about(translate: Callable[[str], list[str]]) -> None:
    assert translate('msgid "Round {name} is closed."\nmsgstr "「{name}」已結束。"\n') == []


def test_a_percent_sign_that_a_template_would_take_for_a_placeholder_is_named(
    translate: Callable[[str], list[str]], tmp_path: Path
) -> None:
    (tmp_path / "rounds.py").unlink()
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "files.html").write_text("{{ _('{percent} % sent') }} {{ _('%(n)s %% sent', n=1) }}")
    right = 'msgid "%(n)s %% sent"\nmsgstr "已傳送 %(n)s%%"\n'
    assert translate('msgid "{percent} % sent"\nmsgstr "已傳送 {percent}%%"\n\n' + right) == [
        "zh_Hant_HK: '{percent} % sent' (templates/files.html:1) has a single % in '{percent} % sent'; "
        "a template needs %%"
    ]


def test_a_translation_without_a_source_is_named(translate: Callable[[str], list[str]]) -> None:
    good = 'msgid "Round {name} is closed."\nmsgstr "「{name}」已結束。"\n\n'
    assert translate(f'{good}msgid "Gone."\nmsgstr "無。"\n') == ["zh_Hant_HK: 'Gone.' is no longer in the source"]


def test_an_update_brings_messages_in_and_out_and_is_then_still(translate: Callable[[str], list[str]]) -> None:
    translate('msgid "Gone."\nmsgstr "無。"\n')
    catalogues.update()
    first = catalogues.catalogue_file("zh_Hant_HK").read_text()
    assert catalogues.complaints() == ["zh_Hant_HK: 'Round {name} is closed.' (rounds.py:3) is not translated"]
    catalogues.update()
    assert catalogues.catalogue_file("zh_Hant_HK").read_text() == first


def test_a_template_that_cannot_be_read_stops_the_update(translate: Callable[[str], list[str]], tmp_path: Path) -> None:
    translate('msgid "Closed."\nmsgstr "已結束。"\n')
    before = catalogues.catalogue_file("zh_Hant_HK").read_bytes()
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text('{{ _("Closed.") }}{% if %}')
    with pytest.raises(TemplateSyntaxError):
        catalogues.update()
    assert catalogues.catalogue_file("zh_Hant_HK").read_bytes() == before


def test_no_sentence_of_a_page_has_a_term_of_statistics_that_the_list_of_plain_words_replaces() -> None:
    text = (Path(__file__).parents[1] / "docs" / "plain-words.md").read_text().split("## With an explanation")[0]
    terms = [row.split("|")[1].strip().lower() for row in text.splitlines() if row.startswith("| ")][1:]
    assert len(terms) > 10
    # The method report speaks to statisticians; a result that somebody brings is named by its method.
    elsewhere = ("documents/", "schemas/outside_comparisons.py")
    found = [
        (term, str(message.id))
        for message in catalogues.extract()
        if message.id and not all(str(place).startswith(elsewhere) for place, _line in message.locations)
        for term in terms
        if re.search(rf"\b{re.escape(term)}", re.sub(r"%\(\w+\)s", "", str(message.id).lower()))
    ]
    assert found == []
