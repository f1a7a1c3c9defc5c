"""PyPI mirt 1.2.0, many-facet rating scale model by marginal maximum likelihood, in its own environment.

    DIR/mirt/bin/python benchmarks/irt_peers/mirt_peer.py RATINGS RESULT [--nodes 0] [--iterations 500] [--runs 1]

Files: `exchange.py`. Any number of categories and judges. `abilities` are EAPs; `--nodes 0` leaves the grid to it (41
to 401 nodes). `ability_errors` (posterior SD), `difficulty_errors`, `severity_errors`, `sigma`, `log_likelihood`,
`iterations`, `converged` and `nodes` are its own words.
"""

import warnings

import numpy as np
from exchange import arguments, by_label, read, timed, write

VERSION = "1.2.0"


def packed(model: np.ndarray, values: np.ndarray, rows: int, missing: int) -> np.ndarray:
    """One row per model, its ratings from the left, `missing` after the last."""
    counts = np.bincount(model, minlength=rows)
    order = np.argsort(model, kind="stable")
    place = np.arange(len(model)) - np.repeat(np.cumsum(counts) - counts, counts)
    table = np.full((rows, counts.max()), missing)
    table[model[order], place] = values[order]
    return table


def main() -> None:
    options = arguments(__doc__, nodes=0, iterations=500)
    labels, codes, score = read(options.ratings)

    from mirt.estimation import fit_mfrm
    from mirt.models import Facet, ManyFacetRaschModel, PolytomousMFRM

    rows, items, categories = len(labels["model"]), len(labels["item"]), int(score.max()) + 1
    facets = [Facet("judge", len(labels["judge"]))] if len(labels["judge"]) > 1 else []
    scores, item, judge = (
        packed(codes["model"], values, rows, missing)
        for values, missing in ((score, -1), (codes["item"], 0), (codes["judge"], 0))
    )

    def fit():
        model = PolytomousMFRM(items, categories, facets) if categories > 2 else ManyFacetRaschModel(items, facets)
        return fit_mfrm(
            model, scores, {"judge": judge} if facets else None, item_indices=item,
            n_quadpts=options.nodes or None, max_iter=options.iterations,
        )  # fmt: skip

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fitted, measured = timed(fit, options.runs)
    thresholds = [0.0] if fitted.thresholds is None else np.asarray(fitted.thresholds).ravel()
    write(
        options.result,
        {
            "peer": "mirt",
            "version": VERSION,
            "options": {name: getattr(options, name) for name in ("nodes", "iterations")},
            "ratings": len(score),
            **measured,
            "abilities": by_label(labels["model"], fitted.theta),
            "difficulties": by_label(labels["item"], fitted.item_difficulty),
            "severities": by_label(labels["judge"], fitted.facet_parameters["judge"]) if facets else None,
            "thresholds": by_label([str(k) for k in range(1, categories)], thresholds),
            "ability_errors": by_label(labels["model"], fitted.theta_se),
            "difficulty_errors": by_label(labels["item"], fitted.item_se),
            "severity_errors": by_label(labels["judge"], fitted.facet_se["judge"]) if facets else None,
            "sigma": fitted.sigma,
            "log_likelihood": fitted.log_likelihood,
            "iterations": fitted.n_iterations,
            "converged": fitted.converged,
            "nodes": fitted.n_quadpts,
            "warnings": sorted({str(warning.message) for warning in caught}),
        },
    )


if __name__ == "__main__":
    main()
