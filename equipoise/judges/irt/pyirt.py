"""A bridge to py-irt: binary outcomes out, its 1PL or 2PL fitted there, abilities and difficulties back.

py-irt (Lalor & Rodriguez 2023, INFORMS Journal on Computing 35, 5-13) fits Bernoulli outcomes by variational inference
in torch. It knows no judges, no categories and no standard errors; the bridge is there to compare with it, and for what
already builds on its files. It needs Python 3.9 to 3.11 and older pandas and rich than this project is tested with, so
it is best kept in an environment of its own, and the file carries the data there and back:

    export_pyirt(table, Path("outcomes.jsonl"))                              # here
    py-irt train 1pl outcomes.jsonl out --priors hierarchical --seed 0       # there: pip install py-irt==0.7.1
    read_pyirt(Path("out/parameters.json"))                                  # here

Of the two files it writes, `parameters.json` holds the last epoch and `best_parameters.json` the one with the smallest
loss; as the loss is that of one random draw, the "best" one can be an early one far from the end.
"""

import contextlib
import io
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from equipoise.errors import InputError
from equipoise.harness.files import write_whole
from equipoise.judges.irt.engine.ratings import read_frame

Model = Literal["1pl", "2pl"]
Priors = Literal["hierarchical", "vague"]
EPOCHS = 2000  # py-irt's default


def export_pyirt(
    ratings: pd.DataFrame, path: Path, object: str = "model", item: str = "item", score: str = "score"
) -> None:
    """Write binary outcomes as py-irt reads them: one line per object, with its outcome on each item.

    Objects and items are in the order of their sorted labels, so that the same table gives the same file.

    Args:
        ratings: One row per outcome.
        path: JSON-lines file to write, whole or not at all.
        object: Column of what is measured.
        item: Column of items.
        score: Column of 0 and 1; NaN = missing, left out.

    Raises:
        InputError: A column is missing or malformed, a score is neither 0 nor 1, or an object has more than one
            outcome on an item: py-irt has no judges, so choose one or decide by majority first.
    """
    arrays, _ = read_frame(ratings, object, (item,), score)
    used = arrays.scores[0][np.unique(arrays.category)]
    if not np.isin(used, (0, 1)).all():
        raise InputError(f"expected 0 and 1, found {used.max():g}: py-irt has binary outcomes only", field=score)
    (objects, items), (rows, columns) = (facet.labels for facet in arrays.facets), arrays.codes
    outcomes = arrays.scores[0][arrays.category].astype(int)
    order = np.lexsort((columns, rows))
    rows, columns, outcomes = rows[order], columns[order], outcomes[order]
    twice = np.flatnonzero((rows[1:] == rows[:-1]) & (columns[1:] == columns[:-1]))
    if len(twice):
        at = twice[0]
        raise InputError(
            f"{objects[rows[at]]} has more than one outcome on {items[columns[at]]}: py-irt has no judges; "
            "keep one judge, or decide by majority first",
            field=item,
        )

    def write(partial: Path) -> None:
        with partial.open("w", encoding="ascii", newline="\n") as file:  # py-irt reads in the encoding of its locale
            for start, end in _runs(rows):
                responses = {items[columns[at]]: int(outcomes[at]) for at in range(start, end)}
                file.write(json.dumps({"subject_id": objects[rows[start]], "responses": responses}) + "\n")

    write_whole(path, write)


def _runs(codes: np.ndarray[Any, Any]) -> list[tuple[int, int]]:
    """Where each run of equal codes begins and ends."""
    ends = [*(np.flatnonzero(codes[1:] != codes[:-1]) + 1).tolist(), len(codes)]
    return list(zip([0, *ends[:-1]], ends, strict=True))


