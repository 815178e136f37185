"""Translation catalogues: compile, check, update.

Runs inside ``.venv``: the one module here that needs a package, Babel.

``.po`` files are kept, ``.mo`` files are made. ``update`` brings the catalogues in step with the source; ``check`` says
what is missing, without changing a file.
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


def catalogue_file(locale: str) -> Path:
    """Return the ``.po`` file of a locale."""
    return SOURCE / "translations" / locale / "LC_MESSAGES" / "messages.po"


def compile_all() -> None:
    """Write the ``.mo`` file beside each ``.po`` file."""
    for locale in LOCALES:
        target = catalogue_file(locale).with_suffix(".mo")
        compiled = io.BytesIO()
        write_mo(compiled, _read(locale))
        # A reader sees the old file or the new one, never half of one.
        unfinished = target.with_suffix(".mo.unfinished")
        unfinished.write_bytes(compiled.getvalue())
        unfinished.replace(target)


def update() -> None:
    """Bring every catalogue in step with the source; new messages come in empty, those no longer used go."""
    template = extract()
    for locale in LOCALES:
        catalogue = _read(locale)
        # A guessed translation would look finished: what changed is to be written again, by somebody who reads it.
        created = catalogue.creation_date
        catalogue.update(template, no_fuzzy_matching=True)
        # Only a change of a message changes the file.
        catalogue.creation_date = created
        catalogue.obsolete.clear()
        catalogue_file(locale).parent.mkdir(parents=True, exist_ok=True)
        with catalogue_file(locale).open("wb") as file:
            write_po(file, catalogue, width=120, sort_output=True, no_location=True, omit_header=False)


def complaints() -> list[str]:
    """Return what is wrong with the catalogues, one sentence each; empty when they are complete."""
    template = extract()
    return [f"{locale}: {text}" for locale in LOCALES for text in _compare(template, _read(locale))]


def extract() -> Catalog:
    """Return every message of the source as a catalogue without translations."""
    template = Catalog(project="judging", charset="utf-8")
    found = extract_from_dir(
        SOURCE, METHODS, options_map={"**/templates/**": {"trimmed": "true"}}, keywords=KEYWORDS, comment_tags=["i18n:"]
    )
    for filename, line, message, comments, context in found:
        template.add(message, None, [(filename, line)], auto_comments=comments, context=context)
    return template


def _read(locale: str) -> Catalog:
    path = catalogue_file(locale)
    if not path.exists():
        nobody = dict.fromkeys(("msgid_bugs_address", "last_translator", "language_team"), "-")
        return Catalog(
            locale, header_comment=f"# {locale} of judging.", project="judging", version="1", fuzzy=False, **nobody
        )
    with path.open("rb") as file:
        return read_po(file, locale=locale)


def _compare(template: Catalog, catalogue: Catalog) -> Iterator[str]:
    for wanted in template:
        if not wanted.id:
            continue
        given = catalogue.get(wanted.id, wanted.context)
        if given is None:
            yield f"{_name(wanted)} is not in the catalogue"
        elif given.fuzzy:
            yield f"{_name(wanted)} is fuzzy"
        elif not all(_texts(given.string)):
            yield f"{_name(wanted)} is not translated"
        else:
            yield from _compare_placeholders(wanted, given)
    for given in catalogue:
        if given.id and template.get(given.id, given.context) is None:
            yield f"{_name(given)} is no longer in the source"


def _compare_placeholders(wanted: Message, given: Message) -> Iterator[str]:
    # A translation may leave out the number of an English singular; beyond that it names what the English names.
    wanted_names = set(_PLACEHOLDER.findall(_texts(wanted.id)[-1]))
    for text in _texts(given.string):
        names = set(_PLACEHOLDER.findall(text))
        if names != wanted_names:
            yield f"{_name(wanted)} has {sorted(wanted_names)}, its translation has {sorted(names)}"


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
        found = complaints()
        print("\n".join(found))
        print(f"{len(found)} to mend: python3 run.py messages, then fill the catalogues." if found else "Complete.")
        return 1 if found else 0
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
