"""Verify a results bundle without server or database: compute the results again and report every difference.

The findings are printed on a terminal, in English; they are not translated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np

from judging import progress
from judging.calibration.build_report import build_report
from judging.calibration.code_version import code_version
from judging.calibration.fit import fit
from judging.calibration.ranks.carried_over import Carried
from judging.calibration.ratings import Floats
from judging.calibration.report.whole import Report
from judging.competition import digest_of
from judging.errors import InvalidInput, JudgingError, Message
from judging.schemas.stored_reports import from_dict, to_dict
from judging.services.bundle import parts
from judging.services.bundle.differences import compare, count_numbers, displayed, plain
from judging.services.bundle.earlier_scores import check_earlier
from judging.services.bundle.release_checks import (
    check_release,
    check_released_shortlist,
    compare_digest,
    released_content,
)
from judging.services.bundle.unpacking import (
    AGREES,
    DIFFERS,
    JSON_PARTS,
    MOST_NAMED,
    NOTE,
    Bundle,
    Finding,
    read_bundle,
    remaining,
    short,
)
from judging.services.bundle.workbook_cells import check_ranking_cells, check_score_cells, compare_cells
from judging.services.rules.effects import differences
from judging.services.runs import calibration_runs

# Duration and code version may differ without a difference of the results; the code version is reported separately.
_NOT_COMPARED = ("seconds", "code_version")
_PROPOSAL_FIELDS = (
    *("proposal", "n_judges", "raw", "additive", "calibrated", "standard_error"),
    *("rank", "rank_low", "rank_high", "p_shortlist", "combined"),
)
_JUDGE_FIELDS = ("judge", "n_sheets", "severity", "standard_error")
_SHORTLIST_FIELDS = ("size", "selected", "reserves", "cut_off", "tied_at_line")


def check_bundle(content: bytes, *, digest: str | None = None) -> list[Finding]:
    """Return the findings about a bundle: what agrees and what differs.

    Parameters
    ----------
    content : bytes
        The zip archive.
    digest : str, optional
        Digest of the release from a source outside the bundle (a print-out, a chair), or its beginning; it proves that
        the bundle is the released one.

    Notes
    -----
    Numbers agree when they differ by at most 1e-9 relative or absolute; everything else must be equal.
    """
    lines: list[Finding] = []
    try:
        files = parts.read_archive(content)
    except InvalidInput as error:
        return [Finding(DIFFERS, "bundle", str(text)) for texts in error.messages.values() for text in texts]
    bundle = read_bundle(files, lines)
    if bundle is None:
        return lines
    checks: Sequence[Callable[[Bundle], Iterator[Finding]]] = (
        _check_copies,
        _check_rules,
        _check_scores,
        _check_result,
        _check_workbook,
        check_released_shortlist,
        check_release,
    )
    for place, check in enumerate(checks):
        progress.advance(Message("Check {n} of {total}", n=place + 1, total=len(checks)), place, len(checks))
        try:
            lines += check(bundle)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError, JudgingError) as error:
            # A part with another structure was not written by this program.
            lines.append(Finding(DIFFERS, "bundle", f"cannot be checked further here: {error!r}"))
    if digest is not None:
        lines.append(compare_digest(bundle, digest))
    return lines


def holds(lines: Sequence[Finding]) -> bool:
    """Return whether nothing differs."""
    return all(line.verdict != DIFFERS for line in lines)


def _check_copies(bundle: Bundle) -> Iterator[Finding]:
    """Report the changes of a part of which the manifest contains a copy."""
    for name in JSON_PARTS:
        part, copy = bundle.json.get(name), bundle.copy(name)
        if part is None or copy is None:
            continue
        if name == parts.RUN:
            part = {key: value for key, value in part.items() if key != "result"}
        changes = differences(copy, part)
        for change in changes[:MOST_NAMED]:
            yield Finding(
                DIFFERS, name, f"{'.'.join(change.path)}: {displayed(change.old)} became {displayed(change.new)}"
            )
        yield from remaining(name, len(changes))


def _check_rules(bundle: Bundle) -> Iterator[Finding]:
    """Compare the digests of the definitions with those in the run and the release."""
    rules, run = bundle.json.get(parts.RULES), bundle.json.get(parts.RUN)
    if rules is None or run is None or bundle.rules is None:
        return
    digest = digest_of(rules["definition"])
    expected = {"rules.json": rules["digest"], "run.json": run["rules_digest"]}
    content = released_content(bundle)
    if content is not None:
        expected["release.json"] = content["rules_digest"]
    contradictions = [f"{place} says {short(stated)}" for place, stated in expected.items() if stated != digest]
    if contradictions:
        yield Finding(
            DIFFERS, parts.RULES, f"digest of the definition is {short(digest)}, but {', '.join(contradictions)}"
        )
    else:
        yield Finding(AGREES, parts.RULES, f"digest {short(digest)}, as in {', '.join(expected)}")
    definition = bundle.json.get(parts.COMPETITION)
    if definition is not None and digest_of(definition["definition"]) != definition["digest"]:
        yield Finding(DIFFERS, parts.COMPETITION, "digest of the definition is not the one beside it")


def _check_scores(bundle: Bundle) -> Iterator[Finding]:
    """Compare the scores with the run's digest, and report the rows that other parts contradict."""
    run = bundle.json.get(parts.RUN)
    if bundle.given is None or bundle.scores is None or bundle.rules is None or run is None:
        return
    digest = bundle.given.ratings.digest
    yield from check_earlier(bundle, run["settings"].get("earlier", []))
    has_same_digest = digest == run["input_digest"]
    rows = list(parts.ratings_rows(bundle.files[parts.RATINGS]))
    contradictions = list(_other_cities(rows, from_dict(run["result"])))
    # If the digest of the scores is right, a contradicting cell is a fault of the workbook.
    if bundle.cells is not None and (not has_same_digest or parts.RATINGS in bundle.changed):
        contradictions += check_score_cells(rows, bundle.cells, bundle.rules.rubric, bundle.competition, of=parts.CELLS)
    if not has_same_digest:
        text = f"digest of the scores is {short(digest)}, run.json says {short(run['input_digest'])}"
        yield Finding(DIFFERS, parts.RATINGS, text)
    elif not contradictions:
        yield Finding(
            AGREES, parts.RATINGS, f"{len(bundle.scores.scores)} scores, digest {short(digest)}, as in run.json"
        )
    for text in contradictions[:MOST_NAMED]:
        yield Finding(DIFFERS, parts.RATINGS, text)
    yield from remaining(parts.RATINGS, len(contradictions))


