"""The minutes of a closed meeting as a document, from what was stored when it was closed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from judging.competition import moment
from judging.decimals import SCORE
from judging.displaying import MISSING, fixed, probability
from judging.documents.document import (
    KEY,
    NUMBER,
    Cell,
    Document,
    FactList,
    Items,
    Paragraph,
    Section,
    ShownNumber,
    Table,
    TableColumn,
)
from judging.errors import Message
from judging.phrases import appeal_sentence
from judging.workbook import labels

_DIGEST_SHOWN = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingMinutes:
    """The minutes of one meeting and what names them.

    Attributes
    ----------
    competition, round : str
        Names in the language of the document.
    number : int
    opened_at, closed_at : datetime
        Aware.
    zone : ZoneInfo
    minutes : mapping
        As stored with the meeting, without what is hidden from the reader.
    named : mapping of str to str
        Key and title of the proposals that may be named, by key.
    language : str
    say : callable
        Translates a message to that language.
    """

    competition: str
    round: str
    number: int
    opened_at: datetime
    closed_at: datetime
    zone: ZoneInfo
    minutes: Mapping[str, Any]
    named: Mapping[str, str]
    language: str
    say: Callable[[str], str]

    def at(self, stored: str) -> str:
        """Return a time that is stored as ISO text, in the zone of the competition."""
        return moment(datetime.fromisoformat(stored), self.zone)


def minutes_document(told: MeetingMinutes) -> Document:
    """Return the minutes: facts, present, decisions, each proposal with its standing at the end, notes, digests."""
    say, minutes = told.say, told.minutes
    facts = [
        (say(Message("Began")), moment(told.opened_at, told.zone)),
        (say(Message("Closed")), f"{moment(told.closed_at, told.zone)} · {minutes['closed_by']}"),
        (say(Message("Run")), str(minutes["run"] or MISSING)),
    ]
    digests = [
        (say(Message("Result")), (minutes["result_digest"] or MISSING)[:_DIGEST_SHOWN]),
        (say(Message("Rules")), minutes["rules_digest"][:_DIGEST_SHOWN]),
    ]
    return Document(
        language=told.language,
        title=say(Message("Minutes of meeting {number}", number=told.number)),
        subtitle=f"{told.competition} · {told.round}",
        issuer=told.competition,
        date=told.closed_at,
        footer=say(Message("Frozen when the meeting was closed; later runs and decisions are not in it.")),
        front=[FactList(facts)],
        sections=[
            Section(say(Message("Present")), [Items(minutes["present"])]),
            Section(say(Message("Decisions")), [_decisions(told)]),
            *_appeals(told),
            *_agenda(told),
            Section(say(Message("Notes")), [_notes(told)]),
            Section(say(Message("For auditors")), [FactList(digests)]),
        ],
    )


def _decisions(told: MeetingMinutes) -> Items | Paragraph:
    if not told.minutes["decisions"]:
        return Paragraph(told.say(Message("Nothing was decided in this meeting.")))
    return Items(
        [
            told.say(
                Message(
                    "{proposal}: {verdict}. {reason} ({name}, {time})",
                    proposal=told.named.get(row["proposal"], row["proposal"]),
                    verdict=labels.VERDICTS[row["verdict"]],
                    reason=row["reason"],
                    name=row["decided_by"],
                    time=told.at(row["decided_at"]),
                )
            )
            for row in told.minutes["decisions"]
        ],
        is_ordered=True,
    )


def _appeals(told: MeetingMinutes) -> list[Section]:
    rows = [
        told.say(appeal_sentence(row, when=told.at(row["settled_at"]) if row["settled_at"] else "", named=told.named))
        for row in told.minutes.get("appeals", [])
    ]
    return [Section(told.say(Message("Appeals of this round")), [Items(rows)])] if rows else []


def _agenda(told: MeetingMinutes) -> list[Section]:
    """Return what was decided or noted, and apart from it what was on the agenda only."""
    say, items = told.say, told.minutes["agenda"]
    discussed, left = Message("Discussed, with the standing at the end"), Message("On the agenda, not discussed")
    if not items:
        return [Section(say(discussed), [Paragraph(say(Message("Nothing was on the agenda.")))])]
    parts = ((discussed, True), (left, False))
    return [
        Section(say(caption), [_items(told, say(caption), of_part)])
        for caption, is_discussed in parts
        if (of_part := [item for item in items if item.get("discussed", True) == is_discussed])
    ]


def _items(told: MeetingMinutes, caption: str, items: Sequence[Mapping[str, Any]]) -> Table:
    say = told.say
    columns = [
        TableColumn(say(Message("Proposal")), KEY, 4),
        TableColumn(say(Message("Rank")), NUMBER),
        TableColumn(say(Message("Calibrated ± standard error")), NUMBER),
        TableColumn(say(Message("Chance of a seat")), NUMBER),
        TableColumn(say(Message("Standing")), share=2),
    ]
    return Table(caption=caption, columns=columns, rows=[_row(told, item) for item in items])


def _row(told: MeetingMinutes, item: Mapping[str, Any]) -> list[Cell]:
    if item.get("hidden"):
        hidden = told.say(Message("hidden: you declared a conflict of interest"))
        return [item["proposal"], MISSING, MISSING, MISSING, hidden]
    calibrated, error, chance = item["calibrated"], item["standard_error"], item["p_shortlist"]
    shown = fixed(calibrated, SCORE.page) + ("" if error is None else f" ± {fixed(error, SCORE.page)}")
    return [
        f"{item['proposal']} {item['title']}",
        MISSING if item["rank"] is None else str(item["rank"]),
        MISSING if calibrated is None else ShownNumber(shown, calibrated),
        MISSING if chance is None else ShownNumber(probability(chance), chance),
        told.say(_standing(item)),
    ]


def _standing(item: Mapping[str, Any]) -> Message:
    if item["tied"]:
        return Message("tied: people decide")
    if item["selected"]:
        return Message("on the shortlist")
    if item["reserve"]:
        return Message("reserve {n}", n=item["reserve"])
    return Message("not on the shortlist")


def _notes(told: MeetingMinutes) -> Items | Paragraph:
    if not told.minutes["notes"]:
        return Paragraph(told.say(Message("Nothing was noted.")))
    return Items([_note(told, row) for row in told.minutes["notes"]])


def _note(told: MeetingMinutes, row: Mapping[str, Any]) -> str:
    values = {"text": row["text"], "name": row["written_by"], "time": told.at(row["written_at"])}
    if row["proposal"]:
        proposal = told.named.get(row["proposal"], row["proposal"])
        return told.say(Message("{proposal}: {text} ({name}, {time})", proposal=proposal, **values))
    return told.say(Message("{text} ({name}, {time})", **values))
