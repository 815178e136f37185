"""A results bundle checked without server or database: computed again, compared, and every change named.

What is said here goes to a terminal, in English: a bundle is checked by whoever distrusts the server.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import numpy as np

from judging.calibration import report
from judging.calibration.carried import Carried
from judging.calibration.fit import fit
from judging.competition import Competition, Round, digest_of
from judging.errors import InvalidInput, JudgingError
from judging.schemas.rubrics import load_competition_dict, load_round_dict
from judging.services import bundle_parts as parts
from judging.services import results
from judging.services.bundle_workbook import check_ranking_cells, check_score_cells, compare_cells
from judging.services.decisions import Verdict, settle
from judging.services.keys import Keys
from judging.services.ratings import Scores, ratings_of
from judging.services.release_content import digest_of_content, ranking_of, shortlist_of
from judging.services.rules_changes import differences
from judging.workbook.cell_list import Cells, list_cells, parse_cells

AGREES, DIFFERS, NOTE = "agrees", "DIFFERS", "note"
TOLERANCE = 1e-9
MOST_NAMED = 20
# Neither changes what was found: how long it took, and which code took it (said by itself).
_NOT_COMPARED = ("seconds", "code_version")
_OF_PROPOSAL = (
    *("proposal", "n_judges", "raw", "additive", "calibrated", "standard_error"),
    *("rank", "rank_low", "rank_high", "p_shortlist", "combined"),
)
_OF_JUDGE = ("judge", "n_sheets", "severity", "standard_error")
_OF_SHORTLIST = ("size", "selected", "reserves", "cut_off", "tied_at_line")
_KEYED = ("proposal", "judge", "criterion", "award", "city")
_GROUPS = 4


@dataclass(frozen=True, slots=True)
class Line:
    """One finding: ``verdict`` is agrees, DIFFERS or note."""

    verdict: str
    part: str
    text: str


@dataclass(frozen=True, eq=False, kw_only=True)
class _Bundle:
    """What could be read of a bundle; a part that could not is None."""

    files: Mapping[str, bytes]
    manifest: Mapping[str, Any]
    changed: frozenset[str]
    json: Mapping[str, dict[str, Any]]
    rules: Round | None
    competition: Competition | None
    scores: Scores | None
    workbook: Cells | None
    cells: Cells | None

    def copy(self, name: str) -> Mapping[str, Any] | None:
        """Return the manifest's second copy of a part."""
        found = self.manifest.get("copies", {}).get(name)
        return found if isinstance(found, dict) else None


def check_bundle(content: bytes, *, digest: str | None = None) -> list[Line]:
    """Return what agrees in a bundle and what does not.

    Parameters
    ----------
    content : bytes
        The zip archive.
    digest : str, optional
        Of the release as it was printed or read out elsewhere, or its beginning: what ties the bundle to something
        outside itself.

    Notes
    -----
    Numbers agree when they differ by no more than 1e-9 of their size; everything else must be the same.
    """
    lines: list[Line] = []
    try:
        files = parts.read_archive(content)
    except InvalidInput as error:
        return [Line(DIFFERS, "bundle", str(text)) for texts in error.messages.values() for text in texts]
    bundle = _read(files, lines)
    if bundle is None:
        return lines
    checks: Sequence[Callable[[_Bundle], Iterator[Line]]] = (
        _check_copies,
        _check_rules,
        _check_scores,
        _check_result,
        _check_workbook,
        _check_shortlist,
        _check_release,
    )
    for check in checks:
        try:
            lines += check(bundle)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError, JudgingError) as error:
            # A part of another shape than ours was not written by us.
            lines.append(Line(DIFFERS, "bundle", f"cannot be checked further here: {error!r}"))
    if digest is not None:
        lines.append(_against_outside(bundle, digest))
    return lines


def holds(lines: Sequence[Line]) -> bool:
    """Tell whether nothing differs."""
    return all(line.verdict != DIFFERS for line in lines)


