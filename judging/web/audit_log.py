"""The audit log of a competition as a page and as a file, and its signed head at the foot of pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from flask import Blueprint, Flask, Response, g, render_template, request
from flask_babel import gettext as _
from flask_login import current_user

from judging import request as this
from judging import tables
from judging.competition import CompetitionRules
from judging.services import audit
from judging.services.access import READERS, get_competition
from judging.services.audit import listing, signed_heads
from judging.services.audit.actions import KINDS
from judging.services.competitions.definitions import definition_of
from judging.web.showing import moment
from judging.web.words.audit_details import name_of_detail
from judging.web.words.audit_words import kind_names, program_name, sentence_of
from judging.web.words.log_subjects import LogNames, names_for
from judging.workbook import log_table

bp = Blueprint("audit_log", __name__, url_prefix="/log/<competition>")
_FORMATS = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True)
class _Typed:
    """The filters as typed; a day that is none does not filter."""

    person: str
    about: str
    kind: str
    first_day: str
    last_day: str

    @classmethod
    def of_request(cls) -> _Typed:
        names = ("person", "about", "kind", "from", "to")
        return cls(*(request.values.get(name, "").strip()[:100] for name in names))

    def filters(self, zone: ZoneInfo) -> listing.LogFilters:
        """Return the filters; a day is one of the competition's time zone."""
        before = request.args.get("before", "")
        last = _day(self.last_day, zone)
        return listing.LogFilters(
            person=self.person,
            about=self.about,
            kind=self.kind if self.kind in KINDS else "",
            begin=_day(self.first_day, zone),
            end=None if last is None else last + timedelta(days=1),
            before=int(before) if before.isdecimal() and len(before) < 10 else None,
        )


@bp.get("")
def show(competition: str) -> str:
    """Show a page of the log, newest first."""
    row, definition = _competition(competition)
    typed = _Typed.of_request()
    page = listing.list_entries(this.session(), this.actor(), competition, typed.filters(definition.zone))
    return _rendered(row, definition, page, typed, former=None)


@bp.get("/former")
def show_former(competition: str) -> str:
    """Show a page of what the installations recorded at which the competition was before, newest first."""
    row, definition = _competition(competition)
    typed = _Typed.of_request()
    page = listing.list_former_entries(this.session(), this.actor(), competition, typed.filters(definition.zone))
    return _rendered(
        row, definition, page, typed, former=listing.list_former_logs(this.session(), this.actor(), competition)
    )


def _rendered(
    row: tables.Competition,
    definition: CompetitionRules,
    page: listing.LogPage,
    typed: _Typed,
    *,
    former: Sequence[tables.FormerLog] | None,
) -> str:
    """Return the page of this log, or with ``former`` that of former logs."""
    was_elsewhere = former is not None or bool(listing.list_former_logs(this.session(), this.actor(), row.key))
    return render_template(
        "audit_log.html",
        competition=definition,
        row=row,
        page=page,
        typed=typed,
        kinds=kind_names(),
        sentence=partial(_sentence, names_for(this.session(), row)),
        name_of_detail=name_of_detail,
        former=former,
        was_elsewhere=was_elsewhere,
        here=request.endpoint,
        arguments={**request.args.to_dict(), "competition": row.key},
    )


@bp.post("/file")
def export(competition: str) -> Response:
    """Send the filtered log as a file; this is recorded itself."""
    row, definition = _competition(competition)
    typed = _Typed.of_request()
    form = "xlsx" if request.form.get("format") == "xlsx" else "csv"
    page = listing.list_entries(
        this.session(), this.actor(), competition, typed.filters(definition.zone), size=listing.MOST_EXPORTED[form]
    )
    names = names_for(this.session(), row)
    head = signed_heads.newest_head(this.session(), at=this.now())
    this.end_reading()
    headings = [
        _("Number"),
        _("Time"),
        _("Who"),
        _("What"),
        _("Object"),
        _("Details"),
        _("Address"),
        _("Stored"),
        "hash",
    ]
    cells = [_cells(names, entry, definition.time_zone) for entry in page.entries]
    write = log_table.xlsx_of if form == "xlsx" else log_table.csv_of
    content = write(headings, cells, note=(_("Head of the audit log"), "" if head is None else head.text))
    with this.writing() as session:
        get_competition(session, this.actor(), competition, *READERS)
        detail = {"entries": len(cells), "format": form}
        audit.record(
            session, this.actor(), "log.exported", row.key, at=this.now(), competition_id=row.pk, detail=detail
        )
    answer = Response(content, mimetype=_FORMATS[form])
    answer.headers.set("Content-Disposition", "attachment", filename=f"{row.key}_log.{form}")
    return answer


def init_app(app: Flask) -> None:
    """Let every page show the head of the log to auditors, and the page of a release to everybody who may read it."""
    app.context_processor(lambda: {"shown_audit_head": _shown_head})


def _shown_head() -> str:
    if "judging_stopped" in g or not current_user.is_authenticated or request.method != "GET":
        return ""
    # Also a page that says "not allowed" asks here: judges must not see how much others have done meanwhile.
    shown_to = READERS if request.endpoint == "chair.release" else ("auditor",)
    if not any(roles.intersection(shown_to) for roles in this.actor().roles.values()):
        return ""
    head = signed_heads.newest_head(this.session(), at=this.now())
    return "" if head is None else head.text


def _competition(key: str) -> tuple[tables.Competition, CompetitionRules]:
    row = get_competition(this.session(), this.actor(), key, *READERS)
    return row, definition_of(row)


def _sentence(names: LogNames, entry: listing.LogEntry) -> str:
    who = entry.actor if entry.is_person else program_name(entry.actor)
    return sentence_of(entry.action, who=who, what=entry.subject_name or names.in_words(entry.subject))


def _cells(names: LogNames, entry: listing.LogEntry, time_zone: str) -> list[str]:
    return [
        str(entry.number),
        moment(entry.at, time_zone, seconds=True),
        entry.actor,
        _sentence(names, entry),
        entry.subject,
        log_table.plain(entry.detail),
        entry.address,
        log_table.plain(entry.stored),
        entry.hash,
    ]


def _day(text: str, zone: ZoneInfo) -> datetime | None:
    try:
        day = date.fromisoformat(text)
        return datetime(day.year, day.month, day.day, tzinfo=zone) if 1970 < day.year < 9000 else None
    except ValueError:
        return None
