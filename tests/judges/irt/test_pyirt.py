import importlib.util
import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from equipoise.errors import InputError
from equipoise.judges.irt import fit, simulate
from equipoise.judges.irt.pyirt import export_pyirt, fit_pyirt, read_pyirt

PEERS = os.environ.get("IRT_PEERS")  # the folder of `benchmarks/irt_peers/environment.py`


def outcomes():
    rows = [("zoë", "q2", 1), ("zoë", "q1", 0), ("a", "q3", 1), ("a", "q1", np.nan), ("a", "q2", 0)]
    return pd.DataFrame(rows, columns=["model", "item", "score"])


def trained(table, **changes):
    """What py-irt would write after training, with its own numbers for places."""
    subjects, items = sorted(table["model"].unique()), sorted(table["item"].unique())
    found = {
        "ability": [float(place) for place in range(len(subjects))],
        "diff": [10.0 + place for place in range(len(items))],
        "irt_model": "1pl",
        "item_ids": {str(place): label for place, label in enumerate(items)},
        "subject_ids": {str(place): label for place, label in enumerate(subjects)},
    }
    return {**found, **changes}


def test_one_line_per_object_in_order_of_the_labels(tmp_path):
    path = tmp_path / "new" / "outcomes.jsonl"
    export_pyirt(outcomes(), path)
    assert path.read_bytes().isascii() and b"\r" not in path.read_bytes()
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert lines == [
        {"subject_id": "a", "responses": {"q2": 0, "q3": 1}},
        {"subject_id": "zoë", "responses": {"q1": 0, "q2": 1}},
    ]
    export_pyirt(outcomes().sample(frac=1, random_state=1), tmp_path / "shuffled")
    assert (tmp_path / "shuffled").read_bytes() == path.read_bytes()


def test_other_columns(tmp_path):
    table = outcomes().rename(columns={"model": "who", "item": "what", "score": "right"})
    export_pyirt(table, tmp_path / "there", object="who", item="what", score="right")
    export_pyirt(outcomes(), tmp_path / "here")
    assert (tmp_path / "there").read_bytes() == (tmp_path / "here").read_bytes()


def test_read_back(tmp_path):
    path = tmp_path / "parameters.json"
    path.write_text(json.dumps(trained(outcomes(), subject_ids={"1": "a", "0": "zoë"})), encoding="utf-8")
    found = read_pyirt(path)
    assert found.columns.tolist() == ["facet", "label", "measure", "discrimination"]
    assert found["facet"].tolist() == ["model"] * 2 + ["item"] * 3
    assert found["label"].tolist() == ["zoë", "a", "q1", "q2", "q3"]
    assert found["measure"].tolist() == [0, 1, 10, 11, 12]
    assert found["discrimination"].isna().all()
    path.write_text(json.dumps(trained(outcomes(), disc=[0.5, 1, 2])), encoding="utf-8")
    found = read_pyirt(path, object="who", item="what")
    assert found["facet"].unique().tolist() == ["who", "what"]
    assert found["discrimination"].tolist()[2:] == [0.5, 1, 2] and found["discrimination"][:2].isna().all()


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda t: t.assign(score=[0, 1, 2, 1, 0]), "found 2: py-irt has binary outcomes only"),
        (lambda t: pd.concat([t, t[:1]]), "zoë has more than one outcome on q2"),
        (lambda t: t.drop(columns="item"), "field 'item': no such column"),
        (lambda t: t.assign(score=np.nan), "no row has a score"),
        (lambda t: t.assign(score=0.5), "expected whole numbers"),
    ],
)
def test_outcomes_that_py_irt_cannot_have(tmp_path, spoil, message):
    with pytest.raises(InputError, match=message):
        export_pyirt(spoil(outcomes()), tmp_path / "outcomes.jsonl")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "No such file"),
        ("{", "expected the JSON that `py-irt train` writes"),
        ("[]", "expected a JSON object"),
        (json.dumps(trained(outcomes(), ability=None)), "'ability': expected 2 numbers"),
        (json.dumps(trained(outcomes(), ability=[[0, 1], [1, 0]])), "one dimension"),
        (json.dumps(trained(outcomes(), diff=[1.0, float("nan"), 0])), "'diff': expected 3 numbers"),
        (json.dumps(trained(outcomes(), disc=[1])), "'disc': expected 3 numbers"),
        (json.dumps(trained(outcomes(), item_ids={"0": "q1", "2": "q2", "3": "q3"})), "'item_ids': expected labels"),
        (json.dumps(trained(outcomes(), subject_ids=["a", "b"])), "'subject_ids': expected labels"),
        (json.dumps(trained(outcomes(), subject_ids={"x": "a"})), "'subject_ids': expected labels"),
    ],
)
def test_a_file_that_is_none_of_py_irt(tmp_path, text, message):
    path = tmp_path / "parameters.json"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message) as error:
        read_pyirt(path)
    assert error.value.path == path


def test_unknown_options():
    with pytest.raises(InputError, match="'model': expected one of 1pl, 2pl"):
        fit_pyirt(outcomes(), model="3pl")
    with pytest.raises(InputError, match="'priors': expected one of hierarchical, vague"):
        fit_pyirt(outcomes(), priors="flat")
    with pytest.raises(InputError, match="'epochs'"):
        fit_pyirt(outcomes(), epochs=0)


@pytest.mark.skipif(importlib.util.find_spec("py_irt") is not None, reason="py-irt is installed here")
def test_without_py_irt():
    with pytest.raises(InputError, match=r"pip install 'equipoise\[pyirt\]'"):
        fit_pyirt(outcomes())


@pytest.mark.peer
def test_abilities_agree_with_py_irt(tmp_path):
    """Posterior means of its 1PL with hierarchical priors, 100 models x 200 items, against ours.

    Its origin is not ours: item difficulties have mean 0 here. Measured: correlation .9996, root mean square of the
    differences .052, where standard errors are .17; more epochs bring the two no closer.
    """
    made = simulate(100, 200, 1, categories=2, seed=4)
    ours = fit(made.ratings, facets=("item",)).measures.set_index(["facet", "label"])["measure"]
    if importlib.util.find_spec("py_irt") is not None:
        theirs = fit_pyirt(made.ratings, epochs=500)
    else:
        program = Path(PEERS or "none") / "pyirt" / "bin" / "py-irt"
        if not program.is_file():
            pytest.skip("py-irt is not installed; IRT_PEERS names no folder with its environment")
        export_pyirt(made.ratings, tmp_path / "outcomes.jsonl")
        options = ["--priors", "hierarchical", "--epochs", "500", "--seed", "0"]
        command = [str(program), "train", "1pl", str(tmp_path / "outcomes.jsonl"), str(tmp_path / "out"), *options]
        subprocess.run(command, check=True, capture_output=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
        theirs = read_pyirt(tmp_path / "out" / "parameters.json")
    theirs = theirs.set_index(["facet", "label"])["measure"]
    theirs = theirs - theirs["item"].mean()
    assert len(theirs) == len(ours) == 300
    assert ours["model"].corr(theirs["model"]) > 0.99
    assert np.sqrt(((ours["model"] - theirs["model"]) ** 2).mean()) < 0.1
    truth = made.abilities
    errors = [np.sqrt(((found["model"] - truth) ** 2).mean()) for found in (ours, theirs)]
    assert errors[0] < 1.02 * errors[1]
