"""How numbers and times are shown."""

from datetime import UTC, datetime

from flask import Flask
from markupsafe import Markup

from judging.displaying import percent, probability
from judging.web import showing
from judging.web.showing import moment, number, signed


def test_numbers_keep_their_decimals_and_missing_is_a_dash(app: Flask) -> None:
    with app.test_request_context():
        assert [number(x) for x in (71.25, 0.0, -0.04, None)] == ["71.3", "0.0", "0.0", "–"]
        assert number(3.14159, 3) == "3.142"


def test_a_sign_is_shown_only_where_there_is_one(app: Flask) -> None:
    with app.test_request_context():
        assert [signed(x) for x in (1.44, -1.44, 0.01, None)] == ["+1.4", "\N{MINUS SIGN}1.4", "0.0", "–"]


def test_a_probability_from_draws_is_never_certain() -> None:
    shown = [probability(p) for p in (0.0, 0.001, 0.5, 0.999, 1.0, None)]
    assert shown == ["<1 %", "<1 %", "50 %", ">99 %", ">99 %", "–"]


def test_an_uncertain_probability_is_never_shown_as_0_or_100_percent() -> None:
    assert [percent(p) for p in (0.0, 0.001, 0.5, 0.999, 1.0, None)] == ["0 %", "<1 %", "50 %", ">99 %", "100 %", "–"]


def test_a_time_zone_is_named_as_people_say_it(app: Flask) -> None:
    def named(language: str) -> tuple[str, ...]:
        with app.test_request_context(headers={"Accept-Language": language}):
            return tuple(map(showing.zone_name, ("Asia/Hong_Kong", "Asia/Shanghai", "Europe/Berlin", "no zone")))

    assert named("en") == ("Hong Kong time", "Shanghai time", "Central European Time", "no zone")
    assert named("zh-HK") == ("香港時間", "上海時間", "中歐時間", "no zone")
    assert named("zh-CN") == ("香港时间", "上海时间", "中欧时间", "no zone")


def test_marks_are_those_of_the_readers_language(app: Flask) -> None:
    def shown() -> tuple[str, ...]:
        marks = showing.colon() + showing.between() + showing.bracketed("<b>") + showing.bracketed(Markup("<b>"))
        numbers = (showing.percent(0.94), showing.probability(1.0), showing.of_hundred(30.0))
        return (marks, *numbers, showing.lead("Rule:"), showing.lead("規則："))

    with app.test_request_context(headers={"Accept-Language": "en"}):
        assert shown() == (":   (&lt;b&gt;) (<b>)", "94 %", ">99 %", "30 %", "Rule: ", "規則：")
    with app.test_request_context(headers={"Accept-Language": "zh-HK"}):
        assert shown() == ("：（&lt;b&gt;）（<b>）", "94%", ">99%", "30%", "Rule: ", "規則：")


def test_times_are_shown_in_the_zone_of_the_competition(app: Flask) -> None:
    at = datetime(2023, 7, 3, 6, 5, 9, tzinfo=UTC)
    with app.test_request_context():
        assert moment(at, "Asia/Shanghai") == "2023-07-03 14:05 (UTC+8)"
        assert moment(at, "Asia/Hong_Kong", seconds=True) == "2023-07-03 14:05:09 (UTC+8)"
        assert moment(None) == "–"
    with app.test_request_context(headers={"Accept-Language": "zh-HK"}):
        assert moment(at, "Asia/Hong_Kong") == "2023-07-03 14:05（UTC+8）"
