"""Roles: model families, and nobody who judges or answers itself unnoticed."""

import pytest
from inspect_ai import Task
from inspect_ai import eval as inspect_eval
from inspect_ai.dataset import Sample
from inspect_ai.model import ModelOutput, ModelUsage, get_model
from inspect_ai.solver import solver

from equipoise.errors import InputError
from equipoise.harness.roles import check_role, families, related, role_models

KIN = (
    ("openai/gpt-5-mini", "openrouter/openai/gpt-4o"),
    ("openai/o3", "azureai/gpt-5"),
    ("anthropic/claude-opus-4", "bedrock/anthropic.claude-haiku-3"),
    ("vllm/meta-llama/Llama-3.1-8B-Instruct", "groq/llama3-70b"),
    ("vllm/mistralai/Mistral-7B-Instruct-v0.2", "mistral/ministral-8b"),
    ("vllm/Qwen/Qwen2.5-7B", "vllm/Qwen/QwQ-32B"),
    ("equipoise/embedded", "hf/HuggingFaceTB/SmolLM2-1.7B"),
    ("vllm/deepseek-ai/DeepSeek-R1-Distill-Llama-8B", "vllm/deepseek-ai/DeepSeek-V3"),
    ("vllm/deepseek-ai/DeepSeek-R1-Distill-Llama-8B", "vllm/meta-llama/Llama-3.3-70B-Instruct"),
    ("openai-api/lab/checkpoint-100", "openai-api/other/checkpoint-100"),
)
STRANGERS = (
    ("openai/gpt-5-mini", "anthropic/claude-opus-4"),
    ("google/gemini-pro", "google/gemma-3-27b"),
    ("openai-api/lab/my-checkpoint", "openai-api/lab/my-judge"),
    ("openai-api/lab/photo1", "openai/o1-mini"),
    ("vllm/org/alligator", "vllm/01-ai/yi-34b"),
)


@pytest.mark.parametrize(("one", "other"), KIN)
def test_kin(one, other):
    assert related(one, other) and related(other, one)
    with pytest.raises(InputError, match=r"role judge.*--allow-same"):
        check_role("judge", [other], one, allow_same=False)
    check_role("judge", [other], one, allow_same=True)


@pytest.mark.parametrize(("one", "other"), STRANGERS)
def test_strangers(one, other):
    assert not families(one) & families(other)
    check_role("judge", [other], one, allow_same=False)


def test_control_agents_are_kin_to_themselves_alone_and_may_be_partners():
    assert not related("equipoise/oracle", "equipoise/sycophant")
    check_role("partner", ["equipoise/oracle"], "equipoise/oracle", allow_same=False)
    with pytest.raises(InputError, match="is the model under test"):
        check_role("judge", ["equipoise/oracle"], "equipoise/oracle", allow_same=False)


def speaking(name: str):
    def respond(messages, tools, tool_choice, config):
        output = ModelOutput.from_content(name, "yes")
        output.usage = ModelUsage()
        return output

    return get_model(f"mockllm/{name}", custom_outputs=respond)


def asked(roles: dict, **arguments):
    """What role_models gives inside a running sample."""
    found = []

    @solver
    def look():
        async def solve(state, generate):
            found.extend(map(str, role_models("judge", **arguments)))
            return state

        return solve

    task = Task(dataset=[Sample(input="?", target="!")], solver=look())
    (log,) = inspect_eval(task, model=speaking("subject"), model_roles=roles, display="none", log_samples=False)
    return found, log


def test_a_list_role_gives_all_its_models(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found, _ = asked({"judge": [speaking("a"), speaking("b")]}, allow_same=False)
    assert found == ["mockllm/a", "mockllm/b"]


def test_an_unbound_role_never_falls_back_to_the_subject(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found, log = asked({}, allow_same=False, required=False)
    assert (found, log.status) == ([], "success")
    found, log = asked({}, allow_same=False)
    assert log.status == "error" and "--model-role judge=MODEL" in log.error.message


def test_the_subject_as_judge_is_refused_unless_allowed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    _, log = asked({"judge": speaking("subject")}, allow_same=False)
    assert log.status == "error" and "is the model under test" in log.error.message
    found, _ = asked({"judge": speaking("subject")}, allow_same=True)
    assert found == ["mockllm/subject"]
