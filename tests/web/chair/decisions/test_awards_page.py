"""Awards of a small event: no categories, and no key to invent."""

from __future__ import annotations

from flask import Flask
from sqlmodel import Session, select

from judging import tables
from tests.support.event import csrf_token, sign_in
from tests.support.school import KEY, ROUND, make_school


def test_an_award_needs_a_name_only(app: Flask, session: Session) -> None:
    client = app.test_client()
    sign_in(client, make_school(session).organiser)
    address = f"/chair/{KEY}/{ROUND}/awards"
    page = client.get(address).text
    assert ('name="category"' in page, 'value="category"' in page) == (False, False)
    typed = {"csrf_token": csrf_token(client), "name-zh-Hant-HK": "冠軍", "key": "", "kind": "other"}
    assert [client.post(address, data=typed).status_code for _press in range(2)] == [303, 303]
    assert client.post(address, data={**typed, "name-zh-Hant-HK": "亞軍"}).status_code == 303
    stored = session.exec(select(tables.Award).order_by(tables.Award.key)).all()
    assert [(one.key, one.name["zh-Hant-HK"]) for one in stored] == [("award-1", "冠軍"), ("award-2", "亞軍")]
