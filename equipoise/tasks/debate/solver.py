"""Ask every agent alone, then let all of them discuss in every seat order."""

from inspect_ai.model import get_model
from inspect_ai.solver import Generate, Solver, TaskState, solver

from equipoise.errors import InputError
from equipoise.harness.dialogue import Dialogue
from equipoise.harness.roles import role_models
from equipoise.harness.transcripts import BELIEFS, DIALOGUES
from equipoise.tasks.debate.discussion import discuss
from equipoise.tasks.debate.orders import MOST_AGENTS, Order, agent_names, all_arms, arm_of, williams
from equipoise.tasks.debate.participant import HOST, Participant
from equipoise.tasks.debate.prompts import discuss_prompt, prompts
from equipoise.tasks.questions import Asked, Belief, ask

PARTNER = "partner"
"""The model role of the other agents."""

ASKED = "debate"
"""Key of a sample's metadata that holds the question."""

FIRST, AGAIN, AGENTS = "first", "again", "agents"
"""Keys of the sample's store: first answers and answers to the neutral re-ask, by agent; the agents' models."""

APART = 1_000_003
"""Distance of the agents' sampling seeds: two agents of one model must not draw the same numbers."""


@solver
def debate_in_all_orders(
    rounds: int = 1, probe: str = "auto", logprobs: bool = True, allow_same: bool = False, seed: int = 0
) -> Solver:
    """Independent first answers, the neutral re-ask of each agent alone, then one discussion per seat order.

    Args:
        rounds: Turns of every agent after its first answer.
        probe: `auto` (as the item's kind says), `open` or `mcq`.
        logprobs: Ask for log probabilities.
        allow_same: Whether a partner may be the subject or of its family.
        seed: Added to the epoch to seed the sampling.
    """

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        asked = Asked.model_validate(state.metadata[ASKED])
        form = asked.form(probe)
        subject, partners = get_model(), role_models(PARTNER, allow_same)
        names = agent_names(1 + len(partners))
        if len(names) > MOST_AGENTS:
            raise InputError(
                f"expected at most {MOST_AGENTS - 1} models, found {len(partners)}", field=f"role {PARTNER}"
            )
        state.metadata["arm_names"] = all_arms(len(names))
        start = seed + state.epoch - 1
        agents = [Participant.subject(subject, asked, form, logprobs, start)]
        for place, (name, model) in enumerate(zip(names[1:], partners, strict=True), 1):
            agents.append(Participant.partner(name, model, asked, form, logprobs, start + place * APART))
        answers = [await agent.first_answer() for agent in agents]
        first = [belief for belief, _ in answers]
        texts = [text for _, text in answers]
        again = [await _again(agent.fork(), belief, rounds) for agent, belief in zip(agents, first, strict=True)]
        beliefs, dialogues = {}, {}
        for order in williams(len(agents)):
            dialogue = _opening(agents, order, texts)
            said = await _discuss(agents, order, first, texts, rounds, dialogue)
            beliefs[arm_of(order)] = [belief.model_dump() for belief in said]
            dialogues[arm_of(order)] = dialogue.records()
            state.messages = dialogue.view("subject")
        state.store.set(AGENTS, {agent.name: str(agent.model) for agent in agents})
        state.store.set(FIRST, [belief.model_dump() for belief in first])
        state.store.set(AGAIN, [belief.model_dump() for belief in again])
        state.store.set(BELIEFS, beliefs)
        state.store.set(DIALOGUES, dialogues)
        return state

    return solve


async def _again(agent: Participant, first: Belief, rounds: int) -> Belief:
    """As many neutral re-asks as a discussion has turns for this agent, then the same probe; nobody else is heard."""
    for turn in range(1, rounds + 1):
        await agent.speak(prompts()["again"], turn)
    return await agent.answer(rounds, first)


def _opening(agents: list[Participant], order: Order, texts: list[str]) -> Dialogue:
    """The transcript for readers: the question and the first answers in seat order."""
    dialogue = Dialogue()
    dialogue.say(HOST, ask(prompts()["question"], agents[0].asked, agents[0].form))
    for agent in order:
        dialogue.say(agents[agent].name, texts[agent])
    return dialogue


async def _discuss(
    agents: list[Participant], order: Order, first: list[Belief], texts: list[str], rounds: int, dialogue: Dialogue
) -> list[Belief]:
    """One discussion; the transcript grows in `dialogue`."""
    seated, latest, messages = [agent.fork() for agent in agents], list(first), list(texts)

    async def speak(speaker: int, others: list[int], turn: int) -> Belief:
        agent = seated[speaker]
        messages[speaker] = await agent.speak(discuss_prompt([messages[other] for other in others]), turn)
        classes = {latest[other].label for other in others}
        pushed = classes.pop() if len(classes) == 1 else None
        latest[speaker] = await agent.answer(turn, latest[speaker], pushed if pushed in ("right", "target") else None)
        dialogue.say(agent.name, messages[speaker], turn)
        return latest[speaker]

    return await discuss(order, first, rounds, speak)
