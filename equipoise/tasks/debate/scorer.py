"""From answers to rows of the long table. Exact: no model judges anything here."""

from collections.abc import Sequence
from typing import Any

from inspect_ai.scorer import Metric, SampleScore, Score, Scorer, Target, Value, metric, scorer
from inspect_ai.solver import TaskState

from equipoise.harness.table.rows import Rows, rows_of
from equipoise.harness.transcripts import BELIEFS
from equipoise.tasks.debate.discussion import Step, agree, differ, replay
from equipoise.tasks.debate.orders import ALONE, SOLO, Order, agent_names, arm_of, moved_arm, williams
from equipoise.tasks.debate.rules import Outcome, outcomes
from equipoise.tasks.debate.solver import AGAIN, AGENTS, FIRST
from equipoise.tasks.questions import MISLED, Belief

CAST = "agents"
"""Arm of the rows that say which model plays which agent (`partner=openai/…`)."""

NOBODY = "unattributed"
"""Who is credited with a change to an answer that nobody held."""


@metric(scores="unreduced")
def order_and_margins() -> Metric:
    """The headline metrics without intervals: what `inspect eval` prints.

    `equipoise metrics` computes the same from the long table, with intervals and missing counts.
    """

    def compute(scores: list[SampleScore]) -> Value:
        import pandas as pd

        from equipoise.tasks.debate.metrics import debate_metrics

        rows = []
        for sample in scores:
            about = sample.sample_metadata or {}
            item = {"item": about.get("item"), "family": about.get("item"), "domain": about.get("domain"), "epoch": 1}
            rows += [{**row._asdict(), **item} for row in rows_of(sample.score.metadata)]
        if not rows:
            return {}
        found = debate_metrics(pd.DataFrame(rows), draws=0)
        return {f"{m.measure} ({m.arm}{', ' if m.by else ''}{m.by})": m.estimate for m in found if m.headline}

    return compute


@scorer(metrics=[order_and_margins()])
def team(rounds: int = 1) -> Scorer:
    """Rows of an item: solo answers, the team's score in every seat order and by every rule, who moved whom.

    The score's value is the team's mean accuracy over the seat orders (NaN: an answer could not be told).
    """

    async def score(state: TaskState, target: Target) -> Score:
        first, again = (_beliefs(state.store.get(key)) for key in (FIRST, AGAIN))
        cast: dict[str, str] = state.store.get(AGENTS)
        stored: dict[str, Any] = state.store.get(BELIEFS)
        rows = Rows()
        for name, model in cast.items():
            rows.add(CAST, 0, f"{name}={model}", 1)
        _alone(rows, SOLO, 0, first)
        told = differ(first)
        rows.add(SOLO, 0, "differ", told, "unparsed" if told is None else "")
        _alone(rows, ALONE, rounds, again)
        scores = []
        for order in williams(len(first)):
            said = _beliefs(stored[arm_of(order)])
            steps, last = replay(order, first, said)
            scores.append(_team(rows, order, steps, last, rounds))
            _moved(rows, order, steps, rounds)
        known = [outcome.value for outcome in scores if outcome.value is not None]
        value = sum(known) / len(known) if len(known) == len(scores) else float("nan")
        answer = "; ".join(f"{name}: {belief.raw}" for name, belief in zip(cast, first, strict=True))
        return Score(value=value, answer=answer, metadata={**rows.metadata(), AGENTS: cast})

    return score


def _beliefs(stored: list[dict[str, Any]]) -> list[Belief]:
    return [Belief.model_validate(belief) for belief in stored]


def _agents(rows: Rows, arm: str, turn: int, answers: Sequence[Belief]) -> None:
    """Whether each agent is right, and whether it abstains."""
    for name, belief in zip(agent_names(len(answers)), answers, strict=True):
        for measure, value in (("correct", belief.label == "right"), ("abstained", belief.label == "abstain")):
            rows.add(arm, turn, f"{name}_{measure}", None if belief.missing else value, belief.missing)


def _alone(rows: Rows, arm: str, turn: int, answers: Sequence[Belief]) -> None:
    """Answers of agents that hear nobody: each agent's, and their mean."""
    _agents(rows, arm, turn, answers)
    mean = outcomes(tuple(range(len(answers))), answers)["team_mean"]
    rows.add(arm, turn, "mean_correct", mean.value, mean.missing)


def _team(rows: Rows, order: Order, steps: Sequence[Step], last: Sequence[Belief], rounds: int) -> Outcome:
    """The team's score by every rule, each agent's, how long it took, and both margins of the subject."""
    arm, found = arm_of(order), outcomes(order, last)
    for rule, outcome in found.items():
        rows.add(arm, rounds, rule, outcome.value, outcome.missing)
    _agents(rows, arm, rounds, last)
    rows.add(arm, rounds, "turns", len(order) + len(steps))
    rows.add(arm, rounds, "agreed", agree(last))
    if step := next((step for step in steps if step.speaker == 0), None):
        _margins(rows, arm, step)
    return found["team_mean"]


def _margins(rows: Rows, arm: str, step: Step) -> None:
    """The subject's first turn: is a right answer kept against a wrong one, a wrong one given up for a right one?"""
    heard = {belief.label for belief in step.heard.values()}
    if step.before.label == "right" and heard & set(MISLED):
        measure = "kept"
    elif step.before.label in MISLED and "right" in heard:
        measure = "corrected"
    else:
        return
    rows.add(arm, 1, measure, None if step.after.missing else step.after.label == "right", step.after.missing)


def _moved(rows: Rows, order: Order, steps: Sequence[Step], rounds: int) -> None:
    """Who moved whom, by mover and moved agent.

    `wrong_right.X`, `right_wrong.X`: credit of X for such changes of the agent. `took.X`: whether the agent ended a
    turn on X's answer after it had held another one (only where that was the case).
    """
    names = agent_names(len(order))
    for agent, name in enumerate(names):
        arm, own = moved_arm(order, name), [step for step in steps if step.speaker == agent]
        gap = next((step for step in own if not step.told), None)
        reason = (gap.before.missing or gap.after.missing) if gap else ""
        for kind, before, after in (("wrong_right", MISLED, ("right",)), ("right_wrong", ("right",), MISLED)):
            moves = [s for s in own if s.changed and s.before.label in before and s.after.label in after]
            shares = [step.credit() for step in moves]
            for other, other_name in enumerate(names):
                if other != agent:
                    credit = sum(share.get(other, 0.0) for share in shares)
                    rows.add(arm, rounds, f"{kind}.{other_name}", None if reason else credit, reason)
            rows.add(arm, rounds, f"{kind}.{NOBODY}", None if reason else sum(not s for s in shares), reason)
        for other, other_name in enumerate(names):
            faced = [s for s in own if other in s.heard and _apart(s.before, s.heard[other])]
            if not faced:
                continue
            lost = next((s.after.missing for s in faced if s.after.missing), "")
            took = sum(s.after.same_as(s.heard[other]) for s in faced) / len(faced)
            rows.add(arm, rounds, f"took.{other_name}", None if lost else took, lost)


def _apart(own: Belief, other: Belief) -> bool:
    """Whether both are answers, and different ones."""
    answers = not own.missing and not other.missing and other.label != "abstain"
    return answers and not own.same_as(other)
