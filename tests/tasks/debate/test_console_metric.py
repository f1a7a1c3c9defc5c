"""What `inspect eval` prints, and the names that the log gives the solver and the scorer."""

from metric_epochs import every_epoch_counts, scored

from equipoise.harness.run import build_model
from equipoise.tasks.debate import debate
from equipoise.tasks.debate.scorer import order_and_margins


def test_epochs_reach_the_console(tmp_path):
    roles = {"partner": build_model("equipoise/oracle", {"p": 1})}
    scores = scored(tmp_path, debate, roles=roles, n_items=6)
    assert (scores.solver, scores.scorer) == ("debate_in_all_orders", "team")
    every_epoch_counts(order_and_margins(), scores, tmp_path)
