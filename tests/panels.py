"""What the judging tests share: scripted judges that keep what they were asked, a rubric, and a log to be judged."""

from pathlib import Path

from inspect_ai import Task
from inspect_ai import eval as inspect_eval
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ModelOutput, ModelUsage, get_model
from inspect_ai.scorer import Score, scorer

from equipoise.harness.table.rows import Rows
from equipoise.judges import Exhibit, PanelOptions, Rubric, judge_sample, score_metadata

YES_NO = ({"reply": "NO", "value": 0, "means": "it is not"}, {"reply": "YES", "value": 1, "means": "it is"})
FIVE = tuple({"reply": str(n), "value": n, "means": f"level {n}"} for n in range(1, 6))
RUBRIC = "feedback_positivity"
"""A shipped rubric, ten points, one field `comment`."""


def rubric(**changes) -> Rubric:
    told = {
        "name": "manners", "dimension": "manners", "version": "1", "canary": "canary-of-the-tests", "scale": FIVE,
        "body": "Is this text polite?\n{text}",
    }  # fmt: skip
    return Rubric.model_validate({**told, **changes})


CRITERIA = ({"name": "polite", "text": "Is it polite?", "scale": YES_NO}, {"name": "short", "text": "Is it short?"})


def exhibit(text: str = "Please.", **changes) -> Exhibit:
    told = {"rubric": "manners", "arm": "model", "turn": 1, "fields": {"text": text}}
    return Exhibit.model_validate({**told, **changes})


def scripted(*replies, name="mockllm/model"):
    """A model that gives the replies in turn, the last one for ever, and keeps what it was asked."""
    asked = []

    def reply(messages, tools, tool_choice, config):
        asked.append(([message.text for message in messages], config))
        said = replies[min(len(asked), len(replies)) - 1]
        if isinstance(said, Exception):
            raise said
        output = said if isinstance(said, ModelOutput) else ModelOutput.from_content(name, said)
        output.usage = ModelUsage(input_tokens=5, output_tokens=2, total_tokens=7)
        return output

    return get_model(name, memoize=False, custom_outputs=reply), asked


def log_of(
    folder: Path, texts, judges=None, options=None, subject="mockllm/subject", epochs=1, measures=("",), fail=()
):
    """A log with one sample per text, each with an exhibit per measure, judged if there are judges."""
    told = options or PanelOptions(allow_same=True)

    @scorer(metrics=[])
    def judged():
        async def score(state, target):
            if state.sample_id in fail:
                raise RuntimeError("lost")
            exhibits = [
                Exhibit(rubric=RUBRIC, arm="model", turn=1, fields={"comment": state.input_text}, measure=measure)
                for measure in measures
            ]
            votes = await judge_sample(state, exhibits, told)
            return Score(value=0.0, metadata=score_metadata(Rows(), votes))

        return score

    task = Task(MemoryDataset([Sample(id=f"s{n}", input=text) for n, text in enumerate(texts)]), scorer=judged())
    model = subject if not isinstance(subject, str) else scripted("ok", name=subject)[0]
    (log,) = inspect_eval(
        task, model=model, model_roles={"judge": judges} if judges else None, log_dir=str(folder), display="none",
        epochs=epochs, fail_on_error=False,
    )  # fmt: skip
    return log