def _other_cities(rows: Sequence[tuple[int, Mapping[str, str]]], report: Report) -> Iterator[str]:
    """Report rows whose cities or category differ from those of the run."""
    city_of_judge = {row.judge: row.city for row in report.judges}
    city_of_proposal = {row.proposal: row.city for row in report.proposals}
    category_of = {row.proposal: row.category for row in report.proposals}
    for number, row in rows:
        for column, owner, known in (
            ("proposal_city", row["proposal"], city_of_proposal.get(row["proposal"])),
            ("category", row["proposal"], category_of.get(row["proposal"])),
            ("judge_city", row["judge"], city_of_judge.get(row["judge"])),
        ):
            if owner and row[column] != (known or ""):
                yield f"row {number} ({owner}), {column}: {displayed(row[column])}, run.json has {displayed(known)}"


def _check_result(bundle: Bundle) -> Iterator[Finding]:
    """Calibrate again and compare every number."""
    run = bundle.json.get(parts.RUN)
    if run is None or bundle.rules is None or bundle.given is None:
        yield Finding(DIFFERS, parts.RUN, "cannot be computed again: a part that it needs cannot be read")
        return
    stored = run["result"]
    if calibration_runs.result_digest(stored) == run["result_digest"]:
        yield Finding(AGREES, parts.RUN, f"digest of the result {short(run['result_digest'])}")
    else:
        yield Finding(DIFFERS, parts.RUN, "digest of the result is not the one beside it")
    settings = calibration_runs.settings_of(bundle.rules, model=run["model"])
    expected_settings = plain({part.name: getattr(settings, part.name) for part in fields(settings)})
    stored_settings = {name: value for name, value in run["settings"].items() if name in expected_settings}
    setting_differences = list(compare(stored_settings, expected_settings, "settings"))
    for text in setting_differences[:MOST_NAMED]:
        yield Finding(DIFFERS, parts.RUN, f"{text} by the rules")
    if not setting_differences:
        yield Finding(AGREES, parts.RUN, f"settings follow the rules (model {run['model']}, seed {settings.seed})")
    ratings = bundle.given.ratings
    if ratings.digest != run["input_digest"]:
        yield Finding(NOTE, parts.RUN, "its numbers are not compared with a new calibration: other scores went into it")
        return
    report, version = from_dict(stored), code_version()
    carried = _carried(report)
    again = build_report(fit(ratings, settings), carried=carried, checked=report.checks is not None)
    # The stored dictionary is compared, not the loaded report: an unknown key is a difference too.
    before, after = _without(stored), _without(to_dict(again))
    if report.code_version != version:
        codes = f"made by calculating code {report.code_version}, checked by {version}"
        yield Finding(NOTE, parts.RUN, f"{codes}: only ranking, severities, variances and shortlist are compared")
        before, after = _common_fields(report), _common_fields(again)
    differing = list(compare(before, after, "result"))
    for text in differing[:MOST_NAMED]:
        yield Finding(DIFFERS, parts.RUN, f"{text} computed again")
    yield from remaining(parts.RUN, len(differing))
    if not differing:
        n_numbers = count_numbers(before)
        text = f"computed again from ratings.csv and rules.json: {n_numbers} numbers agree (relative tolerance 1e-9)"
        yield Finding(AGREES, parts.RUN, text)
    if carried is not None:
        source = f"{carried.round}, run {carried.run} ({short(carried.result_digest)})"
        yield Finding(NOTE, parts.RUN, f"scores carried over from {source} are taken as given")


