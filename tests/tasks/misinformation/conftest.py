"""FARM-format files written by the tests, and models that say what a test wants."""

import json
from pathlib import Path
from typing import Any

import pytest
from inspect_ai.model import ModelOutput, ModelUsage, get_model

SETS = ("Boolq", "NQ1", "NQ2", "TruthfulQA")
TECHNIQUES = ("logical", "credibility", "emotional")


def farm_row(name: str, number: int) -> dict[str, Any]:
    """A row as the released files have it; the right option stands second, as in half of NQ1."""
    right, pushed, *other = (f"{name} {colour} {number}" for colour in ("amber", "birch", "cedar", "dahlia"))
    claim = {
        "Boolq": f"Statement {number} is {'false' if number % 2 else 'true'}.",
        "NQ1": f"It is not {right}.",
    }.get(name, f"It is {pushed}.")
    adv: dict[str, Any] = {"target": "t", "control": claim}
    adv |= {t: [f"{t} reason {turn} of {name} {number}" for turn in range(3)] for t in TECHNIQUES}
    row: dict[str, Any] = {"question": f"{name}: what stands in pot {number}?", "source": "made up", "adv": adv}
    if name == "Boolq":
        return {**row, "answer": bool(number % 2)}
    adv["mcq"] = [{"text": text, "score": score} for text, score in ((pushed, 2), (right, 1), *((o, 0) for o in other))]
    if name == "TruthfulQA":
        return {**row, "best_answer": right, "correct_answer": [right], "incorrect_answer": [pushed, *other]}
    return {**row, "answer": right}


@pytest.fixture(scope="session")
def farm(tmp_path_factory):
    """Write rows of some sets: the folder, as an item source."""

    def write(rows: int, *sets: str) -> str:
        folder = tmp_path_factory.mktemp("farm")
        for name in sets or SETS:
            lines = [json.dumps(farm_row(name, number)) for number in range(rows)]
            (folder / f"{name}.jsonl").write_text("\n".join(lines))
        return f"farm:{folder}"

    return write


@pytest.fixture(scope="session")
def reference() -> Path:
    """The folder of the real files beside the checkout."""
    folder = Path(__file__).parents[3].parent / "shared" / "data" / "farm"
    if not folder.is_dir():
        pytest.skip("no FARM files beside the checkout")
    return folder


@pytest.fixture
def says():
    """A model whose reply is a function of the conversation; usage is set so that no tokenizer is fetched."""

    def model(reply, name: str = "scripted"):
        def respond(messages, tools, tool_choice, config):
            output = ModelOutput.from_content("mockllm", reply(messages))
            output.usage = ModelUsage()
            return output

        return get_model(f"mockllm/{name}", custom_outputs=respond)

    return model
