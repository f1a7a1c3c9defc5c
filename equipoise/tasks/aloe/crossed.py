"""The long table of ALOE as arrays: votes by judge and dialogue, complete dialogues, cases of a crossed design."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from equipoise.harness.cells import LOST
from equipoise.harness.stats.twoway import TwoWay
from equipoise.tasks.aloe.curves import complete, whole

Array = np.ndarray[Any, Any]


class Quantity(NamedTuple):
    """Something that every case has a value of at every turn, with the votes behind it.

    Attributes:
        cases: Shape (cases, turns); all turns NaN where a case was dropped.
        votes: Votes behind one turn of each case, shape (cases,).
        missing: Votes without a value, by turn.
        dropped: Share of the dialogues that are in no case, 0 to 1.
    """

    cases: Array
    votes: Array
    missing: Array
    dropped: float = 0.0

    def minus(self, other: "Quantity") -> "Quantity":
        """The difference, over the cases that have both."""
        dropped = max(self.dropped, other.dropped)
        return Quantity(self.cases - other.cases, self.votes + other.votes, self.missing + other.missing, dropped)


@dataclass(frozen=True)
class Votes:
    """All votes on one measure in one arm.

    Attributes:
        judges: Their names; a judge with several prompts (rubric versions) counts as several.
        values: Shape (judges, dialogues, turns); NaN = missing.
        present: Which dialogues the arm has, shape (dialogues,), lost ones included.
    """

    judges: list[str]
    values: Array
    present: Array

    @property
    def panel(self) -> list[str]:
        """Judges with at least one complete dialogue; the others cannot rate any case."""
        return [judge for judge, values in zip(self.judges, self.values, strict=True) if whole(values).any()]

    def scores(self, judges: list[str]) -> Array:
        """Mean over judges, by dialogue and turn; NaN in all turns where one of the judges lacks a turn.

        Averaging judges before the epochs of a case keeps every turn and judge on the same dialogues.
        """
        if not judges:
            return np.full(self.values.shape[1:], np.nan)
        return np.asarray(complete(self._chosen(judges)).mean(axis=0))

    def dropped(self, judges: list[str]) -> tuple[int, int]:
        """Dialogues without a complete score, and all dialogues."""
        return int((self.present & ~whole(self.scores(judges))).sum()), int(self.present.sum())

    def missing(self, judges: list[str]) -> Array:
        """Votes that the arm's dialogues should have and have not, by turn; one each where no judge is known."""
        chosen = self._chosen(judges)
        return np.asarray(max(len(chosen), 1) * self.present.sum() - np.isfinite(chosen).sum(axis=(0, 1)))

    def _chosen(self, judges: list[str]) -> Array:
        return self.values[[self.judges.index(judge) for judge in judges]]


