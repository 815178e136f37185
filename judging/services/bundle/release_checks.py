"""Verify the released part of a results bundle: shortlist, signed content, signatures, digest."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from judging.final_shortlist import Verdict, settle
from judging.schemas.stored_reports import from_dict
from judging.services.bundle import parts
from judging.services.bundle.differences import compare
from judging.services.bundle.unpacking import AGREES, DIFFERS, MOST_NAMED, NOTE, Bundle, Finding, remaining, short
from judging.services.consents import RequiredConsents
from judging.services.releases.content import digest_of_content, ranking_of, shortlist_of

_GROUP_LENGTH = 4


def check_released_shortlist(bundle: Bundle) -> Iterator[Finding]:
    """Compute the shortlist again from rule and decisions, and compare it with the signed one."""
    run, stored_decisions, content = (
        bundle.json.get(parts.RUN),
        bundle.json.get(parts.DECISIONS),
        released_content(bundle),
    )
    if run is None or stored_decisions is None:
        return
    verdicts = {
        entry["proposal"]: Verdict(
            entry["proposal"],
            entry["verdict"],
            entry["reason"],
            datetime.fromisoformat(entry["decided_at"]),
            entry["decided_by"],
        )
        for entry in stored_decisions["decisions"]
    }
    final = shortlist_of(settle(from_dict(run["result"]), verdicts))
    if content is None:
        yield Finding(
            NOTE, parts.RELEASE, f"nothing is released; rule and decisions make a shortlist of {len(final['selected'])}"
        )
        return
    differing = list(compare(content["shortlist"], final, "shortlist"))
    for text in differing[:MOST_NAMED]:
        yield Finding(DIFFERS, parts.RELEASE, f"{text} by rule and decisions")
    yield from remaining(parts.RELEASE, len(differing))
    if not differing:
        text = f"shortlist of {len(final['selected'])} follows from the rule and {len(verdicts)} decisions"
        yield Finding(AGREES, parts.RELEASE, text)


def check_release(bundle: Bundle) -> Iterator[Finding]:
    """Compare the signed content with the other parts, and check that all required signatures exist."""
    content, run = released_content(bundle), bundle.json.get(parts.RUN)
    if content is None or run is None:
        return
    release = bundle.json[parts.RELEASE]["release"]
    digest = digest_of_content(content)
    if digest != release["digest"]:
        yield Finding(
            DIFFERS, parts.RELEASE, f"digest of the content is {short(digest)}, signed was {short(release['digest'])}"
        )
    else:
        yield Finding(AGREES, parts.RELEASE, f"digest {_grouped(digest)}")
    expected = {name: run[name] for name in ("model", "input_digest", "rules_digest", "result_digest", "code_version")}
    expected |= {"run": run["number"], "ranking": ranking_of(from_dict(run["result"]))}
    stored_decisions = bundle.json.get(parts.DECISIONS)
    if stored_decisions is not None:
        expected |= {name: stored_decisions[name] for name in ("decisions", "awards")}
    differing = list(compare({name: content[name] for name in expected}, expected, ""))
    for text in differing[:MOST_NAMED]:
        yield Finding(DIFFERS, parts.RELEASE, f"{text} in the other parts")
    yield from remaining(parts.RELEASE, len(differing))
    if not differing:
        yield Finding(AGREES, parts.RELEASE, "run, ranking, decisions and awards are those of the other parts")
    for signature in release["signatures"]:
        if signature["digest"] != release["digest"]:
            yield Finding(
                DIFFERS, parts.RELEASE, f"{signature['name']} signed another digest, {short(signature['digest'])}"
            )
    if bundle.competition is not None:
        consents = RequiredConsents.of(bundle.competition, [signature["city"] for signature in release["signatures"]])
        names = ", ".join(f"{signature['name']} ({signature['at']})" for signature in release["signatures"])
        if consents.is_complete:
            yield Finding(AGREES, parts.RELEASE, f"signed by all who must: {names}")
        else:
            yield Finding(DIFFERS, parts.RELEASE, f"not signed for {', '.join(consents.waiting) or 'anybody'}")


def compare_digest(bundle: Bundle, digest: str) -> Finding:
    """Compare the digest of the signed content with one that a person has from elsewhere."""
    release = bundle.json.get(parts.RELEASE, {}).get("release")
    outside_digest = "".join(digest.split()).lower()
    if release is None:
        return Finding(DIFFERS, parts.RELEASE, "holds no release to compare with the digest given")
    content_digest = digest_of_content(release["content"])
    if len(outside_digest) >= _GROUP_LENGTH * 4 and content_digest.startswith(outside_digest):
        return Finding(AGREES, parts.RELEASE, f"the digest given, {_grouped(outside_digest)}")
    return Finding(
        DIFFERS,
        parts.RELEASE,
        f"the digest given is {_grouped(outside_digest)}, that of the content {_grouped(content_digest)}",
    )


def released_content(bundle: Bundle) -> dict[str, Any] | None:
    """Return the signed content of a bundle's release, None without a release."""
    release = bundle.json.get(parts.RELEASE, {}).get("release")
    return None if release is None else release["content"]


def _grouped(digest: str) -> str:
    return " ".join(digest[start : start + _GROUP_LENGTH] for start in range(0, len(digest), _GROUP_LENGTH))
