"""Response times of the chair's pages: a large event in a temporary database, every page several times, medians.

Goal: no page of the chair that only reads takes the server more than half a second with 500 proposals and 60 judges.
On two cores shared with other work the ranking missed it once (616 ms); run it on a quiet machine before quoting it.
The comparison of models is another matter: it fits every model and leaves out every judge once, and keeps what it
found; it is timed on an event of the usual size.

Run: PYTHONPATH=. .venv/bin/python benchmarks/page_times.py [--proposals 500] [--judges 60] [--repeats 7]
"""

import argparse
import gzip
import logging
import os
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import structlog
from flask.testing import FlaskClient
from sqlmodel import Session, select

from config import ROOT, Config
from judging import db, tables
from judging.app import create_app
from judging.calibration.simulate import Design, simulate
from judging.schemas.definition_files import load_definition
from judging.services import competitions
from judging.services.access import load_actor, operator
from judging.services.demo import data
from judging.services.imports import files
from judging.services.imports.loaded_file import load_tables
from judging.services.people import accounts
from judging.services.rounds import opening
from judging.services.runs import calibrating

COMPETITION, ROUND = "hksh-2023", "first-screening"
PAGES = {
    "overview": "",
    "ranking, 200 rows": f"/{ROUND}",
    "ranking, all rows": f"/{ROUND}?show=all",
    "ranking of a city by move": f"/{ROUND}?city=hk&sort=move&order=desc",
    "proposal": f"/{ROUND}/proposals/P001",
    "shortlist": f"/{ROUND}/shortlist",
    "judges": f"/{ROUND}/judges",
    "linkage": f"/{ROUND}/linkage",
    "runs": f"/{ROUND}/runs",
    "rules": f"/{ROUND}/rules",
}


def build(session: Session, *, n_proposals: int, n_judges: int, seed: int) -> tables.Person:
    """Store a simulated event by the services that people use, calibrate it, and return its chair."""
    at = datetime.now(UTC)
    row = competitions.store_definitions(
        session, operator(), load_definition(ROOT / "rubrics" / COMPETITION), at=at, is_simulated=True
    )
    definition = competitions.definition_of(row)
    round_row = next(one for one in competitions.list_rounds(session, row) if one.key == ROUND)
    rules = competitions.rules_of(round_row)
    people = {}
    for role, city in (("organiser", None), ("chair", "hk")):
        email = f"{role}@example.org"
        accounts.invite(session, operator(), COMPETITION, email=email, name=f"The {role}", role=role, city=city, at=at)
        people[role] = session.exec(select(tables.Person).where(tables.Person.email == email)).one()
    organiser, chair = (load_actor(session, people[role].pk) for role in ("organiser", "chair"))
    design = Design(n_proposals=n_proposals, n_judges=n_judges, weights=tuple(rules.rubric.weights.values()))
    challenge = simulate(design, rng=np.random.default_rng(seed))
    scores = data.score_table(challenge, rules, starts_at=at - timedelta(days=14), days=13)
    for found in (
        [*data.roster_tables(challenge, definition), data.assignment_table(challenge)],
        [scores],
    ):
        if found == [scores]:
            opening.open_round(session, organiser, COMPETITION, ROUND, at=at)
        target = files.find_target(session, organiser, COMPETITION, round_key=ROUND)
        loaded = load_tables(target, found, filename="simulated", digest=str(len(found)))
        files.store_file(session, organiser, loaded, at=at)
    started = time.perf_counter()
    calibrating.calibrate(session, chair, COMPETITION, ROUND, at=at)
    print(f"calibrated {n_proposals} proposals x {n_judges} judges in {time.perf_counter() - started:.2f} s")
    return people["chair"]


def timed(client: FlaskClient, address: str, repeats: int) -> tuple[float, float, int, int]:
    """Return the first and the median time in seconds, and the size in bytes, plain and compressed."""
    seconds = []
    content = b""
    for _ in range(repeats + 1):
        started = time.perf_counter()
        answer = client.get(address)
        content = answer.get_data()
        seconds.append(time.perf_counter() - started)
        if answer.status_code != 200:
            raise SystemExit(f"{address} answers {answer.status_code}")
    return seconds[0], statistics.median(seconds[1:]), len(content), len(gzip.compress(content))


def measure(n_proposals: int, n_judges: int, pages: dict[str, str], *, repeats: int, seed: int) -> None:
    """Build an event of this size and print the times of its pages."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'judging.db'}"
        db.upgrade(url)
        with Session(db.create_engine_for(url)) as session:
            chair = build(session, n_proposals=n_proposals, n_judges=n_judges, seed=seed)
            session.commit()
            identity = f"{chair.id}.{chair.session_epoch}"
        app = create_app(Config(secret_key="benchmark" * 5, database_url=url, data_dir=Path(folder)))
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
        client = app.test_client()
        with client.session_transaction() as cookie:
            cookie["_user_id"] = identity
        print(f"{'page':28}{'first, ms':>12}{'median, ms':>12}{'kB':>8}{'kB gzip':>9}")
        for name, page in pages.items():
            first, median, size, packed = timed(client, f"/chair/{COMPETITION}{page}", repeats)
            print(f"{name:28}{1e3 * first:12.0f}{1e3 * median:12.0f}{size / 1e3:8.0f}{packed / 1e3:9.0f}")


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--proposals", type=int, default=500)
    parser.add_argument("--judges", type=int, default=60)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    logging.disable(logging.WARNING)
    measure(arguments.proposals, arguments.judges, PAGES, repeats=arguments.repeats, seed=arguments.seed)
    measure(80, 24, {"does it matter?": f"/{ROUND}/sensitivity"}, repeats=arguments.repeats, seed=arguments.seed)


if __name__ == "__main__":
    main()
