"""Long tables of ALOE that are written out, vote by vote."""

import numpy as np
import pandas as pd

from equipoise.harness.table.schema import conform

LINES = ["model", "item", "arm", "turn", "measure", "value", "judge"]


def votes(ratings, arm="model", measure="al", judge="a", epoch=1, log="", model="some/model") -> pd.DataFrame:
    """One row per vote.

    Args:
        ratings: {item: ratings by turn}; NaN = missing.
        arm, measure, judge, epoch, log, model: The same for all rows.
    """
    rows = [
        (model, item, arm, turn, measure, float(value), judge)
        for item, series in ratings.items()
        for turn, value in enumerate(series, 1)
    ]
    return pd.DataFrame(rows, columns=LINES).assign(epoch=epoch, log=log)


def crossed(values) -> dict[str, np.ndarray]:
    """An array (profiles, personalities, turns) as {item: ratings}."""
    return {f"p{p:02d}.t{q}": series for p, row in enumerate(values) for q, series in enumerate(row)}


def lost(items, arm="model", epoch=1) -> pd.DataFrame:
    """Samples that ended with an error."""
    rows = [("some/model", item, arm, 0, "sample", np.nan, "") for item in items]
    return pd.DataFrame(rows, columns=LINES).assign(epoch=epoch, missing="error", log="")


def table(*parts: pd.DataFrame, domain: str = "") -> pd.DataFrame:
    """Parts as one long table."""
    frame = pd.concat(parts, ignore_index=True)
    missing = frame["missing"] if "missing" in frame else pd.Series(np.nan, index=frame.index)
    frame["missing"] = missing.where(missing.notna(), np.where(frame["value"].isna(), "unparsed", ""))
    family = frame["item"].str.partition(".")[0]
    return conform(frame.assign(task="equipoise/aloe", domain=domain, family=family))
