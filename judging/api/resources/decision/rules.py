"""The rules of a round: read, changed with the chairs' consent; the effect of a change is computed before."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Response

from judging import request as this
from judging.api.bodies import Blueprint
from judging.api.etags import unless_unchanged
from judging.api.resources.event.jobs import job_answer
from judging.competition import RoundRules
from judging.errors import InvalidInput, NotFound, RubricError
from judging.schemas.answers.decision.rules import RulesEffectSchema, RulesSchema
from judging.schemas.answers.event.jobs import JobSchema
from judging.schemas.definitions.definition_files import load_round_dict
from judging.schemas.typed_rules import ConsentSchema, ProposedRulesSchema, RulesChangeSchema
from judging.services.access import READERS, get_round
from judging.services.jobs.job_requests import get_job
from judging.services.rules import changing, previewing
from judging.services.rules.effects import differences

bp = Blueprint("rules", __name__, description="The rules of a round and their changes")

_RULES = "/competitions/<competition>/rounds/<round_key>/rules"
_VERSION = f"{_RULES}/versions/<int:number>"
_NOT_WAITING = "It no longer waits for consent"


@bp.get(_RULES)
@bp.response(200, RulesSchema)
@bp.alt_response(304, description="Unchanged since the answer with this ETag")
@unless_unchanged
def get_rules(competition: str, round_key: str) -> dict[str, Any]:
    """Return the rules in force with their digest, and every version."""
    return _rules(competition, round_key)


@bp.post(f"{_RULES}/effect")
@bp.arguments(RulesChangeSchema)
@bp.response(202, JobSchema)
@bp.alt_response(409, description="The round is not open yet, nothing would change, or stored scores would not fit")
def request_effect(typed: dict[str, Any], competition: str, round_key: str) -> Response:
    """Ask what a change would do to the present results; when the job is done, read `rules/effect/{number}`."""
    proposed = _proposed(typed, competition, round_key)
    previewing.preview_of(this.session(), this.actor(), competition, round_key, proposed)
    page = {"reason": "", "text": typed["text"], "values": typed["values"] or {}}
    return _ask(competition, round_key, proposed, typed=page)


@bp.get(f"{_RULES}/effect/<int:number>")
@bp.response(200, RulesEffectSchema)
def get_effect(competition: str, round_key: str, number: int) -> dict[str, Any]:
    """Return the changes that a job has compared, and their effect on the scores of now; null until it is computed."""
    _, row = get_round(this.session(), this.actor(), competition, round_key, *READERS)
    job = get_job(this.session(), this.actor(), number)
    if job.kind != "rules_effect" or (job.request["competition"], job.request["round"]) != (competition, round_key):
        raise NotFound
    proposed = load_round_dict(job.request["definition"])
    changes = differences(row.definition, proposed.to_dict())
    effect = previewing.find_effect(this.session(), this.actor(), row, proposed)
    return {
        "digest": proposed.digest,
        "changes": [{"path": ".".join(one.path), "before": one.old, "after": one.new} for one in changes],
        "effect": None if effect is None else asdict(effect),
    }


@bp.post(f"{_RULES}/versions")
@bp.arguments(ProposedRulesSchema)
@bp.response(201, RulesSchema)
@bp.alt_response(409, description="Other rules are in force by now, another change waits, or scores would not fit")
def propose(typed: dict[str, Any], competition: str, round_key: str) -> dict[str, Any]:
    """Propose a change; the rules in force stay until the chairs have consented."""
    proposed = _proposed(typed, competition, round_key)
    with this.writing() as session:
        changing.propose_rules(
            session,
            this.actor(),
            competition,
            round_key,
            proposed,
            instead_of=typed["instead_of"],
            reason=typed["reason"],
            at=this.now(),
            mailer=this.mailer(),
        )
    return _rules(competition, round_key)


@bp.post(f"{_VERSION}/effect")
@bp.response(202, JobSchema)
@bp.alt_response(404, description="No such version waits for consent")
def request_effect_of_version(competition: str, round_key: str, number: int) -> Response:
    """Ask what the proposed version would do to the present results; read it with `rules/effect/{number}`."""
    waiting = changing.rules_page(this.session(), this.actor(), competition, round_key).waiting
    if waiting is None or waiting.number != number:
        raise NotFound
    return _ask(competition, round_key, waiting.rules, typed=None)


@bp.post(f"{_VERSION}/consent")
@bp.arguments(ConsentSchema)
@bp.response(200, RulesSchema)
@bp.alt_response(409, description=f"{_NOT_WAITING}, the digest is another one, or this person cannot consent")
def consent(typed: dict[str, str], competition: str, round_key: str, number: int) -> dict[str, Any]:
    """Consent to a version for one's own city, by the digest of the rules that were read; the last consent seals it."""
    with this.writing() as session:
        changing.consent(session, this.actor(), competition, round_key, number, digest=typed["digest"], at=this.now())
    return _rules(competition, round_key)


@bp.post(f"{_VERSION}/withdraw")
@bp.response(200, RulesSchema)
@bp.alt_response(409, description=_NOT_WAITING)
def withdraw(competition: str, round_key: str, number: int) -> dict[str, Any]:
    """Withdraw a proposed change; the rules in force stay."""
    with this.writing() as session:
        changing.withdraw(session, this.actor(), competition, round_key, number, at=this.now())
    return _rules(competition, round_key)


def _proposed(typed: dict[str, Any], competition: str, round_key: str) -> RoundRules:
    in_force = previewing.rules_to_change(this.session(), this.actor(), competition, round_key)
    this.end_reading()
    try:
        return previewing.parse_change(in_force, text=typed["text"], values=typed["values"])
    except RubricError as error:
        raise InvalidInput({"text" if typed["text"] is not None else "values": error.complaints}) from error


def _ask(competition: str, round_key: str, proposed: RoundRules, *, typed: dict[str, Any] | None) -> Response:
    with this.writing() as session:
        job = previewing.request_effect(
            session, this.actor(), competition, round_key, proposed, typed=typed, at=this.now()
        )
    return job_answer(job)


def _rules(competition: str, round_key: str) -> dict[str, Any]:
    page = changing.rules_page(this.session(), this.actor(), competition, round_key)
    versions = [
        {
            **{
                name: getattr(version, name)
                for name in ("number", "state", "digest", "reason", "proposed_at", "sealed_at")
            },
            "consents": version.consents,
            "waiting_for": version.required.waiting if version.state == "proposed" else (),
        }
        for version in page.versions
    ]
    return {"digest": page.row.digest, "definition": page.row.definition, "text": page.text, "versions": versions}
