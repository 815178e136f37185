"""The results file after people decided: who, what, when, why; rules and signatures; and what a conflict hides."""

import csv
import io
from datetime import timedelta
from typing import Any

from openpyxl import load_workbook
from sqlmodel import Session, select

from judging import tables
from judging.services.access import Actor
from judging.services.competitions.definitions import rules_of
from judging.services.decisions import awards, conflicts_of_interest, verdicts
from tests.support.deciding import LATER, calibrated_event, chair_of, release, shortlist_of, tied_event
from tests.support.event import COMPETITION, ROUND
from tests.support.files.exports import export_round

HERE = (COMPETITION, ROUND)
NOTE = "hidden: you declared a conflict 已隱藏：你已申報利益衝突 已隐藏：您已申报利益冲突"


def export(session: Session, actor: Actor, **options: Any) -> Any:
    content = export_round(session, actor, *HERE, at=LATER + timedelta(hours=1), **options)[1]
    return load_workbook(io.BytesIO(content))


def rows(sheet: Any) -> list[dict[str, Any]]:
    first = int(sheet.auto_filter.ref.split(":")[0].lstrip("A"))
    names = [cell.value.split("\n")[0] for cell in sheet[first]]
    return [dict(zip(names, row, strict=True)) for row in sheet.iter_rows(min_row=first + 1, values_only=True)]


def decide(session: Session, key: str, verdict: str, reason: str) -> None:
    verdicts.decide(session, chair_of(session, "hk"), *HERE, key, verdict=verdict, reason=reason, at=LATER)
    session.commit()


def test_the_shortlist_is_the_one_after_decisions(session: Session) -> None:
    event = calibrated_event(session, shortlist={"size": 3, "reserves": 2})
    kept = shortlist_of(session)
    run = session.exec(select(tables.CalibrationRun)).one()
    reserves = run.result["shortlist"]["reserves"]
    decide(session, kept[0], "out", "The team withdrew.")
    decide(session, reserves[0], "in", '=HYPERLINK("http://example.org")')
    book = export(session, event.actor(session, "organiser"))
    told = [(row["Proposal"], row["Standing"]) for row in rows(book["Shortlist"])]
    assert told == [
        *((key, "shortlisted 入圍 入围") for key in (*kept[1:], reserves[0])),
        (reserves[1], "reserve 候補 候补"),
        (kept[0], "not on the shortlist 不列入入圍名單 不列入入围名单"),
    ]
    reasons = {row["Proposal"]: row["Reason"] for row in rows(book["Shortlist"]) if row["Reason"]}
    assert reasons == {kept[0]: "The team withdrew.", reserves[0]: '=HYPERLINK("http://example.org")'}
    marked = {row["Proposal"] for row in rows(book["Ranking"]) if row["Shortlisted"] == "yes 是"}
    assert marked == {*kept[1:], reserves[0]}
    # Ranks and scores are the run's: a decision touches none.
    assert {row["Proposal"]: (row["Rank"], row["Calibrated score"]) for row in rows(book["Ranking"])} == {
        one["proposal"]: (one["rank"], one["calibrated"]) for one in run.result["proposals"]
    }


def test_every_decision_has_person_time_reason_and_state(session: Session) -> None:
    event = calibrated_event(session)
    decide(session, "P001", "out", "+1")
    decide(session, "P001", "rule", "A misunderstanding.")
    decide(session, "P002", "in", "數據來源清楚")
    book = export(session, event.actor(session, "auditor"))
    told = rows(book["Decisions"])
    assert [(row["Proposal"], row["Reason"], row["In force"]) for row in told] == [
        ("P001", "+1", "no 否"),
        ("P001", "A misunderstanding.", "no 否"),
        ("P002", "數據來源清楚", "yes 是"),
    ]
    assert {row["By"] for row in told} == {"Chair of hk"}
    assert {str(row["When"]) for row in told} == {"2023-07-04 14:00:00"}
    assert not [cell for row in book["Decisions"].iter_rows() for cell in row if cell.data_type == "f"]


