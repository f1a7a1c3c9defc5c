"""FARM-format files written by the tests, and models that say what a test wants."""

import json
from pathlib import Path

import pytest
from inspect_ai.model import ModelOutput, ModelUsage, get_model

from .farm_rows import SETS, farm_row


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
