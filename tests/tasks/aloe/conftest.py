"""Models for the three parts of an ALOE dialogue, whose replies are a function of what they are asked."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from inspect_ai import eval as inspect_eval
from inspect_ai.log import EvalLog
from inspect_ai.model import GenerateConfig, Model, ModelOutput, ModelUsage, get_model

from equipoise.tasks.aloe import aloe


class Call(NamedTuple):
    """What a model was asked: (role, text) pairs, and how."""

    messages: list[tuple[str, str]]
    config: GenerateConfig


Reply = Callable[[list[tuple[str, str]]], str]


@pytest.fixture
def talking():
    """A reply function and a name -> (model, the calls it got)."""

    def build(reply: Reply, name: str) -> tuple[Model, list[Call]]:
        calls: list[Call] = []

        def respond(messages, tools, tool_choice, config):
            call = Call([(message.role, message.text) for message in messages], config)
            calls.append(call)
            output = ModelOutput.from_content("mockllm", reply(call.messages))
            output.usage = ModelUsage()  # otherwise a tokenizer is downloaded to count
            return output

        return get_model(f"mockllm/{name}", memoize=False, custom_outputs=respond), calls

    return build


class Played(NamedTuple):
    """A run with all that was asked."""

    log: EvalLog
    user: list[Call]
    subject: list[Call]
    judge: list[Call]


@pytest.fixture
def play(talking, tmp_path):
    """Run the task with these replies of user, subject and judge, and these arguments."""

    def run(
        user: Reply | None = None, subject: Reply | None = None, judge: Reply | None = None,
        epochs: int | None = None, **arguments: Any,
    ) -> Played:  # fmt: skip
        def count(messages: list[tuple[str, str]]) -> int:
            return 1 + sum(role == "assistant" for role, _ in messages)

        users, of_user = talking(user or (lambda said: f"Users message number {count(said)}, ok"), "someone")
        subjects, of_subject = talking(subject or (lambda said: f"Answer to {said[-1][1]}"), "subject")
        judges, of_judge = talking(judge or (lambda said: "4"), "rater")
        [log] = inspect_eval(
            aloe(**{"n_items": 1, "turns": 3, **arguments}), model=subjects, epochs=epochs,
            model_roles={"user": users, "judge": judges}, log_dir=str(tmp_path), display="none", fail_on_error=False,
        )  # fmt: skip
        return Played(log, of_user, of_subject, of_judge)

    return run
