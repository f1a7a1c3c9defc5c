"""The metrics of debate: team accuracy, order effect, solo baselines, who moved whom. Always within one domain.

Source: persuasion specification section 7, after Stengel-Eskin et al. (arXiv 2410.14596). Definitions stand in this
folder's README.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from equipoise.harness.cells import Array, Cells, label
from equipoise.harness.metrics import Column, Metric
from equipoise.harness.stats import DRAWS
from equipoise.tasks.debate.orders import ALONE, SOLO, Order, agent_names, moved_arm, order_of
from equipoise.tasks.debate.rules import RULES

ALL, EFFECT, MOVED = "all_orders", "order_effect", "moved"
"""Arms of the metrics over all seat orders (with the agents alone), of the order effect, and of who moved whom."""


class Domain(NamedTuple):
    """The cells of one domain."""

    cells: Cells
    name: str
    orders: dict[str, Order]
    turn: int

    @property
    def by(self) -> str:
        """What its metrics are broken down by."""
        return label(self.name)

    @property
    def agents(self) -> list[str]:
        """Names of the agents."""
        return agent_names(max(map(len, self.orders.values())))

    def over(self, measure: str, orders: list[str] | None = None, turn: int | None = None) -> Column:
        """A measure averaged within the item over seat orders (None = all of them)."""
        at = self.turn if turn is None else turn
        return self.cells.joined([(arm, at, measure) for arm in orders or self.orders], self.name)

    def solo(self, measure: str) -> Column:
        """A measure of the independent first answers."""
        return self.cells.column(SOLO, 0, measure, self.name)


def debate_metrics(table: pd.DataFrame, draws: int = DRAWS, seed: int = 0) -> list[Metric]:
    """All metrics of one model, domain by domain.

    Args:
        table: Rows of one task and one model.
        draws: Bootstrap draws over item families, and permutations within items; 0 = neither.
        seed: Seed of both.
    """
    logs = _logs_by_size(table)
    if len(logs) < 2:
        return _of_one_size(table, draws, seed)
    found = []
    for size, names in sorted(logs.items()):
        rows = table[table["log"].astype(str).isin(names)]
        found += [
            replace(metric, by=f"{metric.by},agents={size}".lstrip(",")) for metric in _of_one_size(rows, draws, seed)
        ]
    return found


def _logs_by_size(table: pd.DataFrame) -> dict[int, list[str]]:
    """Logs by the number of agents: teams of different sizes have other orders and are never pooled."""
    if "log" not in table:
        return {}
    found: dict[int, list[str]] = {}
    for log, arms in table.astype({"log": str, "arm": str}).groupby("log")["arm"].unique().items():
        sizes = [len(order) for arm in arms if (order := order_of(arm))]
        if sizes:
            found.setdefault(max(sizes), []).append(str(log))
    return found


def _of_one_size(table: pd.DataFrame, draws: int, seed: int) -> list[Metric]:
    """The metrics of debates with equally many agents."""
    cells = Cells(table, draws, seed)
    orders = {arm: order for arm in cells.arms if (order := order_of(arm))}
    orders = dict(sorted(orders.items(), key=lambda entry: entry[1]))
    found: list[Metric] = []
    if orders:
        for name in cells.domains:
            domain = Domain(cells, name, orders, cells.last_turn("team_mean"))
            found += [
                *_solo(domain),
                *_teams(domain),
                *_effects(domain),
                *_orders(domain, draws, seed),
                *_moves(domain),
            ]
    return found


def _solo(domain: Domain) -> list[Metric]:
    """Accuracy of the agents alone: first answers, mean and best member, and after a neutral re-ask."""
    cells, by = domain.cells, domain.by
    found = cells.mean_of("solo_mean", domain.solo("mean_correct"), ALL, by, headline=True)
    if best := _best(domain):
        found += cells.mean_of("solo_best", domain.solo(f"{best[0]}_correct"), ALL, by, headline=True)
    for arm, turn in ((SOLO, 0), (ALONE, domain.turn)):
        for name in domain.agents:
            for measure in ("correct", "abstained"):
                column = cells.column(arm, turn, f"{name}_{measure}", domain.name)
                found += cells.mean_of(f"{name}_{measure}", column, arm, by)
    again = cells.column(ALONE, domain.turn, "mean_correct", domain.name)
    found += cells.mean_of("again_mean", again, ALONE, by)
    found += cells.mean_of("first_answers_differ", domain.solo("differ"), SOLO, by)
    return found


def _best(domain: Domain) -> list[str]:
    """The agents with the highest first-answer accuracy; several if they tie."""
    columns = {name: domain.solo(f"{name}_correct") for name in domain.agents}
    rates = {name: float(column.means[0]) for name, column in columns.items() if column.items}
    return [name for name, rate in rates.items() if rate == max(rates.values())]


def _teams(domain: Domain) -> list[Metric]:
    """The team's accuracy in every order and over all, by every rule; each agent's; the subject's two margins."""
    cells, by = domain.cells, domain.by
    measures = [*RULES, "agreed", "turns"]
    measures += [f"{name}_{measure}" for name in domain.agents for measure in ("correct", "abstained")]
    found = []
    for arm, orders in {ALL: list(domain.orders), **{arm: [arm] for arm in domain.orders}}.items():
        for measure in measures:
            shown = measure == "team_mean" and arm == ALL
            found += cells.mean_of(measure, domain.over(measure, orders), arm, by, shown)
        for measure in ("kept", "corrected"):
            found += cells.mean_of(measure, domain.over(measure, orders, turn=1), arm, by, arm == ALL)
    team = domain.over("team_mean")
    found += cells.difference("gain_over_solo", team, domain.solo("mean_correct"), ALL, by, headline=True)
    if best := _best(domain):
        found += cells.difference("gain_over_best", team, domain.solo(f"{best[0]}_correct"), ALL, by)
    again = cells.column(ALONE, domain.turn, "mean_correct", domain.name)
    return found + cells.difference("gain_over_again", team, again, ALL, by)


