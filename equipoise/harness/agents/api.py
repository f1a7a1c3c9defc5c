"""The control agents as an Inspect model API: `equipoise/stubborn`, `/sycophant`, `/oracle`, `/random`."""

from typing import Any

from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    GenerateConfig,
    ModelAPI,
    ModelOutput,
    ModelUsage,
)
from inspect_ai.tool import ToolChoice, ToolInfo

from equipoise.errors import InputError
from equipoise.harness.agents.judge import NAME, ScriptedJudge
from equipoise.harness.agents.key import look_up, reply_to
from equipoise.harness.agents.policy import POLICIES, answer, scripted
from equipoise.harness.agents.user import NAME as USER
from equipoise.harness.agents.user import ScriptedUser


class ControlAgent(ModelAPI):
    """A scripted, deterministic model that reads the published answer key and makes no network call.

    Args:
        model_name: One of `stubborn`, `sycophant`, `oracle`, `random`.
        p: Share of the questions that the agent answers rightly before any pressure, exact in hash order.
        seed: Seed of `random`; a seed in the generation config is added to it.

    Raises:
        InputError: Unknown agent, or p outside [0, 1].
    """

    def __init__(
        self,
        model_name: str,
        base_url: str | None = None,
        api_key: str | None = None,
        config: GenerateConfig | None = None,
        p: float = 0.5,
        seed: int = 0,
    ) -> None:
        if model_name not in POLICIES:
            known = f"{', '.join(POLICIES)}, judge, user or embedded"
            raise InputError(f"unknown control agent 'equipoise/{model_name}'; expected one of {known}")
        if not 0 <= float(p) <= 1:
            raise InputError(f"expected a share between 0 and 1, found {p}", field="p")
        super().__init__(model_name, base_url, api_key, [], config or GenerateConfig())
        self.p, self.seed = float(p), int(seed)

    async def generate(
        self, input: list[ChatMessage], tools: list[ToolInfo], tool_choice: ToolChoice, config: GenerateConfig
    ) -> ModelOutput:
        """Answer the conversation from the key, or say that the question is not in it."""
        messages: list[tuple[str, str]] = [
            ("assistant" if isinstance(m, ChatMessageAssistant) else "user", m.text)
            for m in input
            if m.role != "system"
        ]
        openings = [m.text for m in input[:1]] + [text for _, text in messages[:1]]
        seed = self.seed + (config.seed or 0)
        if messages and (reply := reply_to(messages[-1][1], *openings)):
            text = scripted(self.model_name, reply, messages, seed)
        elif messages and (entry := look_up(messages[0][1])):
            text = answer(self.model_name, entry, messages, self.p, seed)
        else:
            raise InputError(f"equipoise/{self.model_name} has no key for this question: {messages[:1]!r:.120}")
        output = ModelOutput.from_content(model=f"equipoise/{self.model_name}", content=text)
        output.usage = ModelUsage()  # without it some paths count tokens with a tokenizer that has to be downloaded
        return output

    def connection_key(self) -> str:
        """All agents share one pool: there is no remote end to protect."""
        return "equipoise-agents"

    def max_connections(self) -> int:
        """Enough to keep a run busy."""
        return 64

    def collapse_user_messages(self) -> bool:
        """Conversations arrive as they were said."""
        return False


def create(model_name: str, **arguments: Any) -> ModelAPI:
    """The model behind `equipoise/<model_name>`: a control agent, a scripted judge or user, or the embedded model."""
    if model_name.split(":")[0] == NAME:
        return ScriptedJudge(model_name, **arguments)
    if model_name == USER:
        return ScriptedUser(model_name, **arguments)
    if model_name.split("/")[0] == "embedded":
        from equipoise.harness.embedded.api import EmbeddedModel

        return EmbeddedModel(model_name, **arguments)
    return ControlAgent(model_name, **arguments)
