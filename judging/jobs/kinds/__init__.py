"""The kinds of jobs, one module each: what it reads, computes and stores."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from judging.jobs.kinds import (
    appeal_effect,
    bundle,
    calibration,
    comparison,
    deck,
    delivery_reports,
    import_file,
    letters,
    method_report,
    minutes,
    paper_forms,
    removal,
    rules_effect,
    verification,
    workbook,
)
from judging.jobs.work import Work

KINDS: Final[dict[str, Callable[[Work], None]]] = {
    "appeal_effect": appeal_effect.run,
    "bundle": bundle.run,
    "calibration": calibration.run,
    "comparison": comparison.run,
    "deck": deck.run,
    "delivery_reports": delivery_reports.run,
    "import": import_file.run,
    "letters": letters.run,
    "method_report": method_report.run,
    "minutes": minutes.run,
    "paper_forms": paper_forms.run,
    "removal": removal.run,
    "rules_effect": rules_effect.run,
    "verification": verification.run,
    "workbook": workbook.run,
}
"""Kind of a job -> the function that does it. It ends the job with ``work.finish`` in its last transaction."""
