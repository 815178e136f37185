"""The licences of the packages that the lock files name, as the tables of THIRD-PARTY-NOTICES.md.

Runs inside ``.venv``, where the metadata of each package name its licence. ``python -m setup.notices`` writes the
tables again after a change of the locks; a test compares them with the installed packages.
"""

import re
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

from setup.environment import ROOT, RUNTIME_LOCK, TEST_LOCK

NOTICES = ROOT / "THIRD-PARTY-NOTICES.md"

# Licences that a package's metadata omit or name imprecisely; read from the licence text in its wheel.
_FROM_LICENCE_TEXT = {
    "axe-playwright-python": "MIT; contains axe-core, MPL-2.0",
    "defusedxml": "PSF-2.0",
    "flask-wtf": "BSD-3-Clause",
    "grimp": "BSD-2-Clause",
    "import-linter": "BSD-2-Clause",
    "itsdangerous": "BSD-3-Clause",
    "jinja2": "BSD-3-Clause",
    "pypdfium2": "Apache-2.0 OR BSD-3-Clause",
    "scipy": "BSD-3-Clause",
    "wtforms": "BSD-3-Clause",
    # Installed on Windows only.
    "colorama": "BSD-3-Clause",
    "tzdata": "Apache-2.0",
    # Installed on PyPy only.
    "brotlicffi": "MIT",
    "cffi": "MIT-0",
    "pycparser": "BSD-3-Clause",
}
_SPDX = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}


def locked(lock: Path) -> dict[str, str]:
    """Return the version of every package that a lock file names."""
    return dict(re.findall(r"(?m)^([\w.-]+)==(\S+)", lock.read_text()))


def licence(package: str) -> str:
    """Return the licence of an installed package as an SPDX expression where there is one.

    Raises
    ------
    LookupError
        When neither the metadata nor this module names the licence.
    """
    if package in _FROM_LICENCE_TEXT:
        return _FROM_LICENCE_TEXT[package]
    try:
        fields = metadata(package)
    except PackageNotFoundError as error:
        raise LookupError(f"{package} is not installed here: add its licence to setup/notices.py") from error
    classifiers = [text for text in fields.get_all("Classifier") or () if text.startswith("License :: ")]
    families = [_SPDX.get(text.rsplit(" :: ", 1)[1], "") for text in classifiers]
    stated: list[str] = [*(fields.get_all("License-Expression") or ()), *(fields.get_all("License") or ()), *families]
    short = [text for text in stated if re.fullmatch(r"[\w.+()-]+(?: (?:AND|OR|WITH) [\w.+()-]+)*", text)]
    if not short:
        raise LookupError(f"{package} does not name its licence: read its text and add it to setup/notices.py")
    return short[0]


def tables() -> dict[str, str]:
    """Return the two tables: packages that the service needs, and packages that only the tests need."""
    runtime, tests = locked(RUNTIME_LOCK), locked(TEST_LOCK)
    return {
        "runtime": _table(runtime),
        "tests": _table({name: version for name, version in tests.items() if name not in runtime}),
    }


def _table(versions: dict[str, str]) -> str:
    rows = [f"| {name} | {version} | {licence(name)} |" for name, version in sorted(versions.items())]
    return "\n".join(["| package | version | licence |", "|---|---|---|", *rows])


def with_tables(text: str) -> str:
    """Return the notices with new tables between the marks ``<!-- name -->`` and ``<!-- end -->``."""
    for name, table in tables().items():
        before, start, rest = text.partition(f"<!-- {name} -->\n")
        _, end, after = rest.partition("<!-- end -->")
        if not end:
            raise LookupError(f"the notices have no place for the table {name!r}")
        text = f"{before}{start}\n{table}\n\n{end}{after}"
    return text


if __name__ == "__main__":
    NOTICES.write_text(with_tables(NOTICES.read_text()))
