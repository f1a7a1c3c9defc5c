"""A long table of votes for the tests of panels."""

import pandas as pd

from equipoise.harness.table import conform


def long_table(votes, **columns):
    """Rows (item, judge, value or reason); other columns as given, else the same everywhere."""
    rows = [
        {
            "item": item,
            "judge": judge,
            "value": None if isinstance(value, str) else value,
            "missing": value if isinstance(value, str) else "",
        }
        for item, judge, value in votes
    ]
    same = {"task": "equipoise/aloe", "model": "m", "arm": "plain", "measure": "al"}
    return conform(pd.DataFrame(rows).assign(**{**same, **columns}))
