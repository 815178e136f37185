"""The deadline as a calendar file, and on the start page what waits first."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from judging import tables
from judging.schemas.definitions.definition_files import load_definition
from judging.services.access import operator
from judging.services.competitions.definitions import store_definitions
from tests.support.event import AT, RUBRICS
from tests.support.judge_pages import FULL, QUEUE, Judge

CALENDAR = f"{QUEUE}/first-screening.ics"


def set_deadline(judge: Judge, at: datetime | None) -> None:
    row = judge.session.get_one(tables.Round, judge.event.round_row.id)
    row.closes_at = at
    judge.session.commit()


def test_the_calendar_file_has_the_deadline_in_the_time_zone_of_the_competition(judge: Judge) -> None:
    set_deadline(judge, datetime(2030, 7, 15, 10, 0, tzinfo=UTC))
    assert f'href="{CALENDAR}"' in judge.client.get(QUEUE).text
    answer = judge.client.get(CALENDAR)
    assert answer.content_type == "text/calendar; charset=utf-8"
    assert "hksh-2023-first-screening.ics" in answer.headers["Content-Disposition"]
    lines = answer.text.split("\r\n")
    assert max(len(line.encode()) for line in lines) <= 75
    unfolded = answer.text.replace("\r\n ", "").split("\r\n")
    assert "DTSTART;TZID=Asia/Hong_Kong:20300715T180000" in unfolded
    assert "TZOFFSETTO:+0800" in unfolded
    assert "SUMMARY:Deadline for scores: First screening" in unfolded
    n = judge.client.get(QUEUE).text.count('class="queue-entry"')
    about = next(line for line in unfolded if line.startswith("DESCRIPTION"))
    assert about.endswith(f"\\n{n} proposals to score")
    assert [unfolded[0], unfolded[-2], unfolded[-1]] == ["BEGIN:VCALENDAR", "END:VCALENDAR", ""]
    assert unfolded.count("BEGIN:VEVENT") == 1


def test_without_a_deadline_or_an_open_round_there_is_no_calendar_file(judge: Judge) -> None:
    set_deadline(judge, None)
    assert judge.client.get(CALENDAR).status_code == 404
    set_deadline(judge, AT)
    judge.close_round()
    assert judge.client.get(CALENDAR).status_code == 409
    assert judge.client.get(f"{QUEUE}/grand-final.ics").status_code == 404


def test_the_start_page_lists_first_where_scoresheets_wait_and_says_what_is_overdue(judge: Judge) -> None:
    session = judge.session
    practice = store_definitions(session, operator(), load_definition(RUBRICS / "hksh-practice"), at=AT)
    session.add(tables.Role(person_id=judge.event.people["judge"].pk, competition_id=practice.pk, role="judge"))
    session.commit()
    set_deadline(judge, datetime.now(UTC) + timedelta(days=3))

    def home() -> tuple[list[str], str]:
        page = judge.client.get("/").text
        return re.findall(r'href="/judge/([\w-]+)"', page), page

    keys, page = home()
    assert keys == ["hksh-2023", "hksh-practice"]
    assert ("proposals to score" in page, "2 days left" in page, "overdue" in page) == (True, True, False)
    set_deadline(judge, datetime(2023, 7, 1, tzinfo=UTC))
    assert "overdue, still accepted" in home()[1]
    n = int(re.findall(r"(\d+) proposals? to score", home()[1])[0])
    judge.fill(action="submit", **FULL)
    assert int(re.findall(r"(\d+) proposals? to score", home()[1])[0]) == n - 1
    judge.send("/reopen")
    assert int(re.findall(r"(\d+) proposals? to score", home()[1])[0]) == n
