"""Two or more parties talk; each sees the transcript from its own seat.

Inspect has no dialogue between models. This is the one primitive for it: who said what is kept by name, and a
party's view turns its own words into assistant messages and everybody else's into user messages (role flip).
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageUser,
    GenerateConfig,
    Model,
)

NO_REPLY = "(no reply)"
"""Shown in place of an empty message: several providers refuse an empty one."""


@dataclass(frozen=True)
class Utterance:
    """One message: who said it, in which turn (0 = before the exchange), and the text.

    Its chat messages are made once: Inspect logs a message that many calls share only once.
    """

    speaker: str
    text: str
    turn: int = 0

    @cached_property
    def own(self) -> ChatMessageAssistant:
        """As the speaker sees it."""
        return ChatMessageAssistant(content=self.text if self.text.strip() else NO_REPLY)

    @cached_property
    def heard(self) -> ChatMessageUser:
        """As everybody else sees it."""
        return ChatMessageUser(content=self.text if self.text.strip() else NO_REPLY)


@dataclass
class Dialogue:
    """A transcript that knows who said what.

    Attributes:
        utterances: In the order they were said.
        systems: System prompt of a party, seen by that party alone.
    """

    utterances: list[Utterance] = field(default_factory=list)
    systems: dict[str, str] = field(default_factory=dict)

    def say(self, speaker: str, text: str, turn: int = 0) -> None:
        """Append what a party said."""
        self.utterances.append(Utterance(speaker, text, turn))

    def fork(self) -> "Dialogue":
        """An independent copy: what is said there (a belief probe) never enters this one."""
        return Dialogue(list(self.utterances), dict(self.systems))

    def view(self, party: str) -> list[ChatMessage]:
        """The transcript as the party's chat history; neighbouring messages of others are joined."""
        messages: list[ChatMessage] = []
        if system := self.systems.get(party):
            messages.append(ChatMessageSystem(content=system))
        for utterance in self.utterances:
            if utterance.speaker == party:
                messages.append(utterance.own)
            elif messages and isinstance(messages[-1], ChatMessageUser):
                messages[-1] = ChatMessageUser(content=f"{messages[-1].text}\n\n{utterance.heard.text}")
            else:
                messages.append(utterance.heard)
        return messages

    def records(self) -> list[dict[str, str | int]]:
        """The utterances as plain objects for a log."""
        return [{"speaker": u.speaker, "turn": u.turn, "text": u.text} for u in self.utterances]


Speaker = Callable[[Dialogue, int], Awaitable[str]]
"""What a party says next, given the transcript and the turn (1-based)."""

StopRule = Callable[[Dialogue, int], Awaitable[bool]]
"""Called after each completed turn; True ends the dialogue."""


def model_speaker(model: Model, party: str, config: GenerateConfig | None = None) -> Speaker:
    """A party played by a model from its own view of the transcript."""

    async def speak(dialogue: Dialogue, turn: int) -> str:
        output = await model.generate(dialogue.view(party), config=config or GenerateConfig())
        return output.completion

    return speak


def scripted_speaker(texts: Sequence[str]) -> Speaker:
    """A party that says the given texts, one a turn."""

    async def speak(dialogue: Dialogue, turn: int) -> str:
        return texts[turn - 1]

    return speak


async def converse(
    dialogue: Dialogue,
    parties: Mapping[str, Speaker],
    turns: int,
    stop: StopRule | None = None,
    first_turn: int = 1,
) -> int:
    """Let the parties speak in order, turn after turn, until the cap or the stop rule.

    Args:
        dialogue: Continued in place.
        parties: Speakers by name, in seat order: each speaks once a turn.
        turns: Cap on the last turn's number.
        stop: Looked at after each turn, for example to probe a belief or to end on agreement.
        first_turn: Number of the first turn.

    Returns:
        The number of the last turn that was completed (`first_turn - 1` if none was).
    """
    for turn in range(first_turn, turns + 1):
        for name, speak in parties.items():
            dialogue.say(name, await speak(dialogue, turn), turn)
        if stop is not None and await stop(dialogue, turn):
            return turn
    return max(turns, first_turn - 1)
