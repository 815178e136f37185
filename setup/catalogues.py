"""Translation catalogues: compile, check, update.

Runs inside ``.venv``, because it needs the package Babel.

``.po`` files are in version control, ``.mo`` files are generated. ``update`` adds and removes messages to match the
source; ``check`` reports what is missing and changes no file.
"""

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "judging"
LOCALES = ("zh_Hant_HK", "zh_Hans_CN")
METHODS = [("**.py", "python"), ("**/templates/**", "jinja2")]
KEYWORDS = {
    "_": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "Message": None,
}
_PLACEHOLDER = re.compile(r"%\(\w+\)[#0\- +]*[\d.]*\w|\{\w*[^{}]*\}")
_LONE_PERCENT = re.compile(r"(?<!%)(?:%%)*%(?![%(])")


def catalogue_file(locale: str) -> Path:
    """Return the ``.po`` file of a locale."""
    return SOURCE / "translations" / locale / "LC_MESSAGES" / "messages.po"


def compile_all() -> None:
    """Write the ``.mo`` file beside each ``.po`` file."""
    for locale in LOCALES:
        target = catalogue_file(locale).with_suffix(".mo")
        compiled = io.BytesIO()
        write_mo(compiled, _read(locale))
        # The replacement is atomic: a process that reads the file never sees half of it.
        unfinished = target.with_suffix(".mo.unfinished")
        unfinished.write_bytes(compiled.getvalue())
        unfinished.replace(target)


def update() -> None:
    """Update every catalogue from the source: add new messages without a translation, remove unused ones."""
    template = extract()
    for locale in LOCALES:
        catalogue = _read(locale)
        # Fuzzy matching is off: a guessed translation would look finished. A person has to write it.
        created = catalogue.creation_date
        catalogue.update(template, no_fuzzy_matching=True)
        # The date is restored so that the file changes only when a message changes.
        catalogue.creation_date = created
        catalogue.obsolete.clear()
        catalogue_file(locale).parent.mkdir(parents=True, exist_ok=True)
        with catalogue_file(locale).open("wb") as file:
            write_po(file, catalogue, width=120, sort_output=True, no_location=True, omit_header=False)


def complaints() -> list[str]:
    """Return the faults of the catalogues, one sentence each; empty when they are complete."""
    template = extract()
    return [f"{locale}: {text}" for locale in LOCALES for text in _compare(template, _read(locale))]


def extract() -> Catalog:
    """Return every message of the source as a catalogue without translations."""
    template = Catalog(project="judging", charset="utf-8")
    messages = extract_from_dir(
        SOURCE,
        METHODS,
        options_map={"**/templates/**": {"trimmed": "true", "silent": "false"}},
        keywords=KEYWORDS,
        comment_tags=["i18n:"],
    )
    for filename, line, message, comments, context in messages:
        template.add(message, None, [(filename, line)], auto_comments=comments, context=context)
    return template


def _read(locale: str) -> Catalog:
    path = catalogue_file(locale)
    if not path.exists():
        placeholders = dict.fromkeys(("msgid_bugs_address", "last_translator", "language_team"), "-")
        return Catalog(
            locale,
            header_comment=f"# {locale} of judging.",
            project="judging",
            version="1",
            fuzzy=False,
            **placeholders,
        )
    with path.open("rb") as file:
        return read_po(file, locale=locale)


def _compare(template: Catalog, catalogue: Catalog) -> Iterator[str]:
    for source_message in template:
        if not source_message.id:
            continue
        translation = catalogue.get(source_message.id, source_message.context)
        if translation is None:
            yield f"{_name(source_message)} is not in the catalogue"
        elif translation.fuzzy:
            yield f"{_name(source_message)} is fuzzy"
        elif not all(_texts(translation.string)):
            yield f"{_name(source_message)} is not translated"
        else:
            yield from _compare_placeholders(source_message, translation)
            yield from _lone_percents(source_message, translation)
    for translation in catalogue:
        if translation.id and template.get(translation.id, translation.context) is None:
            yield f"{_name(translation)} is no longer in the source"


def _compare_placeholders(source_message: Message, translation: Message) -> Iterator[str]:
    # A translation may omit the number of an English singular; otherwise it has the same placeholders.
    expected = set(_PLACEHOLDER.findall(_texts(source_message.id)[-1]))
    for text in _texts(translation.string):
        names = set(_PLACEHOLDER.findall(text))
        if names != expected:
            yield f"{_name(source_message)} has {sorted(expected)}, its translation has {sorted(names)}"


def _lone_percents(source_message: Message, translation: Message) -> Iterator[str]:
    # Templates format every text with %: a percent sign of the text is written twice, or the page fails.
    if not any(str(place).endswith(".html") for place, _line in source_message.locations):
        return
    for text in (*_texts(source_message.id), *_texts(translation.string)):
        if _LONE_PERCENT.search(text):
            yield f"{_name(source_message)} has a single % in {text!r}; a template needs %%"


def _texts(texts: str | tuple[str, ...] | list[str] | None) -> list[str]:
    return [texts or ""] if texts is None or isinstance(texts, str) else list(texts)


def _name(message: Message) -> str:
    place = f" ({message.locations[0][0]}:{message.locations[0][1]})" if message.locations else ""
    return f"{_texts(message.id)[0]!r}{place}"


def main(command: str) -> int:
    """Run one of ``compile``, ``update``, ``check``; returns the exit code."""
    if command == "compile":
        compile_all()
    elif command == "update":
        update()
    else:
        faults = complaints()
        print("\n".join(faults))
        print(f"{len(faults)} to mend: python3 run.py messages, then fill the catalogues." if faults else "Complete.")
        return 1 if faults else 0
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
