"""Full standard errors of the published examples: Guilford (10.1), Liking for Science (10.2), hibayes q2 (10.4)."""

import numpy as np
import pytest

from equipoise.judges.irt.fit import fit

from ..known import guilford, hibayes, liking_for_science

pytestmark = pytest.mark.reference

FULL = {
    "judge": [0.141502, 0.145079, 0.141107],
    "person": [0.162574, 0.189503, 0.167763, 0.180417, 0.173472, 0.188298, 0.166375],
    "trait": [0.138788, 0.135056, 0.138116, 0.139663, 0.155151],
}


def test_guilford():
    found = fit(guilford(), "person", ("trait", "judge"), floating="judge", correct=False)
    for facet, errors in FULL.items():
        own = found.measures["facet"] == facet
        assert np.allclose(found.measures.loc[own, "se"], errors, atol=2e-6)
    steps = found.thresholds["se"].dropna()
    assert np.allclose(steps, [0.693, 0.563, 0.426, 0.410, 0.459, 0.481, 0.639, 0.788], atol=5e-4)


def test_liking_for_science():
    found = fit(liking_for_science(), "child", ("act",), correct=False)
    assert np.allclose(found.thresholds["se"].dropna(), 0.0674, atol=5e-5)


def test_hibayes():
    found = fit(hibayes(), "LLM", ("grader",), correct=False)
    errors = found.measures.set_index("label")["se"]
    assert errors["Autograder A"] == pytest.approx(0.0916, abs=5e-5)
    assert errors["Autograder B"] == pytest.approx(0.0905, abs=5e-5)
    one, other = found.measures.query("facet == 'LLM'")["label"]
    assert found.contrast(one, other)["se"].iloc[0] / 2 == pytest.approx(0.1012, abs=5e-5)
