"""New objects on a finished scale."""

import numpy as np
import pytest

from equipoise.errors import InputError
from equipoise.judges.irt import fit, simulate
from equipoise.judges.irt.scales.scoring import score_new


def split(simulation, new=2):
    table = simulation.ratings
    late = table["model"].isin(simulation.abilities.index[-new:])
    return table[~late], table[late]


def test_a_model_of_the_scale_gets_its_own_measure_back():
    old, _ = split(simulate(10, 20, 4, seed=1))
    found = fit(old, correct=False)
    one = found.measures.query("facet == 'model'").set_index("label")
    again = score_new(found, old[old["model"] == one.index[2]])
    assert again["measure"][0] == pytest.approx(one["measure"].iloc[2], abs=1e-8)
    assert again["infit"][0] == pytest.approx(one["infit"].iloc[2], abs=1e-8)


@pytest.mark.parametrize("scale", ["common", "item"])
def test_the_scale_hands_on_its_uncertainty(scale):
    """Delta method by hand: move every held parameter a little and watch the new measure."""
    old, new = split(simulate(8, 6, 3, categories=3, seed=4))
    found = fit(old, scale=scale, correct=False)
    part = found.parts[0]
    anchors = found.anchors().reset_index(drop=True)
    held = anchors.index[anchors["measure"].notna()]
    result = score_new(found, new)

    def measures(table):
        return (
            fit(new, scale=scale, anchors=table, correct=False).measures.query("facet == 'model'")["measure"].to_numpy()
        )

    slopes = []
    for row in held:
        moved = []
        for step in (1e-4, -1e-4):
            other = anchors.copy()
            other.loc[row, "measure"] += step
            moved.append(measures(other))
        slopes.append((moved[0] - moved[1]) / 2e-4)
    slopes = np.array(slopes)
    covariance = part.estimate.clusters
    place = {}
    for row in held:
        facet, label, category = anchors.loc[row, ["facet", "label", "category"]]
        place[row] = (facet, label, category)
    for at in range(len(result)):
        weights = [np.zeros(size) for size in part.ratings.sizes]
        steps = np.zeros(part.ratings.scores[:, 1:].shape)
        for slope, row in zip(slopes[:, at], held, strict=True):
            facet, label, category = place[row]
            if facet == "threshold":
                group = 0 if scale == "common" else part.ratings.facets[1].labels.index(label)
                steps[group, np.flatnonzero(part.ratings.scores[group] == category)[0] - 1] = slope
            else:
                f = part.names.index(facet)
                weights[f][part.ratings.facets[f].labels.index(label)] = slope
        assert result["se_scale"][at] == pytest.approx(np.sqrt(covariance.form(weights, steps)), rel=1e-5)
    assert (result["se_total"] == np.hypot(result["se_clustered"], result["se_scale"])).all()
    assert (result["high"] - result["measure"] > 1.96 * result["se_total"] - 1e-9).all()


def test_total_errors_cover_the_truth():
    """10 models make a small scale: with its share, (measure - truth) / error spreads like a t with many degrees."""
    z = []
    for seed in range(60):
        simulation = simulate(10, 40, 4, categories=4, seed=seed)
        old, new = split(simulation)
        found = score_new(fit(old), new)
        z.append((found["measure"].to_numpy() - simulation.abilities[found["model"]].to_numpy()) / found["se_total"])
    assert 0.85 < np.std(z) < 1.15


def test_by_column_and_name():
    old, new = split(simulate(8, 10, 3, seed=2))
    both = [table.assign(dimension=name) for table in (old, new) for name in ("a", "b")]
    import pandas as pd

    found = score_new(fit(pd.concat(both[:2])), pd.concat(both[2:]))
    assert list(found.columns[:2]) == ["dimension", "model"]
    assert found["dimension"].tolist() == ["a", "a", "b", "b"]
    assert found["measure"][0] == pytest.approx(found["measure"][2])


def test_an_unknown_judge_is_refused():
    old, new = split(simulate(8, 10, 3, seed=2))
    with pytest.raises(InputError, match="field 'judge': 'j3' is not on the scale"):
        score_new(fit(old[old["judge"] != "j3"]), new)


def test_a_marginal_fit_is_no_scale():
    old, new = split(simulate(8, 10, 3, seed=2))
    with pytest.raises(InputError, match="joint maximum likelihood"):
        score_new(fit(old, estimator="mml"), new)
