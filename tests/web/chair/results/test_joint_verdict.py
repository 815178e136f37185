"""What the model check and the prediction say together: no combination contradicts itself."""

from __future__ import annotations

from itertools import product

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session

from judging import phrases
from judging.calibration.report.sensitivity import ModelResult, PredictionResult, PredictionScore, SensitivityResult
from tests.support.deciding import calibrated_event
from tests.web.chair.decisions.test_deciding import HERE, read, signed_in

VERDICTS = ("decide", "with_reservation", "do_not_decide", None)


def predicted(justified: bool | None, *, gain: float | None = 0.1) -> PredictionResult:
    score = PredictionScore(model="mixed", log_score=None, gain=gain, standard_error=gain)
    return PredictionResult(
        n_folds=5,
        n_sheets=24,
        seed=1,
        baseline="raw",
        models=(score,),
        model="mixed",
        justified=justified,
        text="",
        template="",
        values={},
    )


PREDICTIONS = (predicted(True), predicted(False), predicted(None), predicted(None, gain=None), None)


def test_every_combination_says_what_it_means_for_who_signs() -> None:
    said = {
        (verdict, number): " ".join(phrases.joint_verdict(verdict, prediction, model="mixed"))
        for verdict, (number, prediction) in product(VERDICTS, enumerate(PREDICTIONS))
    }
    assert len(set(said.values())) == len(said)
    assert all(("do not sign" in text) == (verdict == "do_not_decide") for (verdict, _), text in said.items())
    assert all(
        "Whoever signs" in text or "whoever signs" in text
        for key, text in said.items()
        if key[0] is not None and key[0] != "do_not_decide"
    )
    assert said["decide", 2] == (
        "The model check found nothing against these numbers. Adjusting and plain averages predict scores they have "
        "not seen about equally well. That speaks neither for nor against adjusting: whoever signs follows the sealed "
        "rules, and looks at the seats that plain averages would give to others."
    )
    assert "nothing is adjusted" in " ".join(phrases.joint_verdict("decide", None, model="raw"))


@pytest.mark.parametrize(
    ("enters", "leaves", "is_part", "said"),
    [
        (("P2",), ("P1",), False, "By plain averages, with a seat: P2; without: P1."),
        ((), ("P1",), True, "By plain averages, with a seat: –; without: P1."),
        ((), (), False, "By plain averages the same proposals have the seats."),
        ((), (), True, None),
    ],
)
def test_the_seats_under_plain_averages_are_named(
    enters: tuple[str, ...], leaves: tuple[str, ...], is_part: bool, said: str | None
) -> None:
    plain = ModelResult(
        model="raw",
        refusal=None,
        selected=("P1",),
        enters=enters,
        leaves=leaves,
        tau=None,
        calibrated=None,
        rank=None,
    )
    compared = SensitivityResult(
        sealed_model="mixed", models=(plain,), proposals=("P1", "P2"), judges=(), prediction=None
    )
    assert phrases.seats_under_plain_means(compared, is_part=is_part) == said


def test_the_ranking_joins_both_and_leads_to_the_comparison(client: FlaskClient, session: Session) -> None:
    signed_in(client, calibrated_event(session, shortlist={"size": 4}))
    page = read(client, HERE)
    assert "is not computed yet. Whoever signs should have it computed first. Does it matter?" in page
