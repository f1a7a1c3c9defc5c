"""What Inspect finds under the name `equipoise` (its `inspect_ai` entry point). Keep it light."""

from collections.abc import Callable

from inspect_ai.model import ModelAPI, modelapi

from equipoise.tasks import *  # noqa: F403  (Inspect registers every task that this module holds)


@modelapi(name="equipoise")
def equipoise() -> type[ModelAPI] | Callable[..., ModelAPI]:
    """Model names `equipoise/<control agent>` and `equipoise/embedded`."""
    from equipoise.harness.agents.api import create

    return create