def read_pyirt(path: Path, object: str = "model", item: str = "item") -> pd.DataFrame:
    """What py-irt wrote: `parameters.json` or `best_parameters.json` of a one-dimensional model.

    Returns:
        Columns `facet` (the names given), `label`, `measure` (posterior means: abilities, difficulties, in logits of
        its own origin) and `discrimination` (of items with 2pl, NaN elsewhere), named as in `RaschFit.measures`.

    Raises:
        InputError: Not such a file.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"expected the JSON that `py-irt train` writes ({reason})", path=path) from None
    try:
        return _table(found, object, item)
    except InputError as error:
        raise InputError(error.message, path=path, field=error.field) from None


def fit_pyirt(
    ratings: pd.DataFrame,
    object: str = "model",
    item: str = "item",
    score: str = "score",
    model: Model = "1pl",
    priors: Priors = "hierarchical",
    epochs: int = EPOCHS,
    seed: int = 0,
) -> pd.DataFrame:
    """Fit py-irt's model in this process, where it is installed (extra `pyirt`).

    With "vague" priors its 2PL shrinks difficulties by their prior of standard deviation .1; with "hierarchical" ones
    the scale of its 2PL is not identified. Compare correlations there, not logits.

    Args:
        ratings: As for `export_pyirt`.
        object: Column of what is measured.
        item: Column of items.
        score: Column of 0 and 1.
        model: "1pl" or "2pl".
        priors: "hierarchical" or "vague".
        epochs: Steps of the optimiser, 1 or more.
        seed: Sets the random numbers of torch, numpy and random, for all of this process.

    Returns:
        As `read_pyirt`, from the last epoch.

    Raises:
        InputError: As `export_pyirt`; an option is unknown; or py-irt cannot be imported.
    """
    for name, value, choices in (("model", model, get_args(Model)), ("priors", priors, get_args(Priors))):
        if value not in choices:
            raise InputError(f"expected one of {', '.join(choices)}, found '{value}'", field=name)
    if epochs < 1:
        raise InputError(f"expected 1 or more, found {epochs}", field="epochs")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "outcomes.jsonl"
        export_pyirt(ratings, path, object, item, score)
        trained = _train(path, model, priors, epochs, seed)
    return _table(trained, object, item)


def _train(path: Path, model: str, priors: str, epochs: int, seed: int) -> Mapping[str, Any]:
    try:
        import pyro
        from py_irt.config import IrtConfig
        from py_irt.training import IrtModelTrainer
    except ImportError as error:
        raise InputError(
            f"py-irt cannot be used ({error}): pip install 'equipoise[pyirt]' in an environment of its own with Python "
            "3.11; or write the outcomes with export_pyirt, train there, and read the result with read_pyirt"
        ) from None
    pyro.set_rng_seed(seed)
    config = IrtConfig(model_type=model, priors=priors, epochs=epochs)
    with contextlib.redirect_stdout(io.StringIO()):  # it reports on the console, asked or not
        trainer = IrtModelTrainer(data_path=path, config=config, verbose=False)
        trainer.train(device="cpu")
    found: Mapping[str, Any] = trainer.last_params
    return found


def _table(found: Any, object: str, item: str) -> pd.DataFrame:
    """Two facets as rows, from py-irt's lists and its maps from place to label."""
    if not isinstance(found, Mapping):
        raise InputError("expected a JSON object with ability, diff, subject_ids and item_ids")
    subjects, items = _labels(found, "subject_ids"), _labels(found, "item_ids")
    discrimination = _numbers(found, "disc", len(items)) if "disc" in found else [np.nan] * len(items)
    return pd.DataFrame(
        {
            "facet": [object] * len(subjects) + [item] * len(items),
            "label": subjects + items,
            "measure": _numbers(found, "ability", len(subjects)) + _numbers(found, "diff", len(items)),
            "discrimination": [np.nan] * len(subjects) + discrimination,
        }
    )


def _labels(found: Mapping[str, Any], name: str) -> list[str]:
    """Labels in the order of their places, which JSON has as text."""
    places = found.get(name)
    try:
        labels = {int(place): str(label) for place, label in places.items()}  # type: ignore[union-attr]
    except (AttributeError, ValueError):
        labels = {}
    if not labels or sorted(labels) != list(range(len(labels))):
        raise InputError("expected labels by place, 0 and up", field=name)
    return [labels[place] for place in range(len(labels))]


def _numbers(found: Mapping[str, Any], name: str, number: int) -> list[float]:
    values = found.get(name)
    try:
        array = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        array = np.empty(0)
    if array.shape != (number,) or not np.isfinite(array).all():
        raise InputError(f"expected {number} numbers, one for each label (one dimension)", field=name)
    return [float(value) for value in array]
