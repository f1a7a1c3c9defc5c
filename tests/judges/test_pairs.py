"""Pairwise judging: a taste for a place cancels out, a taste for a reply does not."""

import pytest
from inspect_ai import Task
from inspect_ai import eval as inspect_eval
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.scorer import Score, scorer
from panels import scripted

from equipoise.harness.agents import publish_levels
from equipoise.harness.run import build_model
from equipoise.harness.table import build_table
from equipoise.harness.table.rows import Rows
from equipoise.judges import PanelOptions, both_orders, judge_sample, pair_exhibits, preference, score_metadata

ONE, TWO = "the one reply of the pair tests", "the other reply of the pair tests"


def test_both_orders_share_the_other_fields():
    forward, backward = both_orders({"question": "q"}, "a", "b")
    assert forward == {"question": "q", "first": "a", "second": "b"}
    assert backward == {"question": "q", "first": "b", "second": "a"}


@pytest.mark.parametrize(
    ("forward", "backward", "value"), [(1, 0, 1), (0, 1, 0), (1, 1, 0.5), (0, 0, 0.5), (0.5, 0.5, 0.5), (1, 0.5, 0.75)]
)
def test_preference_by_hand(forward, backward, value):
    assert preference(forward, backward) == value


def votes_of(judge, folder):
    """Value by measure."""

    @scorer(metrics=[])
    def compared():
        async def score(state, target):
            shown = pair_exhibits("model", 1, {"question": "Which?"}, ONE, TWO)
            votes = await judge_sample(state, shown, PanelOptions())
            return Score(value=0.0, metadata=score_metadata(Rows(), votes))

        return score

    task = Task(MemoryDataset([Sample(id="s", input="x")]), scorer=compared())
    inspect_eval(task, model=scripted("ok")[0], model_roles={"judge": judge}, log_dir=str(folder), display="none")
    table = build_table(folder)
    return {str(row.measure): row.value for row in table.itertuples() if row.judge}


def test_a_better_reply_is_preferred_in_both_places(tmp_path):
    publish_levels({ONE: {"*": 1.0}, TWO: {"*": 0.0}})
    found = votes_of(build_model("equipoise/judge", {}), tmp_path)
    assert found == {"better.forward": 1, "better.backward": 0}
    assert preference(found["better.forward"], found["better.backward"]) == 1


def test_a_judge_that_likes_the_first_place_prefers_nothing(tmp_path):
    found = votes_of(scripted("first", name="mockllm/judge")[0], tmp_path)
    assert found == {"better.forward": 1, "better.backward": 1} and preference(1, 1) == 0.5
