"""``judging messages`` lists e-mail messages and sends one again."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from judging import cli
from judging.services.mail import sending
from judging.services.mail.mailer import mailer_of
from judging.services.people import accounts
from tests.support.event import AT, COMPETITION, make_event
from tests.support.optional import present


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    monkeypatch.setenv("JUDGING_SECRET_KEY", "for tests only, for tests only..")
    monkeypatch.setenv("DATABASE_URL", database_url)


def test_messages_are_listed_and_one_is_sent_again(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    event = make_event(session, n_proposals=4, n_judges=6, scored=False)
    session.commit()
    assert cli.run(["messages", COMPETITION]) == 0
    assert capsys.readouterr().out == "No messages.\n"
    mailer = mailer_of(secret_key="a secret", sender="judging@example.org", base_url="")
    organiser, judge = event.actor(session, "organiser"), event.people["judge"]
    competition_id = event.round_row.competition_id
    accounts.issue_link(session, organiser, judge.pk, at=AT, mailer=mailer, competition_id=competition_id)
    message = present(sending.begin_attempt(session, 1, at=AT))
    sending.end_failed(session, message, "The mail server answered: 550 no", at=AT)
    session.commit()
    assert cli.run(["messages", COMPETITION]) == 1
    assert capsys.readouterr().out.splitlines() == [
        f"1  2023-07-03 06:00:00  new_link  {judge.email}  failed  The mail server answered: 550 no"
    ]
    # The link of the event's year has expired: a person gets a new one instead.
    assert cli.run(["messages", COMPETITION, "--again", "1"]) == 2
    assert "no longer valid" in capsys.readouterr().err