class Crossed:
    """One model's dialogues of equal length.

    A dialogue is one repeat (epoch) of a case in one log. Where a judge lacks any of a dialogue's turns, all of them
    leave; a case is the mean of its complete dialogues.

    Args:
        table: Rows of one task and model.
        turns: Turns of a dialogue, at least 1.
        draws: Bootstrap draws; 0 = none.
        seed: Their seed.

    Attributes:
        turns: As above.
        profile: Code of each case's profile, shape (cases,).
        two_way: The draws over profiles and personalities that all quantities share.
        arms: Names of the arms, sorted.
    """

    def __init__(self, table: pd.DataFrame, turns: int, draws: int, seed: int) -> None:
        self.turns = turns
        text = {name: _text(table, name) for name in ("item", "log", "arm", "measure", "judge", "judge_prompt_hash")}
        epoch = table["epoch"].to_numpy() if "epoch" in table else np.ones(len(table), dtype=int)
        runs = pd.MultiIndex.from_arrays([text["item"], text["log"], epoch])
        self._dialogue, dialogues = pd.factorize(runs, sort=True)
        self._case, cases = pd.factorize(dialogues.get_level_values(0), sort=True)
        halves = zip(*(str(case).partition(".")[::2] for case in cases), strict=True)
        self.profile, personality = (pd.factorize(np.array(names, dtype=object), sort=True)[0] for names in halves)
        self.two_way = TwoWay(self.profile, personality, draws, seed)
        self._turn = table["turn"].to_numpy()
        self._value = table["value"].to_numpy(dtype=float)
        self._judge = _judges(text["measure"], text["judge"], text["judge_prompt_hash"])
        cells: Any = pd.DataFrame({"arm": text["arm"], "measure": text["measure"]}).groupby(["arm", "measure"]).indices
        self._cells: dict[tuple[str, str], Array] = {(str(arm), str(name)): rows for (arm, name), rows in cells.items()}
        self.arms = sorted({arm for arm, _ in self._cells})

    def measured(self, arm: str, measure: str) -> bool:
        """Whether the arm has a measure."""
        return (arm, measure) in self._cells

    def lost(self, arm: str) -> bool:
        """Whether every sample of the arm ended with an error or at a limit."""
        return all(measure == LOST for known, measure in self._cells if known == arm)

    def votes(self, arm: str, measure: str) -> Votes:
        """The arm's votes on a measure; of no judge if there are none."""
        rows = self._cells.get((arm, measure), np.empty(0, dtype=int))
        rows = rows[self._turn[rows] >= 1]  # turn 0 is before the first reply
        codes, judges = pd.factorize(self._judge[rows], sort=True)
        values = np.full((len(judges), len(self._case), self.turns), np.nan)
        values[codes, self._dialogue[rows], self._turn[rows] - 1] = self._value[rows]
        present = np.zeros(len(self._case), dtype=bool)
        present[self._dialogue[np.concatenate([own for (name, _), own in self._cells.items() if name == arm])]] = True
        return Votes([str(judge) for judge in judges], values, present)

    def panel(self, votes: Votes) -> Quantity:
        """The panel's ratings; the votes of judges who are not in it count as missing."""
        return self.ratings(votes, votes.panel)._replace(missing=votes.missing(votes.judges))

    def ratings(self, votes: Votes, judges: list[str]) -> Quantity:
        """The mean rating by some judges."""
        lost, dialogues = votes.dropped(judges)
        found = self._quantity(votes.scores(judges), len(judges), votes.missing(judges))
        return found._replace(dropped=lost / max(dialogues, 1))

    def paired(self, left: Votes, right: Votes, judges: list[str]) -> Quantity:
        """The same judges' ratings of the same dialogues, left - right."""
        difference = left.scores(judges) - right.scores(judges)
        return self._quantity(difference, 2 * len(judges), left.missing(judges) + right.missing(judges))

    def _quantity(self, scores: Array, votes: int, missing: Array) -> Quantity:
        """Complete dialogues averaged within the case."""
        there, size = whole(scores), len(self.profile)
        sums = np.zeros((size, self.turns))
        np.add.at(sums, self._case[there], scores[there])
        counts = np.bincount(self._case[there], minlength=size)
        with np.errstate(invalid="ignore"):
            return Quantity(sums / counts[:, None], counts * votes, missing)


def shared_panel(votes: Iterable[Votes]) -> list[str]:
    """Judges who are in every panel: what is compared is rated by the same ones, so their severity cancels."""
    first, *others = (each.panel for each in votes)
    return [judge for judge in first if all(judge in other for other in others)]


def _judges(measure: Array, judge: Array, prompt: Array) -> Array:
    """Judges by name, with the prompt's hash behind it where one was asked with several prompts for a measure."""
    votes = pd.DataFrame({"measure": measure, "judge": judge, "prompt": prompt})
    prompts = votes.groupby(["measure", "judge"])["prompt"].transform("nunique").to_numpy()
    return np.where(prompts > 1, judge + "#" + prompt, judge)


def _text(table: pd.DataFrame, name: str) -> Array:
    """A column as strings; empty ones if the table has no such column."""
    return table[name].astype(object).to_numpy() if name in table else np.full(len(table), "", dtype=object)
