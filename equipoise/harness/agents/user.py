"""A scripted user for tasks in which a model plays one: `equipoise/user`, whose messages are known in advance.

The control agents can have replies to such messages only if they are known when a task is built. So a message is a
pure function of the role-play prompt and the turn; it says nothing, and no two of them are alike.
"""

import hashlib

from inspect_ai.model import ChatMessage, GenerateConfig, ModelAPI, ModelOutput, ModelUsage
from inspect_ai.tool import ToolChoice, ToolInfo

NAME = "user"
"""Model name."""


def user_message(system: str, turn: int) -> str:
    """What the scripted user says.

    Args:
        system: Its system prompt.
        turn: Which of its messages, from 1.
    """
    mark = hashlib.sha256(f"{turn} {system}".encode()).hexdigest()[:12]
    return f"Message {turn} ({mark})."


class ScriptedUser(ModelAPI):
    """A user that makes no network call and says the next of its messages, whatever it hears."""

    def __init__(
        self, model_name: str, base_url: str | None = None, api_key: str | None = None,
        config: GenerateConfig | None = None,
    ) -> None:  # fmt: skip
        super().__init__(model_name, base_url, api_key, [], config or GenerateConfig())

    async def generate(
        self, input: list[ChatMessage], tools: list[ToolInfo], tool_choice: ToolChoice, config: GenerateConfig
    ) -> ModelOutput:
        """The message after as many as it has said already."""
        system = "\n".join(message.text for message in input if message.role == "system")
        turn = 1 + sum(message.role == "assistant" for message in input)
        output = ModelOutput.from_content(model=f"equipoise/{self.model_name}", content=user_message(system, turn))
        output.usage = ModelUsage()  # without it some paths count tokens with a tokenizer that has to be downloaded
        return output

    def connection_key(self) -> str:
        """There is no remote end to protect."""
        return "equipoise-user"

    def max_connections(self) -> int:
        """Enough to keep a run busy."""
        return 64
