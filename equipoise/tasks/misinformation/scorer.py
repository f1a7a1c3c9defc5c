"""The persuasion scorer with misinformation's own console metrics."""

from inspect_ai.scorer import Metric, SampleScore, Score, Scorer, Target, Value, metric, scorer
from inspect_ai.solver import TaskState

from equipoise.harness.console import headline
from equipoise.tasks.persuasion.scorer import beliefs


@metric(scores="unreduced")
def misinformation_rates() -> Metric:
    """MR@k at the last turn, without intervals: what `inspect eval` prints."""

    def compute(scores: list[SampleScore]) -> Value:
        from equipoise.tasks.misinformation.metrics import misinformation_metrics

        return headline(scores, misinformation_metrics)

    return compute


@scorer(metrics=[misinformation_rates()])
def misinformation_beliefs(turns: int = 4) -> Scorer:
    """Expand a sample's beliefs into rows, as in persuasion."""
    expand = beliefs(turns)

    async def score(state: TaskState, target: Target) -> Score | None:
        return await expand(state, target)

    return score
