"""Places are given in the order of asking, and queries wait where those like them have come to before."""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from kg.sparql import check
from kg.sparql.errors import QueryTimeoutError
from kg.sparql.lanes import MIDDLING, MOST_SHAPES, QUICK, Costs, Lane
from kg.sparql.turns import MOST_LIMITS, Turn

SOON, LONG = 0.2, 20.0


def in_future(seconds: float) -> float:
    return time.monotonic() + seconds


def standing(lane: Lane, number: int) -> None:
    """Wait until so many stand in line."""
    deadline = in_future(LONG)
    while len(lane._waiting) != number:
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_who_asked_first_is_first() -> None:
    lane, order = Lane(1), []
    assert lane.take(0)

    def ask(number: int) -> None:
        assert lane.take(in_future(LONG))
        order.append(number)
        lane.release()

    with ThreadPoolExecutor(20) as clients:
        for number in range(20):
            clients.submit(ask, number)
            standing(lane, number + 1)
        lane.release()
    assert order == list(range(20))
    assert lane.take(0)


def test_who_gives_up_leaves_the_line() -> None:
    lane = Lane(1)
    assert lane.take(0)
    assert not lane.take(in_future(SOON))

    def leave() -> None:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        lane.take(in_future(LONG), leave)
    standing(lane, 0)
    lane.release()
    assert lane.take(0)
    assert not lane.take(0)


def test_no_place_is_lost_or_given_twice() -> None:
    lane, held, most = Lane(3), [], [0]
    lock = threading.Lock()

    def client(seed: int) -> None:
        rng = random.Random(seed)
        for _ in range(60):
            if not lane.take(in_future(rng.choice((0, 0.001, 0.003, LONG)))):
                continue
            with lock:
                held.append(seed)
                most[0] = max(most[0], len(held))
            time.sleep(rng.random() * 0.002)
            with lock:
                held.remove(seed)
            lane.release()

    with ThreadPoolExecutor(12) as clients:
        for done in [clients.submit(client, seed) for seed in range(12)]:
            done.result()
    assert most[0] == 3
    assert [lane.take(0) for _ in range(4)] == [True, True, True, False]


def test_costs() -> None:
    costs = Costs()
    assert costs.expected(1) == 0
    costs.learn(1, 4, ended=True)
    assert costs.expected(1) == 4
    costs.learn(1, 2, ended=True)
    assert costs.expected(1) == 3
    costs.learn(1, 1, ended=False)  # it would have taken more
    assert costs.expected(1) == 3
    for shape in range(2, MOST_SHAPES + 2):
        costs.learn(shape, 1, ended=True)
    assert (costs.expected(1), costs.expected(2)) == (0, 1)


def test_shapes() -> None:
    def shape(text: str) -> int:
        return check(text).shape

    one = "SELECT ?s { ?s <urn:a> 'x'@en ; a <urn:b> FILTER (?s > 3) }"
    assert shape(one) == shape("SELECT  ?s { ?s <urn:c> 'y'@fr ; a <urn:b>\nFILTER (?s > 2.5) } # said")
    for other in (one.replace("?s", "?t"), one.replace(" a ", " <urn:a> "), one.replace(">", ">="), "ASK {}"):
        assert shape(other) != shape(one)


def test_standing_in_line_takes_of_the_limit() -> None:
    lanes = Places()
    for expected, most in ((MIDDLING, LONG - SOON), (0, LONG)):
        turn = Turn(lanes, LONG, None)
        time.sleep(SOON)
        assert turn.enter(expected, LONG)
        turn.start()
        assert most - SOON / 2 < turn.remaining() <= most


def test_what_a_client_lets_wait_has_its_time_of_a_processor() -> None:
    turn = Turn(Places(), LONG, None)
    assert turn.enter(0, LONG)
    turn.waited(LONG, spent=LONG / 2)
    assert turn.remaining() > LONG
    with pytest.raises(QueryTimeoutError):
        turn.waited(LONG, spent=LONG)


def test_no_client_lets_wait_for_ever() -> None:
    turn = Turn(Places(), SOON, None)
    assert turn.enter(0, LONG)
    turn.waited(100 * SOON)
    assert turn.remaining() <= MOST_LIMITS * SOON
    time.sleep(MOST_LIMITS * SOON)
    with pytest.raises(QueryTimeoutError):
        turn.waited(0.0)


class Places:
    """Lanes with a place each."""

    def __init__(self) -> None:
        self.quick, self.middling, self.slow, self.streams = Lane(1), Lane(1), Lane(1), Lane(1)
        self.ending = False

    def replace(self, _: object) -> None:
        pass


@pytest.mark.parametrize(("expected", "lane"), [(0, "quick"), (QUICK, "middling"), (MIDDLING, "slow")])
def test_where_a_query_waits(expected: float, lane: str) -> None:
    lanes = Places()
    first, second = Turn(lanes, SOON, None), Turn(lanes, SOON, None)
    assert first.enter(expected, SOON)
    assert first.place is getattr(lanes, lane)
    assert not second.enter(expected, SOON)
    assert second.place is None
    first.give_back()
    assert second.enter(expected, SOON)
    assert Turn(lanes, SOON, None).enter(0 if expected else QUICK, SOON), "other lanes have their own places"
