"""What `inspect eval` prints, and the names that the log gives the solver and the scorer."""

from metric_epochs import every_epoch_counts, scored

from equipoise.tasks.persuasion import persuasion
from equipoise.tasks.persuasion.scorer import two_sided


def test_epochs_reach_the_console(tmp_path):
    scores = scored(tmp_path, persuasion, n_items=3)
    assert (scores.solver, scores.scorer) == ("persuade", "beliefs")
    every_epoch_counts(two_sided(), scores, tmp_path)