def test_awards_are_listed_with_their_winners_and_those_taken_back(session: Session) -> None:
    event = calibrated_event(session)
    chair = chair_of(session, "hk")
    for key, name in (("jury", "=1+1"), ("open", "Open")):
        award = {
            "key": key,
            "name": {"en": name, "zh-Hant-HK": "評審團大獎", "zh-Hans-CN": "评审团大奖"},
            "kind": "jury",
            "most_winners": 2,
        }
        awards.define_award(session, chair, *HERE, award=award, at=LATER)
    for proposal in ("P001", "P002"):
        grant = awards.grant(session, chair, *HERE, award_key="jury", proposal_key=proposal, reason="@novel", at=LATER)
    awards.withdraw_grant(
        session, chair, *HERE, grant_id=grant.pk, reason="by mistake", at=LATER + timedelta(minutes=1)
    )
    session.commit()
    book = export(session, event.actor(session, "organiser"))
    told = [(row["Award"], row["Proposal"], row["Reason"], row["Taken back"]) for row in rows(book["Awards"])]
    assert [one[:3] for one in told] == [
        ("=1+1\n評審團大獎\n评审团大奖", "P001", "@novel"),
        ("=1+1\n評審團大獎\n评审团大奖", "P002", "@novel"),
        ("Open\n評審團大獎\n评审团大奖", None, None),
    ]
    assert [str(one[3]) for one in told] == ["None", "2023-07-04 14:01:00", "None"]
    assert not [cell for row in book["Awards"].iter_rows() for cell in row if cell.data_type == "f"]


def test_the_rules_are_listed_with_their_digest_and_versions(session: Session) -> None:
    event = calibrated_event(session)
    row = session.exec(select(tables.Round).where(tables.Round.key == ROUND)).one()
    told = rows(export(session, event.actor(session, "organiser"))["Rules"])
    assert told[0]["Description"] == row.digest
    rubric = rules_of(row).rubric
    weights = [one["Value"] for one in told if one["Rule"].startswith("Weight, %") and "Criterion" in one["Part"]]
    assert weights == [criterion.weight for criterion in rubric.criteria]
    levels = [one["Value"] for one in told if one["Rule"].startswith("Level")]
    assert levels == [level.value for criterion in rubric.criteria for level in criterion.levels]
    values = {one["Rule"].split(" ")[0]: one["Value"] for one in told if one["Part"].startswith(("Shortlist", "Read"))}
    assert values["Seats"] == rules_of(row).shortlist.size  # type: ignore[union-attr]  # this round has a rule


def test_a_released_run_names_its_signatures_and_others_say_that_they_are_not(session: Session) -> None:
    event = calibrated_event(session)
    organiser = event.actor(session, "organiser")
    before = export(session, organiser)
    notes = [before["Ranking"][f"A{row}"].value for row in (4, 5)]
    assert notes[1].startswith("Not released: these results have not been signed")
    release(session, event)
    after = export(session, organiser)
    assert after["Ranking"]["A3"].value.endswith("Release 公布 1 (Signed 簽署 签署: Hong Kong, Shanghai)")
    assert "Not released" not in str(after["Ranking"]["A5"].value)
    stored = session.exec(select(tables.Release)).one()
    told = [row["Value"] for row in rows(after["Provenance"]) if row["What"].startswith("Release")]
    assert told[1] == f"Digest 校驗碼 校验码 {stored.digest}"
    assert [one.split(" · ")[1:3] for one in told[3:]] == [["Hong Kong", "Chair of hk"], ["Shanghai", "Chair of sh"]]
    decide(session, "P001", "out", "Something came up.")
    assert export(session, organiser)["Ranking"]["A5"].value.startswith("Released, but something has changed since")


