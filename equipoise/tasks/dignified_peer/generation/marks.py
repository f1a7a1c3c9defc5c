"""Judges' votes as arrays: judges x responses x criteria for every dimension, and what follows from them.

A response meets a dimension if it meets all its criteria, and a mask if it meets all its dimensions. A judge that lacks
a vote on any of them has no value for the response: whether it would have been met is not known.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from equipoise.harness.cells import LOST
from equipoise.tasks.dignified_peer.dimensions import DIMENSIONS, NAMES, Dimension

Array = np.ndarray[Any, Any]

MAJORITY = "majority"
"""Name of the one judge of a panel that was merged by majority."""

OFF = "off_mask_"


def off_mask_measure(name: str) -> str:
    """Measure of the votes by a dimension outside the item's mask."""
    return f"{OFF}{name}"


@dataclass(frozen=True)
class Responses:
    """What was judged; one entry per log, item, epoch and arm.

    Attributes:
        item: Item codes.
        arm: Names of the arms.
        mask: Masks as text, `AT`.
    """

    item: Array
    arm: Array
    mask: Array

    def holds(self, dimension: str) -> Array:
        """Whether a dimension is in the mask, response by response."""
        return np.array([dimension in mask for mask in self.mask], dtype=bool)

    @cached_property
    def size(self) -> Array:
        """Number of dimensions in the mask."""
        return np.array([len(mask) for mask in self.mask], dtype=int)


@dataclass(frozen=True)
class Marks:
    """All votes of one model.

    Attributes:
        judges: Their names.
        responses: What they judged.
        criteria: Measure without the criterion (a dimension's name, or `off_mask_…`) -> names of the criteria.
        values: The same -> votes, shape (judges, responses, criteria); NaN = missing.
        asked: The same -> which judges were asked about which criteria at all, shape (judges, criteria).
        judged: The same -> whether anybody was asked about it, response by response; shape (responses,).
        lost: Arm -> item code and mask of the samples that ended with an error or at a limit.
    """

    judges: list[str]
    responses: Responses
    criteria: dict[str, list[str]]
    values: dict[str, Array]
    asked: dict[str, Array]
    judged: dict[str, Array]
    lost: dict[str, list[tuple[int, str]]]

    def expected(self, name: str, where: Array) -> Array:
        """Which votes there should be, shape (judges, responses, criteria).

        Args:
            name: A key of `values`.
            where: The responses that count, shape (responses,).
        """
        return np.asarray(self.asked[name][:, None, :] & where[None, :, None])

    def judging(self, name: str) -> Array:
        """Which judges were asked about any criterion, shape (judges,)."""
        return np.asarray(self.asked[name].any(axis=1))

    def meets(self, name: str) -> Array:
        """Whether all criteria are met that a judge was asked about, 0 or 1; shape (judges, responses).

        NaN if a vote on one of them is missing, whatever the others say.
        """
        votes, asked = self.values[name], self.asked[name][:, None, :]
        met = ((votes >= 1) | ~asked).all(axis=2)
        return np.where((np.isnan(votes) & asked).any(axis=2), np.nan, met)

    def meets_all(self, dimensions: Sequence[Dimension] = DIMENSIONS) -> tuple[Array, Array]:
        """Whether all of the mask's dimensions among the given ones are met, and which values there should be.

        Returns:
            0, 1 or NaN, and whether the mask has any of the dimensions and the judge was asked about all of them that
            it has; both of shape (judges, responses).
        """
        shape = len(self.judges), len(self.responses.mask)
        met, wanted, possible = np.ones(shape), np.zeros(shape[1], dtype=bool), np.ones(shape, dtype=bool)
        for dimension in dimensions:
            inside, name = self.responses.holds(dimension), NAMES[dimension]
            wanted |= inside
            if name not in self.values:
                possible &= ~inside[None, :]
                continue
            met = np.where(inside, met * self.meets(name), met)
            possible &= self.judging(name)[:, None] | ~inside[None, :]
        return met, wanted[None, :] & possible

    def merged(self) -> "Marks":
        """The panel as one judge: a criterion is met, or not, if more than half, or at least half, of it says so.

        The half is taken of all judges that were asked, so a missing vote can leave a criterion open (NaN).
        """
        values = {}
        for name, votes in self.values.items():
            met, failed = (votes >= 1).sum(axis=0), (votes < 1).sum(axis=0)
            half = self.asked[name].sum(axis=0) / 2
            values[name] = np.where(met > half, 1.0, np.where(failed >= half, 0.0, np.nan))[None, :, :]
        everything = {name: np.asarray(each.any(axis=0))[None, :] for name, each in self.asked.items()}
        return replace(self, judges=[MAJORITY] * bool(self.judges), values=values, asked=everything)

    def only(self, judge: str) -> "Marks":
        """The votes of one judge."""
        at = [self.judges.index(judge)]
        values = {name: votes[at] for name, votes in self.values.items()}
        asked = {name: each[at] for name, each in self.asked.items()}
        return replace(self, judges=[judge], values=values, asked=asked)


def marks_of(table: pd.DataFrame, item: Array) -> Marks:
    """The votes of a long table.

    Args:
        table: Rows of one task and one model.
        item: Item code of each row.
    """
    text = {name: _text(table, name) for name in ("log", "arm", "measure", "judge", "domain")}
    epoch = table["epoch"].to_numpy() if "epoch" in table else np.ones(len(table), dtype=int)
    there = text["measure"] != LOST
    keys = pd.MultiIndex.from_arrays([text["log"][there], item[there], epoch[there], text["arm"][there]])
    response, known = pd.factorize(keys)
    first = np.flatnonzero(there)[np.unique(response, return_index=True)[1]]
    responses = Responses(item[first], text["arm"][first], text["domain"][first])
    parts = pd.Series(text["measure"][there]).str.partition(".").to_numpy(dtype=object)
    voted = (text["judge"][there] != "") & (parts[:, 2] != "")
    judge, judges = pd.factorize(text["judge"][there][voted], sort=True)
    names, criteria = parts[voted, 0], parts[voted, 2]
    value, row = table["value"].to_numpy(dtype=float)[there][voted], response[voted]
    lost: dict[str, list[tuple[int, str]]] = {}
    for arm, code, mask in zip(text["arm"][~there], item[~there], text["domain"][~there], strict=True):
        lost.setdefault(arm, []).append((int(code), mask))
    found = Marks([str(name) for name in judges], responses, {}, {}, {}, {}, lost)
    for name in sorted(set(names)):
        own = names == name
        criterion, labels = pd.factorize(criteria[own], sort=True)
        votes = np.full((len(judges), len(known), len(labels)), np.nan)
        votes[judge[own], row[own], criterion] = value[own]
        found.criteria[name], found.values[name] = [str(label) for label in labels], votes
        asked = np.zeros((len(judges), len(labels)), dtype=bool)
        asked[judge[own], criterion] = True
        found.asked[name] = asked
        found.judged[name] = np.isin(np.arange(len(known)), row[own])
    return found


def _text(table: pd.DataFrame, name: str) -> Array:
    """A column as strings; empty ones if the table has no such column."""
    return table[name].astype(object).to_numpy() if name in table else np.full(len(table), "", dtype=object)