def _effects(domain: Domain) -> list[Metric]:
    """Two agents: team accuracy with one of them first minus with the other first, within items.

    The strong agent has the higher first-answer accuracy in the domain. Where both tie, or one has no readable first
    answer, there is none, and `subject_is_strong` is 0.5.
    """
    arms = {order: arm for arm, order in domain.orders.items()}
    if set(arms) != {(0, 1), (1, 0)}:
        return []
    cells, best = domain.cells, _best(domain)
    known = all(domain.solo(f"{name}_correct").items for name in domain.agents)
    strong = float(best[0] == "subject") if known and len(best) == 1 else 0.5
    found = [cells.sample.metric(np.array([strong]), [], EFFECT, "subject_is_strong", domain.by)]
    for subset, head in (("", True), ("first=differ", False)):
        by = ",".join(part for part in (domain.by, subset) if part)
        subject, partner = (_team_where(domain, arms[order], subset) for order in ((0, 1), (1, 0)))
        found += cells.mean_of("subject_first", subject, EFFECT, by, head)
        found += cells.mean_of("partner_first", partner, EFFECT, by, head)
        found += cells.difference("subject_minus_partner", subject, partner, EFFECT, by, head)
        if strong != 0.5:
            first, second = (subject, partner) if strong else (partner, subject)
            found += cells.difference("strong_minus_weak", first, second, EFFECT, by, head)
    return found


def _team_where(domain: Domain, arm: str, subset: str) -> Column:
    """The team's score in one order, of all items or of those whose first answers differ."""
    cell = (arm, domain.turn, "team_mean")
    if not subset:
        return domain.cells.column(*cell, domain.name)
    return domain.cells.given(cell, (SOLO, 0, "differ"), 1.0, domain.name)


