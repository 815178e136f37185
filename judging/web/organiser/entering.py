"""New judges, teams and proposals: a form for one, and a table for many that also takes pasted lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from judging import request as this
from judging.errors import InvalidInput, NotFound
from judging.schemas.pasted_rows import read_pasted
from judging.services.access import get_competition
from judging.services.competitions.roster import CompetitionRoster
from judging.services.roster_entries import editing, entering
from judging.tables import ROSTER_KINDS
from judging.web.organiser.blueprint import Frame, bp, frame

_NEW_FIELDS = {
    "judges": editing.FIELDS["judges"],
    "teams": editing.FIELDS["teams"],
    "proposals": (
        *("title", "team_name", "team_email", "team_city", "category"),
        *("language", "summary", "deck_url", "video_url"),
    ),
}
_TABLE_FIELDS = {
    "judges": ("name", "email", "city"),
    "teams": ("name", "email", "city"),
    "proposals": ("title", "team_name", "team_email", "team_city", "category"),
}
_EMPTY_ROWS = 8
_CHOSEN = ("key", "proposed_key", "city", "team_city", "category")
"""What stands in a row that nobody has typed into."""

Complaints = Mapping[str, Sequence[str]]


@bp.get("/roster/<kind>/new")
def new_row(competition: str, kind: str) -> str:
    """Show the form for a new judge, team or proposal."""
    get_competition(this.session(), this.actor(), competition, "organiser")
    kept = {name: request.args.get(name, "") for name in _KEPT}
    key = _proposed(competition, _known(kind), 1)[0]
    return _new_page(competition, kind, typed={**kept, "key": key, "proposed_key": key})


@bp.post("/roster/<kind>")
def add_row(competition: str, kind: str) -> Response | tuple[str, int]:
    """Add a judge, a team or a proposal, and show its page or the next empty form."""
    names = ("key", "proposed_key", *_NEW_FIELDS[_known(kind)])
    typed = {name: ", ".join(request.form.getlist(name)) for name in names}
    try:
        read = entering.read_rows(this.session(), this.actor(), competition, kind, [typed])
        with this.writing() as session:
            added = entering.add_rows(session, this.actor(), competition, read, may_be_again=True, at=this.now())
    except InvalidInput as error:
        complaints = _at_shown_fields(entering.of_one_row(error).messages)
        return _new_page(competition, kind, typed=typed, complaints=complaints), 422
    flash(_("%(key)s is on the roster.", key=added.keys[0]))
    if request.form.get("action") == "next":
        kept = {name: typed[name] for name in _KEPT if typed.get(name)}
        return redirect(f"{url_for('.new_row', competition=competition, kind=kind)}?{urlencode(kept)}", code=303)
    return redirect(url_for(".row", competition=competition, kind=kind, row_key=added.keys[0]), code=303)


@bp.get("/roster/<kind>/table")
def new_rows(competition: str, kind: str) -> str:
    """Show the table for several new judges, teams or proposals."""
    get_competition(this.session(), this.actor(), competition, "organiser")
    return _table_page(competition, _known(kind), [])


@bp.post("/roster/<kind>/table")
def add_rows(competition: str, kind: str) -> Response | tuple[str, int] | str:
    """Add the rows of the table, or put pasted lines or more empty rows into it; rows are stored together or not."""
    get_competition(this.session(), this.actor(), competition, "organiser")
    rows = _typed_rows(_known(kind))
    action, pasted = request.form.get("action"), request.form.get("pasted", "")
    try:
        if action == "paste" or (pasted.strip() and not any(map(_is_own, rows))):
            return _with_pasted(competition, kind, rows, pasted)
        if action == "more":
            return _table_page(competition, kind, rows, n_more=_EMPTY_ROWS)
        read = entering.read_rows(this.session(), this.actor(), competition, kind, rows)
        with this.writing() as session:
            added = entering.add_rows(session, this.actor(), competition, read, may_be_again=True, at=this.now())
    except InvalidInput as error:
        return _table_page(competition, kind, rows, pasted=pasted, complaints=_at_shown_fields(error.messages)), 422
    flash(_stored(added))
    return redirect(url_for(f".{kind}", competition=competition), code=303)


_KEPT = ("category", "team_city", "city", "language")
"""What the next form begins with."""


def _known(kind: str) -> str:
    if kind not in ROSTER_KINDS:
        raise NotFound
    return kind


def _proposed(competition: str, kind: str, n: int) -> list[str]:
    return entering.propose_keys(this.session(), this.actor(), competition, kind, n)


def _at_shown_fields(complaints: Complaints) -> Complaints:
    """Return complaints at fields of the page: a team is named there, not given by its key."""
    return {
        (f"team_name{field.removeprefix('team')}" if field.partition("-")[0] == "team" else field): texts
        for field, texts in complaints.items()
    }


def _needed(fields: Sequence[str], shown: Frame) -> list[str]:
    return [name for name in fields if shown.needs(name)]


def _is_own(row: Mapping[str, str]) -> bool:
    """Return whether somebody has typed something into a row, beside what is proposed or chosen."""
    return any(
        text for name, text in row.items() if name not in ("key", "proposed_key", "city", "team_city", "category")
    )


def _typed_rows(kind: str) -> list[dict[str, str]]:
    number = request.form.get("n", "")
    n_rows = min(int(number), entering.MOST_ROWS) if number.isdecimal() and len(number) < 5 else 0
    names = ("key", "proposed_key", *_TABLE_FIELDS[kind])
    return [
        {name: request.form.get(entering.place_of(row, name), "").strip() for name in names}
        for row in range(1, n_rows + 1)
    ]


def _with_pasted(competition: str, kind: str, rows: list[dict[str, str]], pasted: str) -> str:
    """Return the table with pasted lines in the rows that are still empty, to be looked at and corrected."""
    columns = _needed(_TABLE_FIELDS[kind], frame(competition))
    typed = [row for row in rows if _is_own(row)]
    lines = read_pasted(pasted, kind, columns, most=entering.MOST_ROWS - len(typed))
    return _table_page(competition, kind, [*typed, *lines], n_pasted=len(lines))


def _stored(added: entering.EnteredRows) -> str:
    keys = added.keys[0] if len(added.keys) == 1 else f"{added.keys[0]} – {added.keys[-1]}"
    if added.is_again:
        return str(_("These rows are on the roster, stored once: %(keys)s.", keys=keys))
    n = len(added.keys)
    return str(
        ngettext("%(num)s row is on the roster: %(keys)s.", "%(num)s rows are on the roster: %(keys)s.", n, keys=keys)
    )


def _new_page(competition: str, kind: str, *, typed: Mapping[str, str], complaints: Complaints | None = None) -> str:
    shown = frame(competition)
    return render_template(
        "organiser/new_row.html",
        frame=shown,
        kind=kind,
        fields=_needed(_NEW_FIELDS[kind], shown),
        values=typed,
        proposed_key=typed.get("proposed_key", ""),
        opened=any(typed.get(name) for name in ("summary", "deck_url", "video_url", "affiliation", "max_load")),
        complaints=complaints or {},
        team_names=_team_names(shown) if kind == "proposals" else [],
        tab=kind,
    )


def _team_names(shown: Frame) -> list[str]:
    roster = CompetitionRoster.of(this.session(), shown.row)
    return sorted({team.name for team in roster.teams.values()})


def _table_page(
    competition: str,
    kind: str,
    rows: Sequence[Mapping[str, str]],
    *,
    n_more: int = 0,
    n_pasted: int = 0,
    pasted: str = "",
    complaints: Complaints | None = None,
) -> str:
    shown = frame(competition)
    n_rows = min(max(_EMPTY_ROWS, len(rows) + n_more), entering.MOST_ROWS)
    typed = {row.get("key") for row in rows}
    proposed = _proposed(competition, kind, n_rows + len(typed))
    free = (key for key in proposed if key not in typed)
    shown_rows = []
    for row in (*rows, *({} for _empty in range(n_rows - len(rows)))):
        key = row.get("key") or next(free)
        shown_rows.append(
            {**row, "key": key, "proposed_key": row.get("proposed_key") or (key if not row.get("key") else "")}
        )
    return render_template(
        "organiser/new_rows.html",
        frame=shown,
        kind=kind,
        fields=_needed(_TABLE_FIELDS[kind], shown),
        rows=shown_rows,
        n_pasted=n_pasted,
        pasted=pasted,
        complaints=complaints or {},
        team_names=_team_names(shown) if kind == "proposals" else [],
        tab=kind,
    )
