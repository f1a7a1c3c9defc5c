"""Ratings drawn from the many-facet rating scale model with known truths: for tests, recovery and power studies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from equipoise.errors import InputError
from equipoise.judges.irt.engine.ratings import Array, Codes, Mask, blocks

CHUNK = 1 << 15  # ratings drawn at a time; the draws do not depend on it

Design = Literal["cells", "responses"]
Adversary = Literal["constant", "random", "reversed"]
Columns = tuple[Codes, Codes, Codes]
"""Model, item and judge of each rating, sorted by the three."""


@dataclass(frozen=True)
class Simulation:
    """Ratings and the parameters they were drawn from, all in logits and indexed by label.

    Attributes:
        ratings: Columns `model`, `item`, `judge` (categoricals) and `score` (int8, 0 .. K-1), sorted by the three.
        abilities: One per model, not centred.
        difficulties: One per item, mean 0.
        severities: One per judge, mean 0 over the judges who follow the model; NaN for an adversary, who has none.
        thresholds: tau_1 .. tau_{K-1}, mean 0, indexed by the category they lead to.
        slopes: One per judge, geometric mean 1 and NaN likewise; None without `slope_sd`.
        biases: One per (model, judge), added to eta; None without `bias`.
        response_effects: One per (model, item) rated, added to eta; None without `response_sd`.
    """

    ratings: pd.DataFrame
    abilities: "pd.Series[float]"
    difficulties: "pd.Series[float]"
    severities: "pd.Series[float]"
    thresholds: "pd.Series[float]"
    slopes: "pd.Series[float] | None" = None
    biases: "pd.Series[float] | None" = None
    response_effects: "pd.Series[float] | None" = None


def simulate(
    models: int,
    items: int,
    judges: int,
    categories: int = 5,
    ratings: int | None = None,
    *,
    design: Design = "cells",
    sd_ability: float = 1.0,
    sd_difficulty: float = 1.0,
    sd_severity: float = 0.5,
    thresholds: float | Sequence[float] = 1.5,
    response_sd: float = 0.0,
    slope_sd: float = 0.0,
    bias: float | Mapping[tuple[str, str], float] = 0.0,
    adversary: Adversary | None = None,
    seed: int = 0,
) -> Simulation:
    """Draw ratings of models by judges on items.

        log P_k / P_{k-1} = a_j (theta_m - delta_i - sev_j + b_mj + u_mi) - tau_k,  k = 1 .. K-1

    with theta, delta, sev, b, u and log a normal. Without the options a = 1 and b = u = 0: the model that `fit`
    assumes. With them it shows what a wrong assumption costs, for example how many responses a comparison needs when
    the judges of one response share what is good about it:

        made = simulate(20, 100, 3, ratings=3000, design="responses", response_sd=0.5, seed=1)

    Every model gets the same number of ratings, or one more for the first ones if `ratings` does not divide; which
    items and judges is drawn without replacement within the model. Each part of the truth has a random stream of its
    own, so that two designs with the same seed and numbers of elements have the same models, items and judges.
    Memory is about 8 bytes per rating (10 from 32,768 models), and 15 more per response with `response_sd`, whatever
    the number of categories.

    Args:
        models: Number of models, labels `m1` .. with zeros in front (`m001` .. `m100`), so that they sort.
        items: Number of items, labels `i1` ..
        judges: Number of judges, labels `j1` ..
        categories: K, from 2 to 127.
        ratings: Number of ratings; None = every judge rates every model on every item.
        design: What is drawn if `ratings` is given: single "cells" (model, item, judge), or "responses" (model, item),
            each rated by every judge; then `ratings` is a multiple of `judges`.
        sd_ability: Of theta, logits.
        sd_difficulty: Of delta, logits, before centring.
        sd_severity: Of sev, logits, before centring.
        thresholds: Even steps from minus to plus this number, or tau_1 .. tau_{K-1} themselves, which are centred.
        response_sd: Of u, the quality of one response beyond its model and item, shared by its judges.
        slope_sd: Of log a, centred over judges: how differently judges spread their scores.
        bias: Standard deviation of b, logits, before centring over the models of each judge and the judges of each
            model; or b of some (model, judge), left as given. Above 0 = in the model's favour.
        adversary: What the last judge does instead: always gives category K // 2 ("constant"), deals all categories
            with equal chances ("random"), or turns the scale of an honest rating round ("reversed").
        seed: Whole number from 0; the same arguments give the same ratings.

    Raises:
        InputError: A number is out of its range, or there are fewer ratings than models or more than cells.

    References:
        Andrich (1978), Psychometrika 43, 561-573 (rating scale); Linacre (1989), Many-Facet Rasch Measurement, MESA
        Press; Uto & Ueno (2020), Behaviormetrika 47, 469-496 (slopes of raters).
    """
    sizes = {"models": models, "items": items, "judges": judges}
    _check_sizes(sizes, categories, ratings, design, adversary)
    spreads = {"sd_ability": sd_ability, "sd_difficulty": sd_difficulty, "sd_severity": sd_severity}
    _check_spreads({**spreads, "response_sd": response_sd, "slope_sd": slope_sd})
    streams = [np.random.default_rng(part) for part in np.random.SeedSequence(seed).spawn(9)]
    indexes = [_labels(name, size) for name, size in sizes.items()]
    honest = judges - (adversary is not None)

    ability = streams[0].normal(0, sd_ability, models)
    difficulty = _centred(streams[1].normal(0, sd_difficulty, items))
    severity = _centred(streams[2].normal(0, sd_severity, judges), honest)
    slope = np.exp(_centred(streams[3].normal(0, slope_sd, judges), honest))
    favour = _biases(bias, indexes[0], indexes[2], honest, streams[4])
    tau = _thresholds(thresholds, categories)

    columns = _cells(models, items, judges, ratings, design, streams[5])
    effects = _response_effects(columns, response_sd, streams[6]) if response_sd else None
    score = np.empty(len(columns[0]), dtype=np.int8)
    responses = 0
    for rows in blocks(len(score), CHUNK):
        model, item, judge = (codes[rows] for codes in columns)
        eta = ability[model] - difficulty[item] - severity[judge]
        if favour is not None:
            eta += favour[model, judge]
        if effects is not None:
            response = responses - 1 + np.cumsum(_starts(columns, rows))
            eta += effects[response]
            responses = int(response[-1]) + 1
        drawn = _draw(slope[judge] * eta, tau, streams[7])
        if adversary is not None:
            _misuse(drawn, judge == honest, adversary, categories, streams[8])
        score[rows] = drawn

    severity[honest:] = slope[honest:] = np.nan
    return Simulation(
        ratings=_table(columns, indexes, score),
        abilities=pd.Series(ability, indexes[0], name="ability"),
        difficulties=pd.Series(difficulty, indexes[1], name="difficulty"),
        severities=pd.Series(severity, indexes[2], name="severity"),
        thresholds=pd.Series(tau, pd.RangeIndex(1, categories, name="category"), name="threshold"),
        slopes=pd.Series(slope, indexes[2], name="slope") if slope_sd else None,
        biases=None if favour is None else _by_pair(favour, indexes[0], indexes[2]),
        response_effects=None if effects is None else _by_response(effects, columns, indexes),
    )


def _check_sizes(
    sizes: Mapping[str, int], categories: int, ratings: int | None, design: str, adversary: str | None
) -> None:
    for name, size in sizes.items():
        if size < 1:
            raise InputError(f"expected 1 or more, found {size}", field=name)
    if not 2 <= categories <= 127:
        raise InputError(f"expected 2 to 127, found {categories}", field="categories")
    if design not in get_args(Design):
        raise InputError(f"expected one of {', '.join(get_args(Design))}, found '{design}'", field="design")
    if adversary is not None and adversary not in get_args(Adversary):
        raise InputError(f"expected one of {', '.join(get_args(Adversary))}, found '{adversary}'", field="adversary")
    if adversary is not None and sizes["judges"] < 2:
        raise InputError("expected 2 judges or more with an adversary", field="judges")
    if ratings is None:
        return
    each, cells = (sizes["judges"] if design == "responses" else 1), int(np.prod(list(sizes.values()), dtype=object))
    if ratings % each or not sizes["models"] * each <= ratings <= cells:
        multiple = f"a multiple of {each} " if each > 1 else ""
        raise InputError(
            f"expected {multiple}from {sizes['models'] * each} to {cells}, found {ratings}", field="ratings"
        )


def _check_spreads(spreads: Mapping[str, float]) -> None:
    for name, value in spreads.items():
        if not 0 <= value < np.inf:
            raise InputError(f"expected a standard deviation in logits, 0 or above, found {value}", field=name)


def _labels(name: str, size: int) -> pd.Index:
    """`m01` .. `m10`: as wide as the last one needs, so that sorting keeps the order."""
    width = len(str(size))
    return pd.Index([f"{name[0]}{number:0{width}}" for number in range(1, size + 1)], name=name[:-1])


def _centred(values: Array, number: int | None = None) -> Array:
    """Values minus the mean of the first `number` of them."""
    centred: Array = values - values[:number].mean()
    return centred


def _thresholds(thresholds: float | Sequence[float], categories: int) -> Array:
    if isinstance(thresholds, int | float):
        tau = np.linspace(-thresholds, thresholds, categories - 1)
    else:
        tau = np.asarray(thresholds, dtype=float)
    if tau.shape != (categories - 1,) or not np.isfinite(tau).all():
        raise InputError(f"expected a number or {categories - 1} numbers, found {thresholds}", field="thresholds")
    return _centred(tau)


def _biases(
    bias: float | Mapping[tuple[str, str], float],
    models: pd.Index,
    judges: pd.Index,
    honest: int,
    random: np.random.Generator,
) -> Array | None:
    """b, shape (models, judges); None = there is none."""
    favour = np.zeros((len(models), len(judges)))
    if isinstance(bias, Mapping):
        for (model, judge), value in bias.items():
            if model not in models or judge not in judges:
                raise InputError(f"no such pair of model and judge: {model}, {judge}", field="bias")
            favour[models.get_loc(model), judges.get_loc(judge)] = value
        return favour if bias else None
    _check_spreads({"bias": bias})
    if not bias:
        return None
    if len(models) < 2 or honest < 2:
        raise InputError("expected 2 models and 2 judges or more, since biases are centred over both", field="bias")
    drawn = random.normal(0, bias, favour.shape)[:, :honest]
    favour[:, :honest] = drawn - drawn.mean(0) - drawn.mean(1, keepdims=True) + drawn.mean()
    return favour


def _cells(
    models: int, items: int, judges: int, ratings: int | None, design: Design, random: np.random.Generator
) -> Columns:
    """Which judge rates which model on which item, drawn model by model: nothing here is as long as all cells."""
    each = judges if design == "responses" else 1
    universe = items * judges // each
    total = models * universe if ratings is None else ratings // each
    drawn = np.full(models, total // models)
    drawn[: total % models] += 1
    last = np.arange(each)
    ends = np.cumsum(drawn) * each
    columns = tuple(np.empty(total * each, dtype=_code_type(size)) for size in (models, items, judges))
    columns[0][:] = np.repeat(np.arange(models, dtype=columns[0].dtype), drawn * each)
    for number, end in zip(drawn, ends, strict=True):
        chosen = np.sort(random.choice(universe, number, replace=False, shuffle=False))
        cell = (chosen[:, None] * each + last).ravel()
        columns[1][end - len(cell) : end], columns[2][end - len(cell) : end] = np.divmod(cell, judges)
    return columns[0], columns[1], columns[2]


def _code_type(size: int) -> type[np.signedinteger]:
    return np.int16 if size <= np.iinfo(np.int16).max else np.int32


def _starts(columns: Columns, rows: slice) -> Mask:
    """Whether a rating is the first one of its response: rows are sorted, so it differs from the one before."""
    first = np.ones(rows.stop - rows.start, dtype=bool)
    known = rows.start == 0  # the very first rating has none before it
    model, item = (codes[max(rows.start - 1, 0) : rows.stop] for codes in columns[:2])
    first[int(known) :] = (model[1:] != model[:-1]) | (item[1:] != item[:-1])
    return first


def _response_effects(columns: Columns, deviation: float, random: np.random.Generator) -> NDArray[np.float32]:
    """The effect u of each response, in the order of the rows."""
    number = sum(int(_starts(columns, rows).sum()) for rows in blocks(len(columns[0]), CHUNK))
    return random.standard_normal(number, dtype=np.float32) * np.float32(deviation)


def _draw(eta: Array, tau: Array, random: np.random.Generator) -> NDArray[np.int8]:
    """One category each by the inverse of the distribution function; P_k proportional to exp(k eta - sum_{l<=k} tau_l).

    Args:
        eta: Shape (n,), logits.
        tau: Shape (K-1,), logits.
        random: One uniform number per rating is drawn from it.
    """
    power = np.arange(len(tau) + 1)[:, None] * eta - np.concatenate(([0], np.cumsum(tau)))[:, None]
    power -= power.max(axis=0)
    cumulative = np.cumsum(np.exp(power, out=power), axis=0)
    threshold = random.random(len(eta)) * cumulative[-1]
    category: NDArray[np.int8] = (threshold >= cumulative[:-1]).sum(axis=0, dtype=np.int8)
    return category


def _misuse(
    score: NDArray[np.int8], his: Mask, adversary: Adversary, categories: int, random: np.random.Generator
) -> None:
    """The adversary's ratings instead of honest ones, in place."""
    if adversary == "constant":
        score[his] = categories // 2
    elif adversary == "reversed":
        score[his] = categories - 1 - score[his]
    else:
        score[his] = np.floor(random.random(int(his.sum())) * categories)


def _table(columns: Columns, indexes: Sequence[pd.Index], score: NDArray[np.int8]) -> pd.DataFrame:
    parts = {
        str(index.name): pd.Categorical.from_codes(codes, dtype=pd.CategoricalDtype(index, ordered=False))
        for codes, index in zip(columns, indexes, strict=True)
    }
    return pd.DataFrame({**parts, "score": score}, copy=False)


def _by_pair(favour: Array, models: pd.Index, judges: pd.Index) -> "pd.Series[float]":
    return pd.Series(favour.ravel(), pd.MultiIndex.from_product([models, judges]), name="bias")


def _by_response(effects: NDArray[np.float32], columns: Columns, indexes: Sequence[pd.Index]) -> "pd.Series[float]":
    """Labelled by (model, item); the labels stay codes."""
    first = [(rows, _starts(columns, rows)) for rows in blocks(len(columns[0]), CHUNK)]
    codes = [np.concatenate([part[rows][start] for rows, start in first]) for part in columns[:2]]
    levels = list(indexes[:2])
    index = pd.MultiIndex(levels, codes, names=["model", "item"], verify_integrity=False)  # type: ignore[arg-type]
    return pd.Series(effects, index, name="response_effect", copy=False)
