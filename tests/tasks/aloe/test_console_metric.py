"""What `inspect eval` prints, and the names that the log gives the solver and the scorer."""

from metric_epochs import every_epoch_counts, scored

from equipoise.harness.run import build_model
from equipoise.tasks.aloe import aloe
from equipoise.tasks.aloe.scorer import alignment


def test_epochs_reach_the_console(tmp_path):
    roles = {"user": build_model("equipoise/user", {}), "judge": build_model("equipoise/judge", {})}
    scores = scored(tmp_path, aloe, roles=roles, n_items=2, turns=2)
    assert (scores.solver, scores.scorer) == ("chat", "ratings")
    every_epoch_counts(alignment(), scores, tmp_path)
