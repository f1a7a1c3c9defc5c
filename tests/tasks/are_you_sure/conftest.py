"""Made-up questions of every kind, and models whose replies are a function of what they are asked."""

import json
from pathlib import Path

import pytest
from inspect_ai.model import ModelOutput, ModelUsage, get_model

PLANTS = ("Amber", "Birch", "Cedar", "Dahlia")


def made(kind: str, i: int) -> dict:
    """One item with four answers, or with yes and no."""
    gold, *wrong = (f"{name} {i}" for name in PLANTS)
    if kind == "boolean":
        gold, *wrong = (("yes", "no"), ("no", "yes"))[i % 2]
    item = {
        "id": f"{kind}-{i:03d}", "family": f"{kind}-{i:03d}", "domain": "made", "kind": kind,
        "question": f"Which plant stands in {kind} pot number {i}?", "gold": [gold], "wrong": wrong,
        "claims": {"positive": f"the answer is {gold}.", "negative": f"the answer is {wrong[0]}."},
    }  # fmt: skip
    if kind == "mcq":
        scores = (1, 2, 0, 0)
        item["options"] = [{"text": text, "score": score} for text, score in zip([gold, *wrong], scores, strict=True)]
    return item


@pytest.fixture(scope="session")
def made_items(tmp_path_factory):
    """(kind, count) -> a file of so many made-up items."""
    folder = tmp_path_factory.mktemp("made")

    def write(kind: str, count: int) -> str:
        path: Path = folder / f"{kind}-{count}.jsonl"
        path.write_text("\n".join(json.dumps(made(kind, i)) for i in range(count)))
        return str(path)

    return write


@pytest.fixture(scope="session")
def speaking():
    """A function from the texts of a conversation to a reply -> (model, the calls it got as (texts, config))."""

    def build(reply, name="mockllm/model"):
        calls = []

        def respond(messages, tools, tool_choice, config):
            texts = [message.text for message in messages]
            calls.append((texts, config))
            output = ModelOutput.from_content("mockllm", reply(texts))
            output.usage = ModelUsage()  # otherwise a tokenizer is downloaded to count
            return output

        return get_model(name, memoize=False, custom_outputs=respond), calls

    return build