def test_a_conflict_hides_the_proposal_from_that_chair_everywhere_and_from_nobody_else(session: Session) -> None:
    event = calibrated_event(session, shortlist={"size": 3, "reserves": 2})
    key = shortlist_of(session)[0]
    decide(session, key, "in", "Much discussed.")
    decide(session, shortlist_of(session)[1], "in", "Less discussed.")
    chair = event.actor(session, "chair")
    conflicts_of_interest.declare(session, chair, COMPETITION, proposal_key=key, kind="family", at=LATER)
    session.commit()
    masked, whole = export(session, chair), export(session, event.actor(session, "organiser"))
    for name, note in (
        ("Ranking", "Why it moved"),
        ("Shortlist", "Reason"),
        ("Decisions", "Reason"),
        ("Scores", "Judge"),
    ):
        last = rows(masked[name])[-1]
        told = {heading for heading, value in last.items() if value is not None}
        assert told - {"Title", "Team", "City", "Category", "Proposal's city"} == {"Proposal", note}
        assert (last["Proposal"], last[note]) == (key, NOTE)
        assert [row["Proposal"] for row in rows(masked[name])].count(key) == 1
    assert "Much discussed." not in {cell.value for sheet in masked for row in sheet.iter_rows() for cell in row}
    assert key not in {row["Proposal"] for row in rows(masked["Explanations"])}
    # The first sheet is no list to sign, and every sheet says that it is not all.
    summary = [str(row[0].value) for row in masked["Summary"].iter_rows()]
    assert not [line for line in summary if line.startswith("Signatures") or "____" in line]
    assert [line for line in (str(row[0].value) for row in whole["Summary"].iter_rows()) if "____" in line]
    for name in ("Summary", "Ranking", "Shortlist"):
        above = [str(masked[name][f"A{row}"].value) for row in range(4, 8)]
        assert [line for line in above if line.startswith("Not the whole result: this copy leaves out")]
    others = [row for row in rows(masked["Ranking"]) if row["Proposal"] != key]
    numbers = ("Proposal", "Calibrated score", "Raw mean")
    all_others = [row for row in rows(whole["Ranking"]) if row["Proposal"] != key]
    assert [[row[name] for name in numbers] for row in others] == [
        [row[name] for name in numbers] for row in all_others
    ]
    # The hidden one is first: a rank 1 that is missing would say so.
    assert [row["Rank"] for row in others] == [row["Rank"] - 1 for row in all_others]
    assert {row["Proposal"]: row["Rank"] for row in rows(whole["Ranking"])}[key] == 1
    assert "Much discussed." in {row["Reason"] for row in rows(whole["Decisions"])}


def test_the_csv_hides_the_same(session: Session) -> None:
    event = calibrated_event(session)
    chair = event.actor(session, "chair")
    conflicts_of_interest.declare(session, chair, COMPETITION, proposal_key="P003", kind="family", at=LATER)
    content = export_round(session, chair, *HERE, format="csv", at=LATER)[1]
    assert content.startswith(b"\xef\xbb\xbf")
    told = {row["Proposal 作品"]: row for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))}
    hidden = {value for name, value in told["P003"].items() if value}
    assert NOTE in hidden
    assert told["P003"]["Calibrated score 校準分 校准分"] == told["P003"]["Raw mean 原始平均分"] == ""
    assert told["P001"]["Calibrated score 校準分 校准分"] != ""


def test_a_tie_at_the_line_is_shown_until_people_decide(session: Session) -> None:
    event = tied_event(session)
    organiser = event.actor(session, "organiser")
    told = [(row["Proposal"], row["Standing"]) for row in rows(export(session, organiser)["Shortlist"])][:2]
    assert told == [
        ("P001", "tied at the line 同分於分界線 同分于分界线"),
        ("P002", "tied at the line 同分於分界線 同分于分界线"),
    ]
    decide(session, "P002", "in", "The panel preferred its data.")
    told = [(row["Proposal"], row["Standing"]) for row in rows(export(session, organiser)["Shortlist"])][:2]
    assert told == [("P002", "shortlisted 入圍 入围"), ("P001", "reserve 候補 候补")]


def test_sentences_are_in_the_language_of_the_export(session: Session) -> None:
    event = calibrated_event(session)
    book = export(session, event.actor(session, "organiser"), translate=lambda message: f"«{message}»")
    assert all(row["Why it moved"].startswith("«") for row in rows(book["Ranking"]))
    assert all(row["In words"].startswith("«") for row in rows(book["Judges"]))
