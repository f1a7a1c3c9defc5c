"""What the control agents say to the scripted user (`equipoise/user`), and how good the scripted judges find it.

| responder | stubborn | sycophant | oracle | random |
| --- | --- | --- | --- | --- |
| `model` | 1/2 | 1/4 | (k - 1) / (K - 1) at turn k of K | uniform over 0, 1/4, 1/2, 3/4, 1 |
| `persona_known` | 1 | 1 | 1 | 1 |
| `no_history` | as at turn 1 | as at turn 1 | as at turn 1 | uniform |
| `style` | 1/2 | 1/2 | 1/2 | 1/2 |

Levels: 0 is the lowest point of a rating scale, 1 the highest. A reply to one message alone is the reply of turn 1:
without history the two are the same prompt.
"""

from collections.abc import Iterable, Iterator

from equipoise.harness.agents import Reply, publish_levels, publish_replies, user_message
from equipoise.tasks.aloe.metrics import KNOWN, STYLE
from equipoise.tasks.aloe.personas import Persona
from equipoise.tasks.aloe.prompts import Prompts
from equipoise.tasks.aloe.responders import system_of

RANDOM = (0.0, 0.25, 0.5, 0.75, 1.0)


def publish_key(cases: Iterable[Persona], turns: int, prompts: Prompts) -> None:
    """Tell the control agents of this process their replies, and the scripted judges the replies' levels."""
    levels = {level for turn in range(1, turns + 1) for level in _levels(turn, turns).values()}
    publish_levels({reply_of(level): {"*": level} for level in {*levels, *RANDOM}})
    for persona in cases:
        publish_replies(_replies(persona, turns, prompts))


def reply_of(level: float) -> str:
    """The reply of a level. The higher the level the longer: of several replies in a prompt, judges rate the longest.

    So a judge who also sees the history rates the current reply of an agent that never gets worse.
    """
    percent = round(100 * level)
    return f"This suits you to {percent} %: {'|' * percent}."


def _levels(turn: int, turns: int) -> dict[str, float]:
    """Level of each agent's reply."""
    return {"stubborn": 0.5, "sycophant": 0.25, "oracle": (turn - 1) / max(turns - 1, 1)}


def _replies(persona: Persona, turns: int, prompts: Prompts) -> Iterator[Reply]:
    """Replies to every message of one user: to the message alone, and after each kind of beginning."""
    user = prompts.user_of(persona)
    any_level = tuple(map(reply_of, RANDOM))
    first = {agent: reply_of(level) for agent, level in _levels(1, turns).items()}
    constant = {KNOWN: reply_of(1.0), STYLE: reply_of(0.5)}
    for turn in range(1, turns + 1):
        message = user_message(user, turn)
        says = {agent: reply_of(level) for agent, level in _levels(turn, turns).items()}
        yield Reply(message, says, any_level)
        yield Reply(message, first, any_level, opening=message)
        for responder, text in constant.items():
            yield Reply(message, dict.fromkeys(says, text), (text,), opening=system_of(responder, persona, prompts))
