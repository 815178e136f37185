"""The scores of earlier occasions in a bundle, against what the run says went into it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from judging.services.bundle import parts
from judging.services.bundle.unpacking import AGREES, DIFFERS, Bundle, Finding, short


def check_earlier(bundle: Bundle, recorded: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """Compare the scores of earlier occasions with what the run says went into it, and with the rules."""
    found = {part.name: part.to_dict() for part in bundle.earlier or ()}
    named = [policy.name for policy in (bundle.rules.calibration.earlier or ())] if bundle.rules is not None else []
    for part in recorded:
        name = part["name"]
        if name not in found:
            yield Finding(DIFFERS, parts.EARLIER, f"{name}: went into the run and is not there")
        elif found[name] != part:
            differing = ", ".join(key for key in part if found[name].get(key) != part[key])
            yield Finding(DIFFERS, parts.EARLIER, f"{name}: {differing} is not what run.json says")
        elif name not in named:
            yield Finding(DIFFERS, parts.EARLIER, f"{name}: went into the run, and the rules do not name it")
        else:
            text = f"{name}: {part['n_sheets']} scoresheets, digest {short(part['digest'])}, as in run.json"
            yield Finding(AGREES, parts.EARLIER, text)
    for name in found.keys() - {part["name"] for part in recorded}:
        yield Finding(DIFFERS, parts.EARLIER, f"{name}: did not go into the run")
