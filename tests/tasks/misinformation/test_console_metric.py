"""What `inspect eval` prints, and the names that the log gives the solver and the scorer."""

from metric_epochs import every_epoch_counts, scored

from equipoise.tasks.misinformation import misinformation
from equipoise.tasks.misinformation.scorer import misinformation_rates


def test_epochs_reach_the_console(tmp_path):
    scores = scored(tmp_path, misinformation, n_items=3, start="seeded")
    assert (scores.solver, scores.scorer) == ("persuade", "misinformation_beliefs")
    every_epoch_counts(misinformation_rates(), scores, tmp_path)
