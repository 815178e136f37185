"""Rules are sealed when a round opens, and change only by a new version that the chairs have agreed to."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from judging import tables
from judging.competition import digest_of
from judging.errors import Conflict, InvalidInput, NotAllowed, RubricError
from judging.schemas.definitions.definition_files import dump_round_text, load_round_dict, load_round_text
from judging.services.access import Actor, load_actor, operator
from judging.services.competitions.definitions import definition_of, rules_of
from judging.services.competitions.roster import enter_round
from judging.services.rounds import opening
from judging.services.rules import changing, previewing, sealed_versions
from judging.services.rules.effects import differences, effect_of
from judging.services.runs import calibrating
from tests.support.event import AT, COMPETITION, ROUND, Event, add_chairs, make_event, use_model
from tests.support.optional import present
from tests.support.rules import preview_rules, propose_rules

HERE = (COMPETITION, ROUND)
LATER = AT + timedelta(hours=1)


@pytest.fixture
def event(session: Session) -> Event:
    event = make_event(session)
    use_model(session, "mixed")
    return event


@pytest.fixture
def chairs(session: Session, event: Event) -> dict[str, Actor]:
    return {city: load_actor(session, one.pk) for city, one in add_chairs(session, event).items()}


def row_of(session: Session) -> tables.Round:
    return session.exec(select(tables.Round).where(tables.Round.key == ROUND)).one()


def propose(session: Session, actor: Actor, **values: str) -> tables.RulesVersion:
    typed = {name.replace("__", "."): value for name, value in values.items()}
    return propose_rules(session, actor, values=typed, reason="The host asked for it", at=LATER)


def agree(session: Session, actor: Actor, version: tables.RulesVersion) -> tables.RulesVersion:
    return changing.consent(session, actor, *HERE, version.number, digest=version.digest, at=LATER)


def test_opening_a_round_seals_its_rules_as_version_one(session: Session, event: Event) -> None:
    final = session.exec(select(tables.Round).where(tables.Round.key == "grand-final")).one()
    assert sealed_versions.find_sealed(session, final) is None
    proposal = present(session.exec(select(tables.Proposal)).first())
    judge = present(session.exec(select(tables.Judge)).first())
    enter_round(session, final, [proposal])
    session.add(tables.Assignment(round_id=final.pk, judge_id=judge.pk, proposal_id=proposal.pk, assigned_at=AT))
    session.flush()
    opening.open_round(session, event.actor(session, "organiser"), COMPETITION, final.key, at=LATER)
    version = session.exec(select(tables.RulesVersion).where(tables.RulesVersion.round_id == final.id)).one()
    assert (version.number, version.state, version.digest) == (1, "sealed", final.digest)
    assert load_round_dict(version.definition) == rules_of(final)
    assert sealed_versions.find_sealed(session, final) == sealed_versions.Sealed(1, final.digest, LATER)


def test_rules_written_as_text_are_read_back_as_the_same_rules(session: Session, event: Event) -> None:
    for row in session.exec(select(tables.Round)):
        before = rules_of(row)
        competition = definition_of(session.get_one(tables.Competition, row.competition_id))
        text = dump_round_text(before).encode()
        assert load_round_text(text, name="x", key=row.key, competition=competition).digest == before.digest


def test_a_change_and_its_effect_are_displayed_before_anything_is_stored(session: Session, event: Event) -> None:
    chair = event.actor(session, "chair")
    preview = preview_rules(session, chair, values={"shortlist.size": "18"})
    assert [(one.path, one.old, one.new) for one in preview.changes] == [(("shortlist", "size"), "20", "18")]
    selected = calibrating.calibrate(session, chair, *HERE, at=LATER).result["shortlist"]["selected"]
    effect = present(preview.effect)
    assert effect.entering == ()
    assert set(effect.leaving) < set(selected)
    assert len(effect.leaving) == 2
    assert session.exec(select(tables.RulesVersion)).all() == []


def test_weights_change_ranks_and_the_effect_contains_the_changes(session: Session, event: Event) -> None:
    chair = event.actor(session, "chair")
    keys = rules_of(row_of(session)).rubric.keys
    weights = dict(zip(keys, ("5", "5", "5", "5", "80"), strict=True))
    values = {f"rubric.criteria.{key}.weight": weight for key, weight in weights.items()}
    effect = present(preview_rules(session, chair, values=values).effect)
    before = {
        one["proposal"]: one["rank"]
        for one in calibrating.calibrate(session, chair, *HERE, at=LATER).result["proposals"]
    }
    assert effect.n_moved >= len(effect.moves) > 0
    assert all(before[move.proposal] == move.before != move.after for move in effect.moves)
    assert [abs(move.after - move.before) for move in effect.moves] == sorted(
        (abs(move.after - move.before) for move in effect.moves), reverse=True
    )


def test_a_change_is_sealed_by_the_consent_of_every_city_and_not_before(
    session: Session, chairs: dict[str, Actor]
) -> None:
    before = row_of(session).digest
    version = propose(session, chairs["hk"], shortlist__size="18")
    assert agree(session, chairs["hk"], version).state == "proposed"
    assert row_of(session).digest == before
    assert agree(session, chairs["sh"], version).state == "sealed"
    row = row_of(session)
    shortlist = present(rules_of(row).shortlist)
    assert (row.digest, shortlist.size) == (version.digest, 18)
    assert sealed_versions.find_sealed(session, row) == sealed_versions.Sealed(2, version.digest, LATER)
    assert sealed_versions.find_definition(session, row, before) is not None
    page = changing.rules_page(session, chairs["sh"], *HERE)
    assert [(one.number, one.state) for one in page.versions] == [(2, "sealed"), (1, "sealed")]
    assert [one.city for one in page.versions[0].consents] == ["hk", "sh"]
    actions = session.exec(select(tables.AuditEntry.action).order_by(col(tables.AuditEntry.id))).all()
    assert list(actions)[-3:] == ["rules.proposed", "rules.consented", "rules.sealed"]


def test_nobody_agrees_for_another_city_or_twice(session: Session, event: Event, chairs: dict[str, Actor]) -> None:
    version = propose(session, chairs["hk"], shortlist__size="18")
    agree(session, chairs["hk"], version)
    with pytest.raises(Conflict, match="agreed already"):
        agree(session, chairs["hk"], version)
    with pytest.raises(Conflict, match="represents a city"):
        agree(session, event.actor(session, "chair"), version)
    with pytest.raises(Conflict, match="sign in as one"):
        agree(session, operator(), version)
    with pytest.raises(NotAllowed):
        agree(session, event.actor(session, "organiser"), version)
    assert version.state == "proposed"


def test_a_chair_who_is_given_the_other_city_does_not_consent_for_it_too(
    session: Session, event: Event, chairs: dict[str, Actor]
) -> None:
    version = propose(session, chairs["hk"], shortlist__size="18")
    agree(session, chairs["hk"], version)
    with pytest.raises(Conflict, match="A second person must agree"):
        agree(session, replace(chairs["hk"], cities={event.round_row.competition_id: "sh"}), version)
    assert agree(session, chairs["sh"], version).state == "sealed"


def test_a_consent_is_to_the_digest_that_was_read(session: Session, chairs: dict[str, Actor]) -> None:
    version = propose(session, chairs["hk"], shortlist__size="18")
    with pytest.raises(Conflict, match="not the rules that wait"):
        changing.consent(session, chairs["sh"], *HERE, version.number, digest="0" * 64, at=LATER)


def test_where_one_chair_is_enough_one_consent_seals(session: Session, event: Event) -> None:
    row = session.exec(select(tables.Competition)).one()
    definition = dict(row.definition)
    definition["policies"] = {**definition["policies"], "release": "one-chair"}
    row.definition, row.digest = definition, digest_of(definition)
    session.flush()
    chair = event.actor(session, "chair")
    assert agree(session, chair, propose(session, chair, shortlist__size="18")).state == "sealed"


def test_a_scored_criterion_can_be_neither_removed_nor_put_on_another_scale(session: Session, event: Event) -> None:
    row, chair = row_of(session), event.actor(session, "chair")
    first, second, *rest = [dict(one) for one in row.definition["rubric"]["criteria"]]
    removed = {
        **row.definition,
        "rubric": {"criteria": [{**first, "weight": first["weight"] + second["weight"]}, *rest]},
    }
    removed["tie_breaks"] = ["calibrated", "people"]
    text = dump_round_text(load_round_dict(removed))
    with pytest.raises(Conflict, match=rf"do not fit these rules: {second['key']}: Judge 01 · P\d+, .*\(\+\d+\)"):
        preview_rules(session, chair, text=text)
    scale = {"minimum": 1, "maximum": 12, "step": 1}
    levels = [*first["levels"][:-1], {**first["levels"][-1], "value": 12}]
    widened = {**row.definition, "rubric": {"criteria": [{**first, "scale": scale, "levels": levels}, second, *rest]}}
    with pytest.raises(Conflict, match=f"do not fit these rules: {first['key']}: Judge 01"):
        preview_rules(session, chair, text=dump_round_text(load_round_dict(widened)))


def test_scores_given_while_a_change_waits_are_looked_at_again(session: Session) -> None:
    event = make_event(session, n_proposals=12, n_judges=6, scored=False)
    chairs = {city: load_actor(session, one.pk) for city, one in add_chairs(session, event).items()}
    row = row_of(session)
    first, second, *rest = [dict(one) for one in row.definition["rubric"]["criteria"]]
    removed = {
        **row.definition,
        "rubric": {"criteria": [{**first, "weight": first["weight"] + second["weight"]}, *rest]},
    }
    removed["tie_breaks"] = ["calibrated", "people"]
    text = dump_round_text(load_round_dict(removed))
    version = propose_rules(session, chairs["hk"], text=text, reason="Too many criteria", at=LATER)
    assert changing.rules_page(session, chairs["hk"], *HERE).effect is None
    compared = previewing.collect_effect(session, chairs["hk"], *HERE, version.definition)
    assert "nothing to calibrate" in effect_of(compared).problem
    agree(session, chairs["hk"], version)
    assignment = present(session.exec(select(tables.Assignment)).first())
    sheet = tables.Scoresheet(assignment_id=assignment.pk, version=1, state="draft", source="form", saved_at=AT)
    session.add(sheet)
    session.flush()
    session.add(tables.Score(scoresheet_id=sheet.pk, criterion=second["key"], value=5.0))
    session.flush()
    with pytest.raises(Conflict, match=f"do not fit these rules: {second['key']}"):
        agree(session, chairs["sh"], version)


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"shortlist.size": "none"}, "shortlist.size"),
        ({"rubric.criteria.data-use.weight": "31"}, "the weights sum to 101"),
        ({"shortlist.city_minimum.hk": "30"}, "the minima sum to"),
        ({"tie_breaks": "calibrated raw"}, "does not end with people"),
        ({"nothing.of.this": "1"}, "nothing"),
    ],
)
def test_rules_that_make_no_sense_are_refused_with_the_path(
    session: Session, event: Event, values: dict[str, str], complaint: str
) -> None:
    with pytest.raises(RubricError, match=complaint):
        preview_rules(session, event.actor(session, "chair"), values=values)


@pytest.mark.parametrize("path", ["shortlist.size.x.y", "tie_breaks.raw.weight", "rubric.criteria.none.weight"])
def test_a_path_through_what_has_no_parts_is_no_rule(session: Session, event: Event, path: str) -> None:
    with pytest.raises(InvalidInput):
        preview_rules(session, event.actor(session, "chair"), values={path: "1"})


def test_no_change_and_no_reason_are_refused(session: Session, event: Event) -> None:
    chair = event.actor(session, "chair")
    with pytest.raises(Conflict, match="nothing would change"):
        preview_rules(session, chair, values={"shortlist.size": "20"})
    with pytest.raises(InvalidInput):
        propose_rules(session, chair, values={"shortlist.size": "18"}, reason=" ", at=LATER)


def test_one_change_waits_at_a_time_until_it_is_withdrawn(session: Session, chairs: dict[str, Actor]) -> None:
    version = propose(session, chairs["hk"], shortlist__size="18")
    with pytest.raises(Conflict, match="Another change"):
        propose(session, chairs["sh"], shortlist__size="19")
    assert changing.withdraw(session, chairs["sh"], *HERE, version.number, at=LATER).state == "withdrawn"
    assert propose(session, chairs["sh"], shortlist__size="19").number == 3
    with pytest.raises(Conflict, match="no longer waits"):
        agree(session, chairs["hk"], version)


def test_a_draft_round_has_the_rules_of_its_file(session: Session, event: Event) -> None:
    with pytest.raises(Conflict, match="not open yet"):
        preview_rules(session, event.actor(session, "chair"), round_key="grand-final", values={"readings.extra": "1"})


def test_judges_and_auditors_propose_nothing(session: Session, event: Event) -> None:
    for role in ("judge", "auditor"):
        with pytest.raises(NotAllowed):
            propose(session, event.actor(session, role), shortlist__size="18")


def test_differences_identify_criteria_by_key_and_levels_by_value() -> None:
    old = {
        "criteria": [{"key": "a", "levels": [{"value": 1, "text": "low"}]}, {"key": "b", "weight": 2}],
        "chain": ["x", "y"],
    }
    new = {
        "criteria": [{"key": "b", "weight": 2.5}, {"key": "a", "levels": [{"value": 1, "text": "lowest"}]}],
        "chain": ["y"],
    }
    assert [(".".join(one.path), one.old, one.new) for one in differences(old, new)] == [
        ("criteria", "a > b", "b > a"),
        ("criteria.a.levels.1.text", "low", "lowest"),
        ("criteria.b.weight", "2", "2.5"),
        ("chain", "x > y", "y"),
    ]