def _carried(report: Report) -> Carried | None:
    source, rows = report.carried, report.proposals
    if source is None:
        return None

    def column(values: Iterable[float | None]) -> Floats:
        return np.array([np.nan if value is None else value for value in values], dtype=np.float64)

    return Carried(
        round=source.round,
        run=source.run,
        result_digest=source.result_digest,
        weight=source.weight,
        score=column(row.carried for row in rows),
        standard_error=column(row.carried_standard_error for row in rows),
    )


def _check_workbook(bundle: Bundle) -> Iterator[Finding]:
    """Compare the workbook with its list of cells, and its ranking with the run."""
    if bundle.workbook is None:
        return
    if bundle.cells is not None:
        is_list_changed = parts.CELLS in bundle.changed and parts.WORKBOOK not in bundle.changed
        part = parts.CELLS if is_list_changed else parts.WORKBOOK
        old, new = (bundle.workbook, bundle.cells) if is_list_changed else (bundle.cells, bundle.workbook)
        differing = list(compare_cells(old, new))
        for text in differing[:MOST_NAMED]:
            yield Finding(DIFFERS, part, text)
        yield from remaining(part, len(differing))
        if not differing:
            yield Finding(AGREES, parts.WORKBOOK, f"{len(bundle.workbook)} cells, as listed in {parts.CELLS}")
    run = bundle.json.get(parts.RUN)
    if run is not None:
        n_cells, differing_cells = check_ranking_cells(bundle.workbook, from_dict(run["result"]))
        for text in differing_cells[:MOST_NAMED]:
            yield Finding(DIFFERS, parts.WORKBOOK, text)
        yield from remaining(parts.WORKBOOK, len(differing_cells))
        if not n_cells:
            yield Finding(DIFFERS, parts.WORKBOOK, "has no ranking")
        elif not differing_cells:
            yield Finding(AGREES, parts.WORKBOOK, f"{n_cells} cells of the ranking hold the numbers of run.json")


def _without(result: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in result.items() if name not in _NOT_COMPARED}


def _common_fields(report: Report) -> dict[str, Any]:
    """Return the fields that reports of all code versions contain."""
    return {
        "proposals": [{name: getattr(row, name) for name in _PROPOSAL_FIELDS} for row in report.proposals],
        "judges": [{name: getattr(row, name) for name in _JUDGE_FIELDS} for row in report.judges],
        "variances": dict(report.variances),
        "shortlist": None
        if report.shortlist is None
        else {name: plain(getattr(report.shortlist, name)) for name in _SHORTLIST_FIELDS},
    }
