"""Seat orders are balanced: by enumeration, for every number of agents that the task allows."""

from collections import Counter
from itertools import pairwise

import pytest

from equipoise.tasks.debate.orders import MOST_AGENTS, agent_names, all_arms, arm_of, moved_arm, order_of, williams

NUMBERS = range(2, MOST_AGENTS + 1)


@pytest.mark.parametrize("n", NUMBERS)
def test_every_agent_sits_in_every_seat_equally_often(n):
    seats = Counter((agent, seat) for order in williams(n) for seat, agent in enumerate(order))
    assert len(seats) == n * n and len(set(seats.values())) == 1


@pytest.mark.parametrize("n", NUMBERS)
def test_every_ordered_pair_of_neighbours_is_equally_frequent(n):
    pairs = Counter(pair for order in williams(n) for pair in pairwise(order))
    assert len(pairs) == n * (n - 1) and len(set(pairs.values())) == 1


@pytest.mark.parametrize("n", NUMBERS)
def test_there_are_n_orders_or_twice_as_many_and_none_twice(n):
    orders = williams(n)
    assert len(orders) == len(set(orders)) == (n if n % 2 == 0 else 2 * n)
    assert all(sorted(order) == list(range(n)) for order in orders)


def test_the_first_rows_are_those_of_the_construction():
    assert williams(1) == [(0,)]
    assert williams(2) == [(0, 1), (1, 0)]
    assert williams(4)[0] == (0, 1, 3, 2)
    assert williams(5)[0] == (0, 1, 4, 2, 3) and williams(5)[5] == (3, 2, 4, 1, 0)


@pytest.mark.parametrize("n", NUMBERS)
def test_names_of_arms_give_the_orders_back(n):
    assert [order_of(arm_of(order)) for order in williams(n)] == williams(n)
    arms = all_arms(n)
    assert len(arms) == len(set(arms)) == 2 + len(williams(n)) * (1 + n)
    assert len(agent_names(n)) == len(set(agent_names(n))) == n and agent_names(n)[0] == "subject"


@pytest.mark.parametrize("arm", ["solo", "control.solo", "order.", "order.x", "agents", moved_arm((0, 1), "subject")])
def test_other_arms_are_no_orders(arm):
    assert order_of(arm) is None