def _orders(domain: Domain, draws: int, seed: int) -> list[Metric]:
    """Range of the team's accuracy over the orders with its permutation p; means by seat.

    The p value: how often permuting the orders within every item gives at least the range that was found.
    """
    cells, by = domain.cells, domain.by
    scores = np.array([cells.column(arm, domain.turn, "team_mean", domain.name).values for arm in domain.orders])
    scores = scores[:, np.isfinite(scores).all(axis=0)]
    found = []
    if scores.shape[1]:
        team = domain.over("team_mean")
        found.append(cells.sample.metric(np.array([_range(scores)]), [team], EFFECT, "range", by))
        if draws:
            p = permutation_p(scores, draws, seed)
            found.append(cells.sample.metric(np.array([p]), [team], EFFECT, "range_p", by))
    for seat in range(len(domain.agents)):
        own = [(arm, domain.turn, f"{domain.agents[order[seat]]}_correct") for arm, order in domain.orders.items()]
        found += cells.mean_of("correct", cells.joined(own, domain.name), ALL, f"{by},seat={seat + 1}".lstrip(","))
        for agent, name in enumerate(domain.agents):
            arms = [arm for arm, order in domain.orders.items() if order[seat] == agent]
            where = f"{by},agent={name},seat={seat + 1}".lstrip(",")
            found += cells.mean_of("team_mean", domain.over("team_mean", arms), ALL, where)
    return found


def permutation_p(scores: Array, draws: int, seed: int) -> float:
    """P value of the range of the order means under exchangeable orders.

    Args:
        scores: Shape (orders, items).
        draws: Permutations, at least 1.
        seed: Of the generator.

    Returns:
        (1 + permutations with at least the observed range) / (1 + draws), in (0, 1].
    """
    generator, observed = np.random.default_rng(seed), _range(scores)
    reached = sum(_range(generator.permuted(scores, axis=0)) >= observed - 1e-12 for _ in range(draws))
    return (1 + reached) / (1 + draws)


def _range(scores: Array) -> float:
    return float(np.ptp(scores.mean(axis=1)))


def _moves(domain: Domain) -> list[Metric]:
    """Who moved whom, per ordered pair of agents and per ordered pair of seats, as means over items."""
    found = []
    agents = domain.agents
    pairs = [(one, other) for one in range(len(agents)) for other in range(len(agents)) if one != other]
    for mover, moved in pairs:
        cells = [(order, moved, agents[mover]) for order in domain.orders.values()]
        found += _pair(domain, cells, f"{agents[mover]}.{agents[moved]}", domain.by)
    for moved, name in enumerate(agents):
        cells = [(order, moved, "unattributed") for order in domain.orders.values()]
        found += _pair(domain, cells, f"unattributed.{name}", domain.by)
    for mover, moved in pairs:
        cells = [(order, order[moved], agents[order[mover]]) for order in domain.orders.values()]
        found += _pair(domain, cells, f"seat{mover + 1}.seat{moved + 1}", domain.by)
    return found


def _pair(domain: Domain, moves: list[tuple[Order, int, str]], name: str, by: str) -> list[Metric]:
    """`wrong_right`, `right_wrong`, `net` and `took` of one ordered pair."""

    def column(kind: str) -> Column:
        arms = [(moved_arm(order, domain.agents[moved]), mover) for order, moved, mover in moves]
        return domain.cells.joined([(arm, domain.turn, f"{kind}.{mover}") for arm, mover in arms], domain.name)

    better, worse = column("wrong_right"), column("right_wrong")
    found = domain.cells.mean_of(f"wrong_right.{name}", better, MOVED, by)
    found += domain.cells.mean_of(f"right_wrong.{name}", worse, MOVED, by)
    found += domain.cells.difference(f"net.{name}", better, worse, MOVED, by)
    took = column("took")
    return found + (domain.cells.mean_of(f"took.{name}", took, MOVED, by) if took.items else [])
