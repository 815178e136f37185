"""Who is answered next."""

import pytest

from judging.server.turns import Key, TurnLimits, Turns

ANN: Key = ("person", "1.0")
BEN: Key = ("person", "2.0")
HOME: Key = ("network", "192.0.2.1")
CAFE: Key = ("network", "192.0.2.2")


def turns(**changed: float) -> Turns[str]:
    values = {
        "running": 4,
        "running_signed_out": 2,
        "running_per_key": 2,
        "share": 0.5,
        "burst_seconds": 2.0,
        "most_wait_seconds": 3.0,
        "waiting": 6,
        "waiting_per_key": 4,
    }
    return Turns(TurnLimits(**(values | changed)))  # type: ignore[arg-type]  # counts are whole in every call


def taken(turns: Turns[str], *, at: float = 0.0) -> list[str]:
    requests = []
    while (turn := turns.take(at=at)) is not None:
        requests.append(turn[1])
    return requests


def test_one_person_gets_two_turns_and_the_next_person_the_other_ones() -> None:
    queue = turns()
    for number in range(4):
        queue.add(ANN, f"Ann {number}")
    queue.add(BEN, "Ben 0")
    assert taken(queue) == ["Ann 0", "Ben 0", "Ann 1"]


def test_a_request_that_ends_makes_room_for_the_next_one_of_the_same_person() -> None:
    queue = turns()
    for number in range(3):
        queue.add(ANN, f"Ann {number}")
    assert taken(queue) == ["Ann 0", "Ann 1"]
    queue.done(ANN, cpu_seconds=0.0, at=0.0)
    assert taken(queue) == ["Ann 2"]


def test_people_who_are_signed_in_find_a_turn_whatever_the_others_send() -> None:
    queue = turns(waiting=20)
    for number in range(3):
        queue.add(HOME, f"home {number}")
        queue.add(CAFE, f"cafe {number}")
    queue.add(ANN, "Ann")
    assert taken(queue) == ["home 0", "cafe 0", "Ann"]


def test_processor_time_beyond_the_burst_is_paid_back_by_waiting() -> None:
    queue = turns()
    queue.add(ANN, "long")
    assert taken(queue) == ["long"]
    queue.done(ANN, cpu_seconds=2.0, at=10.0)  # at half a second each second: paid back at 14
    queue.add(ANN, "next")
    queue.add(BEN, "Ben")
    assert taken(queue, at=10.0) == ["Ben"]
    assert queue.seconds_until_next(at=10.0) == pytest.approx(2.0)
    assert taken(queue, at=12.0) == ["next"]


def test_who_is_far_ahead_of_the_share_runs_one_request_at_a_time() -> None:
    queue = turns()
    queue.add(ANN, "long")
    assert taken(queue) == ["long"]
    queue.done(ANN, cpu_seconds=0.8, at=0.0)  # 1.6 seconds ahead of at most 2
    queue.add(ANN, "next")
    queue.add(ANN, "after")
    assert taken(queue) == ["next"]
    assert taken(queue, at=1.0) == ["after"]


def test_nobody_waits_longer_than_the_longest_wait() -> None:
    queue = turns()
    queue.add(ANN, "hours")
    assert taken(queue) == ["hours"]
    queue.done(ANN, cpu_seconds=7200.0, at=100.0)
    queue.add(ANN, "next")
    assert queue.seconds_until_next(at=100.0) == pytest.approx(3.0)


def test_a_share_of_zero_limits_nothing() -> None:
    queue = turns(share=0.0)
    queue.add(ANN, "long")
    assert taken(queue) == ["long"]
    queue.done(ANN, cpu_seconds=7200.0, at=1.0)
    queue.add(ANN, "next")
    assert taken(queue, at=1.0) == ["next"]


def test_too_many_waiting_requests_are_refused_by_person_and_in_total() -> None:
    queue = turns(running=0)
    for number in range(4):
        queue.add(ANN, f"Ann {number}")
    assert (queue.full_for(ANN), queue.full_for(BEN)) == ("key", None)
    queue.add(BEN, "Ben 0")
    queue.add(BEN, "Ben 1")
    assert (queue.full_for(ANN), queue.full_for(HOME)) == ("key", "process")


def test_who_owes_nothing_is_forgotten_and_who_owes_is_not() -> None:
    queue = turns()
    for key in (ANN, BEN):
        queue.add(key, "request")
    assert taken(queue) == ["request", "request"]
    queue.done(ANN, cpu_seconds=0.0, at=0.0)
    queue.done(BEN, cpu_seconds=2.0, at=0.0)
    queue.forget_paid(at=1.0)
    queue.add(BEN, "next")
    assert taken(queue, at=1.0) == []
