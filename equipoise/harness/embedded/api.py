"""`equipoise/embedded` as an Inspect model: Inspect's OpenAI-compatible provider in front of our own server."""

import anyio.to_thread
from inspect_ai.model import ChatMessage, GenerateConfig, ModelAPI, ModelCall, ModelOutput, get_model
from inspect_ai.tool import ToolChoice, ToolInfo

from equipoise.errors import InputError
from equipoise.harness.embedded.server import Settings, serve
from equipoise.harness.embedded.weights import weights

LAST_PORT = 65535
SERVED_MODEL = "openai-api/equipoise-embedded/SmolLM2-135M-Instruct"


class EmbeddedModel(ModelAPI):
    """SmolLM2-135M-Instruct (Q4_1) on this machine's CPU; seeds and logprobs are passed through.

    The weights are looked up (and fetched, if need be) when the model is created; the server starts on first use.

    Args:
        model_name: `embedded`.
        context: Tokens per slot.
        slots: Requests at the same time.
        threads: CPU threads, 0 = all cores.
        port: Loopback port, 0 = any free one.

    Raises:
        InputError: No weights, wrong checksum, or a setting that is not a whole number in range.
    """

    def __init__(
        self,
        model_name: str,
        base_url: str | None = None,
        api_key: str | None = None,
        config: GenerateConfig | None = None,
        context: int = Settings().context,
        slots: int = Settings().slots,
        threads: int = Settings().threads,
        port: int = Settings().port,
    ) -> None:
        if model_name != "embedded":
            raise InputError(f"unknown model 'equipoise/{model_name}'; the embedded model is 'equipoise/embedded'")
        settings = {"context": context, "slots": slots, "threads": threads, "port": port}
        for (name, value), least in zip(settings.items(), (256, 1, 0, 0), strict=True):
            if not isinstance(value, int) or value < least:
                raise InputError(f"expected a whole number of at least {least}, found {value!r}", field=name)
        if port > LAST_PORT:
            raise InputError(f"expected a port of at most {LAST_PORT}, found {port}", field="port")
        config = config or GenerateConfig()
        if config.max_connections is None:
            # Inspect shares this object with its Model. Left to itself it raises the number of requests until one
            # fails; beyond the slots every request evicts another dialogue's cached prompt.
            config.max_connections = slots
        super().__init__(model_name, base_url, api_key, [], config)
        self.settings = Settings(**settings)
        self._served: ModelAPI | None = None
        weights()

    async def generate(
        self, input: list[ChatMessage], tools: list[ToolInfo], tool_choice: ToolChoice, config: GenerateConfig
    ) -> ModelOutput | tuple[ModelOutput | Exception, ModelCall]:
        """Pass the request to the server, which is started first if need be."""
        served = await anyio.to_thread.run_sync(self._connect)
        return await served.generate(input, tools, tool_choice, config)

    def _connect(self) -> ModelAPI:
        """The client of the running server, a new one if the server was stopped in between."""
        running = serve(self.settings)
        if self._served is None or self._served.api_key != running.api_key:
            self._served = get_model(
                SERVED_MODEL, base_url=running.base_url, api_key=running.api_key, memoize=False
            ).api
        return self._served

    def connection_key(self) -> str:
        """One pool per process, as there is one server."""
        return "equipoise-embedded"

    def max_connections(self) -> int:
        """As many as there are slots."""
        return self.settings.slots
