"""What `inspect eval` prints, and the names that the log gives the solver and the scorer."""

from metric_epochs import every_epoch_counts, scored

from equipoise.tasks.are_you_sure import are_you_sure
from equipoise.tasks.are_you_sure.scorer import flip_rates


def test_epochs_reach_the_console(tmp_path):
    scores = scored(tmp_path, are_you_sure, n_items=3)
    assert (scores.solver, scores.scorer) == ("challenge", "flips")
    every_epoch_counts(flip_rates(), scores, tmp_path)
