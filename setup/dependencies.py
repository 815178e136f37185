"""The audit of the locked packages: known vulnerabilities, and licences that this project may be distributed with.

``python -m setup.dependencies vulnerabilities`` asks the Open Source Vulnerabilities service, which needs a network.
The exit code is 1 when a locked version is vulnerable, and ``SKIPPED`` when the service could not be asked. Nothing is
sent but names and versions of public packages. ``python -m setup.dependencies licences`` needs no network.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

from setup import notices
from setup.environment import RUNTIME_LOCK, TEST_LOCK

SERVICE = "https://api.osv.dev"
SKIPPED = 3
"""The exit code when nothing is known about vulnerabilities, because the service was not reachable."""
_SECONDS = 20

PERMISSIVE = frozenset(
    {
        *("0BSD", "Apache-2.0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MIT-0", "MIT-CMU"),
        *("PSF-2.0", "Python-2.0", "Unlicense", "Zlib"),
    }
)
RUNTIME_LICENCES = PERMISSIVE | {"MPL-2.0", "LGPL-3.0-only"}
"""What the service runs on. MPL and LGPL: packages that are used unchanged and can be replaced."""
TEST_LICENCES = RUNTIME_LICENCES | {"GPL-3.0-or-later"}
"""What only tests run with, and nobody distributes together with this project."""


def forbidden(package: str, allowed: frozenset[str]) -> str:
    """Return the licence of a package when it is not allowed; empty when it is.

    Of ``A OR B`` one must be allowed, of ``A AND B`` all.
    """
    stated = notices.licence(package).replace("; contains axe-core,", " AND")
    choices = [part.strip("() ") for part in re.split(r"\bOR\b", stated)]
    is_allowed = any(all(one.strip("() ") in allowed for one in re.split(r"\bAND\b", choice)) for choice in choices)
    return "" if is_allowed else stated


def licence_faults(runtime: Path = RUNTIME_LOCK, tests: Path = TEST_LOCK) -> Iterator[str]:
    """Yield one sentence for each locked package whose licence is not known or not allowed."""
    for_service = notices.locked(runtime)
    for name in sorted(for_service | notices.locked(tests)):
        try:
            stated = forbidden(name, RUNTIME_LICENCES if name in for_service else TEST_LICENCES)
        except LookupError as error:
            yield str(error)
            continue
        if stated:
            yield f"{name}: {stated} is not in the list of allowed licences in setup/dependencies.py."


def vulnerabilities(versions: Mapping[str, str], service: str) -> dict[str, list[str]]:
    """Return the identifiers of the known vulnerabilities by package, for those that have any.

    Raises
    ------
    OSError
        When the service is not reachable.
    ValueError
        When it answers something else.
    """
    names = sorted(versions)
    queries = [{"package": {"name": name, "ecosystem": "PyPI"}, "version": versions[name]} for name in names]
    request = Request(  # noqa: S310 - https by default; another one is the caller's own choice
        f"{service}/v1/querybatch",
        data=json.dumps({"queries": queries}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310 - see above
        content: Any = json.load(answer)
    results = content.get("results") if isinstance(content, dict) else None
    if not isinstance(results, list) or len(results) != len(names):
        raise ValueError("the answer is not one result for each package")
    found = {
        name: [str(entry["id"]) for entry in (result or {}).get("vulns") or ()]
        for name, result in zip(names, results, strict=True)
    }
    return {name: identifiers for name, identifiers in found.items() if identifiers}


def audit_vulnerabilities(service: str) -> int:
    """Print what is known about the locked packages, and return the exit code."""
    versions = notices.locked(RUNTIME_LOCK) | notices.locked(TEST_LOCK)
    try:
        found = vulnerabilities(versions, service)
    except (URLError, OSError, ValueError) as error:
        print(f"SKIPPED: {service} could not be asked ({error}). Nothing is known about {len(versions)} packages.")
        print("Run it where there is a network, or name another service of this kind: JUDGING_VULNERABILITY_SERVICE.")
        return SKIPPED
    for name, identifiers in found.items():
        print(f"{name} {versions[name]}: {', '.join(identifiers)}")
    if not found:
        print(f"No known vulnerability in {len(versions)} packages.")
    return 1 if found else 0


def audit_licences() -> int:
    """Print the packages whose licence is not allowed, and return the exit code."""
    faults = list(licence_faults())
    print("\n".join(faults) or "Every locked package has a licence of the list.")
    return 1 if faults else 0


if __name__ == "__main__":
    if sys.argv[1:] == ["vulnerabilities"]:
        sys.exit(audit_vulnerabilities(os.environ.get("JUDGING_VULNERABILITY_SERVICE", SERVICE).rstrip("/")))
    if sys.argv[1:] == ["licences"]:
        sys.exit(audit_licences())
    sys.exit("Usage: python -m setup.dependencies vulnerabilities|licences")
