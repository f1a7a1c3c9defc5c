"""The same numbers as R: VGAM (joint maximum likelihood) and lme4 (marginal), from the files in `golden`.

And as logistic regression with a dummy per model, item and judge, which is what the dichotomous model is: statsmodels
would fit the same; the likelihood is written out here and handed to scipy.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.special import expit

from equipoise.judges.irt import fit

GOLDEN = Path(__file__).parent / "golden"
ORDINAL, BINARY = (pd.read_csv(GOLDEN / f"{name}.csv") for name in ("ordinal", "binary"))


def said(name):
    return json.loads((GOLDEN / name).read_text(encoding="utf-8"))


def by_element(table):
    return table.set_index(["facet", "label"])[["measure", "se"]]


@pytest.mark.parametrize(("name", "scale"), [("vglm_common.json", "common"), ("vglm_by_judge.json", "judge")])
def test_vgam(name, scale):
    """Measures, thresholds, their full standard errors and the log-likelihood, without the correction for bias."""
    golden = said(name)
    found = fit(ORDINAL, scale=scale, correct=False)
    estimate = found.parts[0].estimate
    assert estimate.log_likelihood == pytest.approx(golden["log_likelihood"], abs=1e-6)
    assert estimate.free_parameters == golden["parameters"]
    wanted = by_element(pd.DataFrame(golden["measures"]))
    ours = by_element(found.measures)
    assert len(wanted) == len(ours) == 23
    assert ours.loc[wanted.index].to_numpy() == pytest.approx(wanted.to_numpy(), abs=1e-6)
    steps = pd.DataFrame(golden["thresholds"])
    thresholds = found.thresholds.dropna(subset=["threshold"])
    assert thresholds["scale"].tolist() == steps["group"].tolist()
    assert thresholds["category"].tolist() == steps["category"].tolist()
    assert thresholds["threshold"].to_numpy() == pytest.approx(steps["tau"].to_numpy(), abs=1e-6)
    assert thresholds["se"].to_numpy() == pytest.approx(steps["se"].to_numpy(), abs=1e-6)


def test_lme4():
    """Marginal: items, judges, sigma, log-likelihood and errors; models with extreme scores stay."""
    golden = said("glmer.json")
    found = fit(BINARY, estimator="mml", floating="item")
    estimate = found.parts[0].estimate
    assert estimate.log_likelihood == pytest.approx(golden["log_likelihood"], abs=1e-6)
    assert estimate.sd == pytest.approx(golden["sigma"], abs=1e-6)
    wanted = by_element(pd.DataFrame(golden["measures"]))
    ours = by_element(found.measures)
    assert len(wanted) == 9
    assert ours.loc[wanted.index].to_numpy() == pytest.approx(wanted.to_numpy(), abs=1e-6)
    assert len(ours) == 9 + 80 and ours.notna().all(axis=None)


def test_logistic_regression():
    found = fit(BINARY, correct=False)
    measures = found.measures[found.measures["status"] == ""]
    assert 5 < len(found.measures) - len(measures) < 40  # models with only 0 or only 1
    kept = BINARY[BINARY["model"].isin(measures["label"])]
    columns = [pd.get_dummies(kept[name], dtype=float) for name in ("model", "item", "judge")]
    centred = [-(part.iloc[:, :-1].to_numpy() - part.iloc[:, -1:].to_numpy()) for part in columns[1:]]
    design, score = np.hstack([columns[0].to_numpy(), *centred]), kept["score"].to_numpy()

    def loss(beta):
        eta = design @ beta
        return np.logaddexp(0, eta).sum() - score @ eta, design.T @ (expit(eta) - score)

    def curvature(beta):
        p = expit(design @ beta)
        return (design.T * (p * (1 - p))) @ design

    start = np.zeros(design.shape[1])
    result = minimize(loss, start, jac=True, hess=curvature, method="trust-exact", options={"gtol": 1e-10})
    models, items, judges = np.split(result.x, np.cumsum([columns[0].shape[1], columns[1].shape[1] - 1]))
    wanted = np.concatenate([models, items, [-items.sum()], judges, [-judges.sum()]])
    assert measures["measure"].to_numpy() == pytest.approx(wanted, abs=1e-6)
    covariance = np.linalg.inv(curvature(result.x))
    errors = np.sqrt(np.diag(covariance))
    last = np.arange(len(models), len(models) + len(items))
    of_last_item = np.sqrt(covariance[np.ix_(last, last)].sum())
    assert measures["se"].to_numpy()[: len(models) + len(items) + 1] == pytest.approx(
        [*errors[: len(models) + len(items)], of_last_item], abs=1e-6
    )
    assert found.parts[0].estimate.log_likelihood == pytest.approx(-result.fun, abs=1e-8)
