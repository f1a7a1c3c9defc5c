"""`fit`: from a long table of ratings to measures that do not depend on who judged what."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from equipoise.errors import InputError
from equipoise.judges.irt.calibration import Calibration
from equipoise.judges.irt.engine.extremes import set_aside
from equipoise.judges.irt.engine.newton import TOLERANCE
from equipoise.judges.irt.engine.passes import Engine, passes
from equipoise.judges.irt.engine.ratings import COMMON, read_frame
from equipoise.judges.irt.engine.structure import Fixed
from equipoise.judges.irt.estimate import Estimator, joint, population
from equipoise.judges.irt.result import RaschFit
from equipoise.judges.irt.scales.anchors import check_anchors, fixed, of_part, on_scale

Progress = Callable[[str, int, float, float], None]  # value of the by-column, iteration, log-likelihood, largest step
BY = "dimension"


def fit(
    ratings: pd.DataFrame,
    object: str = "model",
    facets: Sequence[str] = ("item", "judge"),
    score: str = "score",
    scale: str = COMMON,
    by: str | None = BY,
    response: str | Sequence[str] | None = None,
    weights: str | None = None,
    anchors: pd.DataFrame | None = None,
    estimator: Estimator = "jml",
    floating: str | None = None,
    slopes: str | None = None,
    correct: bool = True,
    engine: Engine = "auto",
    tolerance: float = TOLERANCE,
    progress: Progress | None = None,
) -> RaschFit:
    """Many-facet Rasch measures of objects, items, judges and whatever else moves a rating.

    log P_k / P_{k-1} = b_object - b_item - b_judge - … - tau_k: adjacent categories, Linacre (1989), Many-Facet Rasch
    Measurement; rating scale model with `scale="common"` (Andrich 1978), partial credit for a scale per item (Masters
    1982), both dichotomous with two categories. Measures are in logits. Every facet but the floating one sums to
    zero, and so do the thresholds of every scale group.

    Two standard errors are told. The model's is too small where the judges of one response share its quality, which is
    the rule with LLM judges; the clustered one is not, and intervals use it.

    Args:
        ratings: One row per rating.
        object: Column of what is measured; higher measure = higher scores.
        facets: Columns of what else moves a score, items first, judges last; higher measure = lower scores.
        score: Column of whole numbers from 0; NaN = missing, left out and counted. Unused categories are closed up.
        scale: "common", or the facet whose elements have thresholds of their own.
        by: Column whose values are fitted apart; the default is passed over if the table has no such column.
        response: Column(s) that name what was rated; by default object and first facet.
        weights: Column of weights above 0; a rating of weight 2 counts as two.
        anchors: Table as `RaschFit.anchors()` returns and `read_anchors` reads: what must not move.
        estimator: "jml" (joint maximum likelihood), or "mml" (marginal, objects from a normal distribution) for fewer
            than some 30 ratings per object.
        floating: The facet whose mean is free; by default the object.
        slopes: Facet (the judges) whose elements differ in how sharply they tell good from bad: log P_k / P_{k-1} =
            a eta - tau_k, log a with a normal prior of sd .5. Not a Rasch model any more: measures depend on which
            judges discriminate. Joint estimation only.
        correct: Multiply joint estimates by 1 - P/N, which takes out most of their bias.
        engine: "numpy", "numba" (extra `fast`), or "auto".
        tolerance: Largest last step, in logits.
        progress: Called after every iteration.

    Raises:
        InputError: A column is missing or malformed, there is nothing to compare (no rows, one category, extreme
            scores only), or an anchor does not fit.

    Example:
        >>> import pandas as pd
        >>> from equipoise.judges.irt import fit
        >>> scores = [3, 2, 1, 2, 4, 3, 2, 3, 3, 1, 1, 2]
        >>> cells = [(m, i, j) for m in "AB" for i in "pqr" for j in "xy"]
        >>> table = pd.DataFrame(cells, columns=["model", "item", "judge"]).assign(score=scores)
        >>> found = fit(table)
        >>> found.measures.query("facet == 'judge'")["label"].tolist()
        ['x', 'y']
    """
    if by == BY and by not in ratings.columns:
        by = None
    names = (object, *facets)
    if floating is not None and floating not in names:
        raise InputError(f"expected one of {', '.join(names)}, found '{floating}'", field="floating")
    if estimator not in ("jml", "mml"):
        raise InputError(f"expected jml or mml, found '{estimator}'", field="estimator")
    if slopes is not None and (slopes not in names or estimator != "jml"):
        raise InputError(f"expected one of {', '.join(names)} under estimator jml, found '{slopes}'", field="slopes")
    if anchors is not None:
        check_anchors(anchors)
    found = []
    for value, table in _split(ratings, by):
        try:
            arrays, missing = read_frame(table, object, facets, score, scale, weights, response)
            own = None if anchors is None else of_part(anchors, by, value, names)
            if own is not None:
                arrays = on_scale(arrays, own)
            held = Fixed.nothing(arrays) if own is None else fixed(own, arrays)
            # A posterior mean is finite at an extreme score, so marginal estimation keeps extreme objects.
            aside = None if estimator == "jml" else range(1, len(names))
            kept, extremes = set_aside(arrays, held, aside)
            held = Fixed.nothing(kept) if own is None else fixed(own, kept)
            if own is not None and len(own) and not held.anything:
                raise InputError("none of the anchors is an element or a threshold of these ratings", field="anchors")
            floats = 0 if floating is None else names.index(floating)
            sloped = None if slopes is None else names.index(slopes)
            tell = None if progress is None else _named(progress, value)
            if estimator == "jml":
                estimate = joint(kept, held, floats, passes(engine, len(kept)), correct, tolerance, tell, sloped)
            else:
                estimate = population(kept, held, floats, tolerance, tell)
        except InputError as error:
            if by is None:
                raise
            raise InputError(f"{by} '{value}': {error.message}", path=error.path, field=error.field) from None
        found.append(Calibration(value, estimate, arrays, extremes, held, missing))
    settings = {
        "object": object,
        "facets": list(facets),
        "score": score,
        "scale": scale,
        "by": by,
        "response": response,
        "weights": weights,
        "estimator": estimator,
        "floating": floating or object,
        "slopes": slopes,
        "correct": correct,
        "engine": engine,
        "tolerance": tolerance,
    }
    return RaschFit(tuple(found), by, settings)


def _split(ratings: pd.DataFrame, by: str | None) -> list[tuple[str, pd.DataFrame]]:
    """The table apart by one column's values, sorted."""
    if by is None:
        return [("", ratings)]
    if by not in ratings.columns:
        raise InputError(f"no such column; the table has {', '.join(map(str, ratings.columns))}", field=by)
    if ratings[by].isna().any():
        row = int(np.flatnonzero(ratings[by].isna().to_numpy())[0])
        raise InputError(f"row {row} is empty", field=by)
    if ratings.empty:
        raise InputError("holds no ratings: expected one row per rating")
    return [(str(value), part) for value, part in ratings.groupby(by, observed=True, sort=True)]


def _named(progress: Progress, value: str) -> Callable[[int, float, float], None]:
    def tell(iteration: int, log_likelihood: float, largest_step: float) -> None:
        progress(value, iteration, log_likelihood, largest_step)

    return tell
