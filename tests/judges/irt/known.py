"""Readers of the reference data beside the checkout; a test that asks for a file that is not there is skipped."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from equipoise.judges.irt.engine.newton import Passes, newton, zero
from equipoise.judges.irt.engine.ratings import read_frame
from equipoise.judges.irt.engine.structure import Fixed, recentre, structure

DATA = Path(__file__).parents[3].parent / "shared" / "data" / "irt"

JUDGES = ["Avogadro", "Brahe", "Cavendish"]
PERSONS = ["Anne", "Betty", "Chris", "David", "Edward", "Fred", "George"]
TRAITS = ["Attack", "Basis", "Clarity", "Daring", "Enthusiasm"]


def path(name):
    found = DATA / name
    if not found.is_file():
        pytest.skip(f"no {name} beside the checkout")
    return found


def guilford():
    """Creativity: columns judge, person, trait (labels) and score 1-9; the specification's section 10.1."""
    table = pd.read_csv(path("guilford.csv"))
    for column, names in (("judge", JUDGES), ("person", PERSONS), ("trait", TRAITS)):
        table[column] = np.array(names)[table[column]]
    return table


def liking_for_science():
    """Columns child, act, score 0-2; child 2, whose score is perfect, is left out; section 10.2."""
    wide = pd.read_csv(path("lfs_wide.csv")).rename(columns={"PUPIL": "child"})
    table = wide.melt("child", var_name="act", value_name="score").astype(int)
    return table[table["child"] != 2].reset_index(drop=True)


def ministep():
    """Published expectation, variance, … of every rating but those of pupil 2; section 10.2."""
    table = pd.read_csv(path("lfs_sfxf_ministep375.csv"))
    return table[table["PUPIL"] != 2].reset_index(drop=True)


def ex10():
    """Columns person, rater, item (1-5) and score 0-1; section 10.3."""
    rows = pd.read_csv(path("ex10_compact.txt"), names=["person", "rater", "pattern"], dtype={"pattern": str})
    rows = rows.assign(score=rows["pattern"].map(list), item=[list(range(1, 6))] * len(rows))
    return rows.drop(columns="pattern").explode(["score", "item"], ignore_index=True).astype(int)


def hibayes():
    """Columns LLM, grader, score 0-8; section 10.4."""
    return pd.read_csv(path("hibayes_q2.csv"))


def solve(table, object, facets, score="score", floating=0):
    """Joint maximum likelihood without any correction: ratings, parameters, log-likelihood, free parameters."""
    ratings, _ = read_frame(table, object, facets, score)
    fixed = Fixed.nothing(ratings)
    shape = structure(ratings, fixed, floating=floating)
    found = newton(ratings, shape, zero(ratings, fixed), Passes())
    assert found.converged
    return ratings, recentre(found.parameters, shape), found.log_likelihood, shape.free_parameters