def _read(files: Mapping[str, bytes], lines: list[Line]) -> _Bundle | None:
    """Read every part, and say which are missing, unknown, changed or unreadable."""
    known = (*parts.PARTS, parts.MANIFEST)
    lines += [Line(DIFFERS, name, "is no part of a bundle") for name in files if name not in known]
    missing = [name for name in (parts.MANIFEST, *parts.PARTS) if name not in files]
    lines += [Line(DIFFERS, name, "is missing") for name in missing]
    if parts.MANIFEST in missing:
        return None
    try:
        manifest = parts.parse_json(files[parts.MANIFEST])
        own = digest_of({name: value for name, value in manifest.items() if name != "digest"})
        listed = dict(manifest["parts"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        lines.append(Line(DIFFERS, parts.MANIFEST, f"cannot be read: {error}"))
        return None
    if own == manifest.get("digest"):
        lines.append(Line(AGREES, parts.MANIFEST, f"its own digest {_short(own)}"))
    else:
        lines.append(Line(DIFFERS, parts.MANIFEST, "was changed after it was written: its own digest does not hold"))
    changed = frozenset(name for name in parts.PARTS if name in files and parts.sha256(files[name]) != listed.get(name))
    for name in parts.PARTS:
        if name in files:
            is_changed = name in changed
            text = "its SHA-256 is not the one in the manifest" if is_changed else f"SHA-256 {_short(listed[name])}"
            lines.append(Line(DIFFERS if is_changed else AGREES, name, text))
    reading = _Reading(files, lines)
    json = {name: found for name in _JSON if (found := reading.of(name, parts.parse_json)) is not None}
    return _Bundle(
        files=files,
        manifest=manifest,
        changed=changed,
        json=json,
        rules=reading.of(parts.RULES, lambda raw: load_round_dict(parts.parse_json(raw)["definition"])),
        competition=reading.of(
            parts.COMPETITION, lambda raw: load_competition_dict(parts.parse_json(raw)["definition"])
        ),
        scores=reading.of(parts.RATINGS, parts.parse_ratings),
        workbook=reading.of(parts.WORKBOOK, list_cells),
        cells=reading.of(parts.CELLS, parse_cells),
    )


_JSON = (parts.COMPETITION, parts.RULES, parts.RUN, parts.DECISIONS, parts.RELEASE)


@dataclass(frozen=True, slots=True)
class _Reading:
    files: Mapping[str, bytes]
    lines: list[Line]

    def of(self, name: str, read: Callable[[bytes], Any]) -> Any:
        """Return what a part says, or None and a line that it cannot be read."""
        if name not in self.files:
            return None
        try:
            return read(self.files[name])
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OSError, JudgingError) as error:
            line = Line(DIFFERS, name, f"cannot be read: {error}")
            if line not in self.lines:
                self.lines.append(line)
            return None


def _check_copies(bundle: _Bundle) -> Iterator[Line]:
    """Name what was changed in a part of which the manifest has a copy."""
    for name in _JSON:
        found, copy = bundle.json.get(name), bundle.copy(name)
        if found is None or copy is None:
            continue
        if name == parts.RUN:
            found = {key: value for key, value in found.items() if key != "result"}
        changes = differences(copy, found)
        for one in changes[:MOST_NAMED]:
            yield Line(DIFFERS, name, f"{'.'.join(one.path)}: {_said(one.old)} became {_said(one.new)}")
        yield from _rest(name, len(changes))


def _check_rules(bundle: _Bundle) -> Iterator[Line]:
    """Check the digests of the definitions against those that run and release carry."""
    rules, run = bundle.json.get(parts.RULES), bundle.json.get(parts.RUN)
    if rules is None or run is None or bundle.rules is None:
        return
    found = digest_of(rules["definition"])
    expected = {"rules.json": rules["digest"], "run.json": run["rules_digest"]}
    content = _content(bundle)
    if content is not None:
        expected["release.json"] = content["rules_digest"]
    wrong = [f"{place} says {_short(said)}" for place, said in expected.items() if said != found]
    if wrong:
        yield Line(DIFFERS, parts.RULES, f"digest of the definition is {_short(found)}, but {', '.join(wrong)}")
    else:
        yield Line(AGREES, parts.RULES, f"digest {_short(found)}, as in {', '.join(expected)}")
    definition = bundle.json.get(parts.COMPETITION)
    if definition is not None and digest_of(definition["definition"]) != definition["digest"]:
        yield Line(DIFFERS, parts.COMPETITION, "digest of the definition is not the one beside it")


def _check_scores(bundle: _Bundle) -> Iterator[Line]:
    """Check the scores against the run's digest, and name the rows that other parts contradict."""
    run = bundle.json.get(parts.RUN)
    if bundle.scores is None or bundle.rules is None or run is None:
        return
    found = ratings_of(bundle.scores, bundle.rules.rubric).digest
    holds_digest = found == run["input_digest"]
    rows = list(parts.ratings_rows(bundle.files[parts.RATINGS]))
    named = list(_other_cities(rows, run["result"]))
    # While the scores are whole, a cell that contradicts them is the workbook's fault.
    if bundle.cells is not None and (not holds_digest or parts.RATINGS in bundle.changed):
        named += check_score_cells(rows, bundle.cells, bundle.rules.rubric, bundle.competition, of=parts.CELLS)
    if not holds_digest:
        text = f"digest of the scores is {_short(found)}, run.json says {_short(run['input_digest'])}"
        yield Line(DIFFERS, parts.RATINGS, text)
    elif not named:
        yield Line(AGREES, parts.RATINGS, f"{len(bundle.scores.scores)} scores, digest {_short(found)}, as in run.json")
    for text in named[:MOST_NAMED]:
        yield Line(DIFFERS, parts.RATINGS, text)
    yield from _rest(parts.RATINGS, len(named))


def _other_cities(rows: Sequence[tuple[int, Mapping[str, str]]], result: Mapping[str, Any]) -> Iterator[str]:
    """Name rows whose cities or category are not those of the run."""
    judges = {one["judge"]: one for one in result["judges"]}
    proposals = {one["proposal"]: one for one in result["proposals"]}
    for number, row in rows:
        for column, owner, known in (
            ("proposal_city", row["proposal"], proposals.get(row["proposal"], {}).get("city")),
            ("category", row["proposal"], proposals.get(row["proposal"], {}).get("category")),
            ("judge_city", row["judge"], judges.get(row["judge"], {}).get("city")),
        ):
            if owner and row[column] != (known or ""):
                yield f"row {number} ({owner}), {column}: {_said(row[column])}, run.json has {_said(known)}"


def _check_result(bundle: _Bundle) -> Iterator[Line]:
    """Calibrate again and compare every number."""
    run = bundle.json.get(parts.RUN)
    if run is None or bundle.rules is None or bundle.scores is None:
        yield Line(DIFFERS, parts.RUN, "cannot be computed again: a part that it needs cannot be read")
        return
    stored = run["result"]
    if results.result_digest(stored) == run["result_digest"]:
        yield Line(AGREES, parts.RUN, f"digest of the result {_short(run['result_digest'])}")
    else:
        yield Line(DIFFERS, parts.RUN, "digest of the result is not the one beside it")
    settings = results.settings_of(bundle.rules, model=run["model"])
    plain = _plain({one.name: getattr(settings, one.name) for one in fields(settings)})
    asked = {name: value for name, value in run["settings"].items() if name in plain}
    wrong = list(_compare(asked, plain, "settings"))
    for text in wrong[:MOST_NAMED]:
        yield Line(DIFFERS, parts.RUN, f"{text} by the rules")
    if not wrong:
        yield Line(AGREES, parts.RUN, f"settings follow the rules (model {run['model']}, seed {settings.seed})")
    ratings = ratings_of(bundle.scores, bundle.rules.rubric)
    if ratings.digest != run["input_digest"]:
        yield Line(NOTE, parts.RUN, "its numbers are not compared with a new calibration: other scores went into it")
        return
    version, carried = report.code_version(), _carried(stored)
    again = report.as_dict(fit(ratings, settings), carried=carried)
    before, after = _without(stored), _without(again)
    if stored.get("code_version") != version:
        codes = f"made by calculating code {stored.get('code_version')}, checked by {version}"
        yield Line(NOTE, parts.RUN, f"{codes}: only ranking, severities, variances and shortlist are compared")
        before, after = _told_by_every_version(before), _told_by_every_version(after)
    wrong = list(_compare(before, after, "result"))
    for text in wrong[:MOST_NAMED]:
        yield Line(DIFFERS, parts.RUN, f"{text} computed again")
    yield from _rest(parts.RUN, len(wrong))
    if not wrong:
        n_numbers = _count_numbers(before)
        text = f"computed again from ratings.csv and rules.json: {n_numbers} numbers agree (relative tolerance 1e-9)"
        yield Line(AGREES, parts.RUN, text)
    if carried is not None:
        source = f"{carried.round}, run {carried.run} ({_short(carried.result_digest)})"
        yield Line(NOTE, parts.RUN, f"scores carried over from {source} are taken as given")


def _carried(stored: Mapping[str, Any]) -> Carried | None:
    source = stored.get("carried")
    if source is None:
        return None

    def column(name: str) -> Any:
        return np.array([np.nan if entry[name] is None else entry[name] for entry in stored["proposals"]])

    return Carried(**source, score=column("carried"), standard_error=column("carried_standard_error"))


def _check_workbook(bundle: _Bundle) -> Iterator[Line]:
    """Compare the workbook with its own list of cells, and its ranking with the run."""
    if bundle.workbook is None:
        return
    if bundle.cells is not None:
        is_listed_one_changed = parts.CELLS in bundle.changed and parts.WORKBOOK not in bundle.changed
        part = parts.CELLS if is_listed_one_changed else parts.WORKBOOK
        old, new = (bundle.workbook, bundle.cells) if is_listed_one_changed else (bundle.cells, bundle.workbook)
        wrong = list(compare_cells(old, new))
        for text in wrong[:MOST_NAMED]:
            yield Line(DIFFERS, part, text)
        yield from _rest(part, len(wrong))
        if not wrong:
            yield Line(AGREES, parts.WORKBOOK, f"{len(bundle.workbook)} cells, as listed in {parts.CELLS}")
    run = bundle.json.get(parts.RUN)
    if run is not None:
        n_cells, named = check_ranking_cells(bundle.workbook, run["result"])
        for text in named[:MOST_NAMED]:
            yield Line(DIFFERS, parts.WORKBOOK, text)
        yield from _rest(parts.WORKBOOK, len(named))
        if not n_cells:
            yield Line(DIFFERS, parts.WORKBOOK, "has no ranking")
        elif not named:
            yield Line(AGREES, parts.WORKBOOK, f"{n_cells} cells of the ranking hold the numbers of run.json")


def _check_shortlist(bundle: _Bundle) -> Iterator[Line]:
    """Make the shortlist again from rule and decisions, and compare it with what was signed."""
    run, decided, content = bundle.json.get(parts.RUN), bundle.json.get(parts.DECISIONS), _content(bundle)
    if run is None or decided is None:
        return
    verdicts = {
        one["proposal"]: Verdict(
            one["proposal"],
            one["verdict"],
            one["reason"],
            datetime.fromisoformat(one["decided_at"]),
            one["decided_by"],
        )
        for one in decided["decisions"]
    }
    final = shortlist_of(settle(run["result"], run["settings"]["shortlist"], verdicts))
    if content is None:
        yield Line(
            NOTE, parts.RELEASE, f"nothing is released; rule and decisions make a shortlist of {len(final['selected'])}"
        )
        return
    wrong = list(_compare(content["shortlist"], final, "shortlist"))
    for text in wrong:
        yield Line(DIFFERS, parts.RELEASE, f"{text} by rule and decisions")
    if not wrong:
        text = f"shortlist of {len(final['selected'])} follows from the rule and {len(verdicts)} decisions"
        yield Line(AGREES, parts.RELEASE, text)


def _check_release(bundle: _Bundle) -> Iterator[Line]:
    """Check that what was signed is what the other parts say, and that all who must have signed it."""
    content, run = _content(bundle), bundle.json.get(parts.RUN)
    if content is None or run is None:
        return
    release = bundle.json[parts.RELEASE]["release"]
    found = digest_of_content(content)
    if found != release["digest"]:
        yield Line(
            DIFFERS, parts.RELEASE, f"digest of the content is {_short(found)}, signed was {_short(release['digest'])}"
        )
    else:
        yield Line(AGREES, parts.RELEASE, f"digest {_grouped(found)}")
    expected = {name: run[name] for name in ("model", "input_digest", "rules_digest", "result_digest", "code_version")}
    expected |= {"run": run["number"], "ranking": ranking_of(run["result"])}
    decided = bundle.json.get(parts.DECISIONS)
    if decided is not None:
        expected |= {name: decided[name] for name in ("decisions", "awards")}
    wrong = list(_compare({name: content[name] for name in expected}, expected, ""))
    for text in wrong[:MOST_NAMED]:
        yield Line(DIFFERS, parts.RELEASE, f"{text} in the other parts")
    yield from _rest(parts.RELEASE, len(wrong))
    if not wrong:
        yield Line(AGREES, parts.RELEASE, "run, ranking, decisions and awards are those of the other parts")
    for one in release["signatures"]:
        if one["digest"] != release["digest"]:
            yield Line(DIFFERS, parts.RELEASE, f"{one['name']} signed another digest, {_short(one['digest'])}")
    if bundle.competition is not None:
        keys = Keys.of(bundle.competition, [one["city"] for one in release["signatures"]])
        names = ", ".join(f"{one['name']} ({one['at']})" for one in release["signatures"])
        if keys.is_complete:
            yield Line(AGREES, parts.RELEASE, f"signed by all who must: {names}")
        else:
            yield Line(DIFFERS, parts.RELEASE, f"not signed for {', '.join(keys.waiting) or 'anybody'}")


def _against_outside(bundle: _Bundle, digest: str) -> Line:
    release = bundle.json.get(parts.RELEASE, {}).get("release")
    given = "".join(digest.split()).lower()
    if release is None:
        return Line(DIFFERS, parts.RELEASE, "holds no release to compare with the digest given")
    found = digest_of_content(release["content"])
    if len(given) >= _GROUPS * 4 and found.startswith(given):
        return Line(AGREES, parts.RELEASE, f"the digest given, {_grouped(given)}")
    return Line(DIFFERS, parts.RELEASE, f"the digest given is {_grouped(given)}, that of the content {_grouped(found)}")


def _content(bundle: _Bundle) -> dict[str, Any] | None:
    release = bundle.json.get(parts.RELEASE, {}).get("release")
    return None if release is None else release["content"]


def _without(result: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in result.items() if name not in _NOT_COMPARED}


def _told_by_every_version(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a ranking is, and nothing that a later version of the code may tell besides."""
    return {
        "proposals": [{name: one.get(name) for name in _OF_PROPOSAL} for one in result["proposals"]],
        "judges": [{name: one.get(name) for name in _OF_JUDGE} for one in result["judges"]],
        "variances": dict(result["variances"]),
        "shortlist": result["shortlist"] and {name: result["shortlist"].get(name) for name in _OF_SHORTLIST},
    }


def _compare(old: Any, new: Any, path: str) -> Iterator[str]:
    """Yield ``path: old, new`` for every value that differs; numbers may differ by the tolerance."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for name in dict.fromkeys((*old, *new)):
            inner = f"{path}.{name}" if path else str(name)
            if name not in old or name not in new:
                yield f"{inner}: {_said(old.get(name))} here, {_said(new.get(name))}"
            else:
                yield from _compare(old[name], new[name], inner)
    elif isinstance(old, list) and isinstance(new, list):
        before, after = _by_name(old), _by_name(new)
        for name in dict.fromkeys((*before, *after)):
            inner = f"{path}[{name}]"
            if name not in before or name not in after:
                yield f"{inner}: {_said(before.get(name))} here, {_said(after.get(name))}"
            else:
                yield from _compare(before[name], after[name], inner)
    elif not _same(old, new):
        yield f"{path}: {_said(old)} here, {_said(new)}"


def _by_name(values: list[Any]) -> dict[str, Any]:
    """Return the items of a list by what they are about, so that one missing does not shift all others."""
    if values and all(isinstance(one, Mapping) for one in values):
        for key in _KEYED:
            names = [one.get(key) for one in values]
            if all(isinstance(name, str) for name in names) and len(set(names)) == len(names):
                return dict(zip(names, values, strict=True))
    return {str(place): one for place, one in enumerate(values)}


def _same(old: Any, new: Any) -> bool:
    is_number = [isinstance(one, int | float) and not isinstance(one, bool) for one in (old, new)]
    if all(is_number):
        return math.isclose(old, new, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return type(old) is type(new) and bool(old == new)


def _plain(value: Any) -> Any:
    """Return settings as JSON would give them back."""
    if hasattr(value, "__dataclass_fields__"):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, tuple | list) else value


def _count_numbers(value: Any) -> int:
    if isinstance(value, Mapping):
        return sum(map(_count_numbers, value.values()))
    if isinstance(value, list):
        return sum(map(_count_numbers, value))
    return int(isinstance(value, int | float) and not isinstance(value, bool))


def _rest(part: str, n: int) -> Iterator[Line]:
    if n > MOST_NAMED:
        yield Line(DIFFERS, part, f"and {n - MOST_NAMED} more")


def _said(value: Any) -> str:
    if value is None:
        return "nothing"
    text = str(value)
    return text if len(text) <= 120 else f"{text[:117]}..."


def _short(digest: str) -> str:
    return str(digest)[:12]


def _grouped(digest: str) -> str:
    return " ".join(digest[start : start + _GROUPS] for start in range(0, len(digest), _GROUPS))
