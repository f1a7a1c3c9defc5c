"""Who sits where: agents by number (0 = the subject), balanced seat orders, and the names of their arms."""

MOST_AGENTS = 9
"""Seat orders are written with one digit per agent."""

SOLO, ALONE = "solo", "control.solo"
"""Arms of the independent first answers, and of the neutral re-ask of each agent alone."""

Order = tuple[int, ...]
"""Agents in the order of their seats: `(1, 0)` = the partner speaks first."""

_TWO: dict[Order, str] = {(0, 1): "subject_first", (1, 0): "partner_first"}
_TWO_NAMED = {name: order for order, name in _TWO.items()}


def williams(n: int) -> list[Order]:
    """Seat orders in which every agent sits in every seat, and follows every other agent, equally often.

    The first row is 0, 1, n-1, 2, n-2, …; each further row adds 1 modulo n. For an odd n the reversed rows are added.

    Args:
        n: Number of agents, at least 1.

    Returns:
        n orders for an even n, 2n for an odd n above 1, in a fixed sequence.

    References:
        Williams (1949), Experimental designs balanced for the estimation of residual effects of treatments.
    """
    first = [0]
    low, high = 1, n - 1
    while low <= high:
        first += [low, high] if low < high else [low]
        low, high = low + 1, high - 1
    rows = [tuple((agent + shift) % n for agent in first) for shift in range(n)]
    return rows + [row[::-1] for row in rows] if n % 2 and n > 1 else rows


def agent_names(n: int) -> list[str]:
    """Labels of the agents: `subject` and `partner`, or `subject`, `partner1`, `partner2` and so on."""
    return ["subject", "partner"] if n == 2 else ["subject", *(f"partner{k}" for k in range(1, n))]


def arm_of(order: Order) -> str:
    """Name of an order's arm: `subject_first`, `partner_first`, or `order.021` for more than two agents."""
    return _TWO.get(order) or "order." + "".join(map(str, order))


def order_of(arm: str) -> Order | None:
    """The seat order that an arm's name stands for; None for other arms."""
    if arm in _TWO_NAMED:
        return _TWO_NAMED[arm]
    digits = arm.removeprefix("order.")
    return tuple(map(int, digits)) if arm.startswith("order.") and digits.isdecimal() else None


def moved_arm(order: Order, mover: str) -> str:
    """Arm of the rows that say who moved an agent in an order."""
    return f"moved.{arm_of(order)}.{mover}"


def all_arms(n: int) -> list[str]:
    """Every arm of a sample with n agents."""
    orders = williams(n)
    moved = [moved_arm(order, name) for order in orders for name in agent_names(n)]
    return [SOLO, ALONE, *map(arm_of, orders), *moved]
