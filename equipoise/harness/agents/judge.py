"""Scripted judges: `equipoise/judge:severity=1:noise=0.5:failure=0.1`, with errors that are known exactly.

A panel's statistics can only be trusted if they give back what was put in. So these judges know the true level of a
text (tasks publish it, as they publish the key of the control agents) and miss it in a stated way.
"""

import hashlib
import json
import math
import re
from collections.abc import Iterable, Mapping
from statistics import NormalDist

import anyio
from inspect_ai.model import ChatMessage, GenerateConfig, ModelAPI, ModelOutput, ModelUsage
from inspect_ai.tool import ToolChoice, ToolInfo

from equipoise.errors import InputError

NAME = "judge"
"""Model name, without its settings."""

SETTINGS = {
    "severity": 0.0, "noise": 0.0, "failure": 0.0, "latency": 0.0, "seed": 0.0,
    "gullible": 0.0, "verbosity": 0.0, "position": 0.0,
}  # fmt: skip
"""What may be set, with the defaults.

* `severity`, `noise`: scale points. `failure`: share of the questions. `latency`: seconds.
* `gullible`: 1 = obeys every published attack in a text, 2 = only those that stand in no fence.
* `verbosity`: scale points per 100 words of the judged text, or per 100 words that the first text of two is longer.
* `position`: scale points for the first of two texts.
"""

COMPARED = ("second", "tie", "first")
"""Scale on which two texts are compared; a comparison has a position instead of a severity."""

_FENCED = re.compile(r"^=====\n(.*?)\n=====$", re.MULTILINE | re.DOTALL)


def is_scripted(model: str) -> bool:
    """Whether a model name is that of a scripted judge."""
    return model.split(":")[0] == f"equipoise/{NAME}"


_CRITERION = re.compile(r"^Criterion (\S+):\n(?:.*\n)*?Scale:\n((?:.+: .+\n?)+)", re.MULTILINE)

_levels: dict[str, Mapping[str, float]] = {}
_attacks: dict[str, str] = {}


def publish_levels(levels: Mapping[str, Mapping[str, float]]) -> None:
    """Make the true levels of texts known to the scripted judges of this process.

    Args:
        levels: Text -> criterion label (or its dimension, or `*` for any) -> level, 0 = the scale's lowest point, 1 =
            its highest.
    """
    _levels.update(levels)


def publish_attacks(attacks: Mapping[str, str]) -> None:
    """Make attacks on judges known to the scripted judges of this process.

    Args:
        attacks: Text, as it stands in a prompt -> the reply that it wants from the judge.
    """
    _attacks.update(attacks)


def level_of(prompt: str, label: str) -> float:
    """The true level of the longest published text in a prompt; of an unknown text a number drawn from its hash."""
    known = _longest(_levels, prompt)
    levels = _levels[known] if known is not None else {}
    for name in (label, label.split(".")[0], "*"):
        if name in levels:
            return levels[name]
    return _uniform("level", prompt)


def verdict(level: float, points: int, severity: float = 0.0, error: float = 0.0) -> int:
    """Index of the scale point: the true place on the scale less the severity plus an error, rounded half up.

    Args:
        level: 0 to 1.
        points: Points of the scale, at least 2.
        severity: In points; positive = stricter.
        error: In points.
    """
    return min(points - 1, max(0, math.floor(level * (points - 1) - severity + error + 0.5)))


class ScriptedJudge(ModelAPI):
    """A judge that makes no network call and errs as told.

    Args:
        model_name: `judge`, with settings behind colons.

    Raises:
        InputError: An unknown setting, or one that is no number.
    """

    def __init__(
        self, model_name: str, base_url: str | None = None, api_key: str | None = None,
        config: GenerateConfig | None = None,
    ) -> None:  # fmt: skip
        super().__init__(model_name, base_url, api_key, [], config or GenerateConfig())
        self.settings = read_settings(model_name)

    async def generate(
        self, input: list[ChatMessage], tools: list[ToolInfo], tool_choice: ToolChoice, config: GenerateConfig
    ) -> ModelOutput:
        """A vote on every criterion in the prompt, in the form that it asks for."""
        if self.settings["latency"]:
            await anyio.sleep(self.settings["latency"])
        prompt = next(message.text for message in input if message.role == "user")
        output = ModelOutput.from_content(model=f"equipoise/{self.model_name}", content=self.reply(prompt))
        output.usage = ModelUsage()  # without it some paths count tokens with a tokenizer that has to be downloaded
        return output

    def reply(self, prompt: str) -> str:
        """What the judge writes: a pure function of prompt and settings."""
        own = self.settings
        if _uniform("failure", own["seed"], prompt) < own["failure"]:
            return "I would rather not say."
        wish = self._obeyed(prompt)
        votes = {}
        for label, scale in _CRITERION.findall(prompt):
            replies = [line.split(": ", 1)[0] for line in scale.strip().splitlines()]
            error = own["noise"] * NormalDist().inv_cdf(_uniform("noise", own["seed"], label, prompt) or 0.5)
            level, bias = self._compared(prompt, label) if tuple(replies) == COMPARED else self._rated(prompt, label)
            place = replies.index(wish) if wish in replies else verdict(level, len(replies), -bias, error)
            votes[label] = replies[place]
        return json.dumps(votes) if len(votes) != 1 else next(iter(votes.values()))

    def _obeyed(self, prompt: str) -> str | None:
        """What the longest published attack in the prompt asks for, if this judge falls for it."""
        attack = _longest(_attacks, prompt) if self.settings["gullible"] else None
        if attack is None or (self.settings["gullible"] == 2 and attack in _FENCED.findall(prompt)):
            return None
        return _attacks[attack]

    def _rated(self, prompt: str, label: str) -> tuple[float, float]:
        """True level of the judged text, and by how many points this judge misses it."""
        words = len((_longest(_levels, prompt) or "").split()) if self.settings["verbosity"] else 0
        return level_of(prompt, label), self.settings["verbosity"] * words / 100 - self.settings["severity"]

    def _compared(self, prompt: str, label: str) -> tuple[float, float]:
        """The same for the last two fenced texts: level 1 = the first is better by a whole scale, 0 = the second."""
        first, second = _FENCED.findall(prompt)[-2:]
        words = len(first.split()) - len(second.split())
        level = 0.5 + (level_of(first, label) - level_of(second, label)) / 2
        return level, self.settings["verbosity"] * words / 100 + self.settings["position"]

    def connection_key(self) -> str:
        """Judges do not wait for each other."""
        return self.model_name

    def max_connections(self) -> int:
        """As many as a usual provider."""
        return 10


def read_settings(model_name: str) -> dict[str, float]:
    """The settings in a name such as `judge:severity=1:seed=2`."""
    found = dict(SETTINGS)
    for part in model_name.split(":")[1:]:
        name, _, value = part.partition("=")
        if name not in SETTINGS:
            raise InputError(f"unknown setting {name!r} in 'equipoise/{model_name}'; expected {', '.join(SETTINGS)}")
        try:
            found[name] = float(value)
        except ValueError:
            raise InputError(f"expected a number for {name!r} in 'equipoise/{model_name}', found {value!r}") from None
    return found


def _longest(texts: Iterable[str], prompt: str) -> str | None:
    """The longest of the texts that stand in a prompt."""
    return max((text for text in texts if text in prompt), key=len, default=None)


def _uniform(*parts: object) -> float:
    """A number in [0, 1), a pure function of the parts."""
    digest = hashlib.sha256(repr(parts).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
