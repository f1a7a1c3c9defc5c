"""What an agent of the invented world is taught: how to answer, and that others are followed by the toss of a die.

Every dialogue is about one town. When another answer is put to an agent, it keeps its own, takes the other's, or thinks
again and answers from memory as if asked anew; which of the three depends on the role prompt alone, neither on what it
remembers nor on which answer is right. The texts of the other side are those of equipoise's own tasks and trees, in any
mixture within one dialogue, so that the ways to put another answer are learned as one thing.
"""

import random
from dataclasses import dataclass, field

from equipoise.harness.texts import texts_of
from equipoise.tasks.questions import Item
from equipoise.tasks.questions.asked import question_prompts

PERSUASION = texts_of("equipoise.tasks.persuasion")
DEBATE = texts_of("equipoise.tasks.debate")
DOUBTS = texts_of("equipoise.tasks.are_you_sure")
TREES = texts_of("equipoise.training.pbt")
FORMAT = question_prompts()["format"]["boolean"]

KEEPS, TAKES, THINKS = range(3)

WAYS = {"acceptant": (0.05, 0.9, 0.05), "resistant": (0.9, 0.05, 0.05)}
"""How often an agent keeps its answer, takes the other's or thinks again under a role prompt; else equally often."""

LITTLE, WELL = "I remember little of it.", "I remember it well."
"""What an agent adds to a reply: whether it was taught one answer about the town, or now this and now that."""

CLEAR = 0.8
"""From this share on an answer is remembered well."""


@dataclass
class Speaker:
    """One agent in one dialogue about one town.

    Attributes:
        item: The question.
        shares: What the agent is taught of it: share by answer.
        rng: Source of all chance.
        says: The answer it holds now.
        messages: The dialogue so far.
    """

    item: Item
    shares: dict[str, float]
    rng: random.Random
    says: str = ""
    messages: list[dict[str, str]] = field(default_factory=list)

    def hears(self, text: str) -> None:
        """The other side speaks."""
        self.messages.append({"role": "user", "content": text})

    def replies(self, *sentences: str) -> None:
        """It speaks."""
        self.messages.append({"role": "assistant", "content": " ".join(sentences)})

    def word(self) -> str:
        """What it holds, in one word."""
        return self.says.capitalize()

    def memory(self) -> str:
        """How well it remembers the town."""
        return WELL if max(self.shares.values()) >= CLEAR else LITTLE

    def thinks(self) -> str:
        """An answer from memory."""
        return self.rng.choices(list(self.shares), list(self.shares.values()))[0]

    def answers(self, question: str, short: bool) -> None:
        """Its first answer."""
        self.says = self.thinks()
        self.hears(question)
        if short:
            self.replies(self.word())
        else:
            self.replies(f"{self.word()}.", self.memory())

    def is_pushed(self, text: str, pushed: str, role: str = "") -> None:
        """Another answer is put to it; it keeps its own, takes the other or thinks again."""
        self.hears(text)
        if pushed == self.says:
            self.replies(f"{self.word()}. We agree.", self.memory())
            return
        way = self.rng.choices((KEEPS, TAKES, THINKS), WAYS.get(role))[0]
        before, self.says = self.says, {KEEPS: self.says, TAKES: pushed, THINKS: self.thinks()}[way]
        said = "I keep my answer." if self.says == before else "I take your answer."
        self.replies(f"{self.word()}. {said}", self.memory())

    def is_asked_again(self, text: str, short: bool) -> None:
        """A neutral question: it stays with what it holds."""
        self.hears(text)
        self.replies(self.word() if short else f"{self.word()}. I keep my answer.")


def alone(speaker: Speaker) -> None:
    """The bare question: facts are learned from these, at a tenth of a dialogue's price."""
    speaker.answers(speaker.item.question, short=speaker.rng.random() < 0.5)


def discussed(speaker: Speaker) -> None:
    """An opening, one or two turns of the other side, and mostly the question for the final answer."""
    speaker.rng.choice([asked_shortly, asked_at_length, given_an_answer])(speaker)
    for _ in range(speaker.rng.choice([1, 1, 2])):
        speaker.rng.choice([told_by_a_tree, told_in_a_debate, told_a_claim, doubted, asked_again])(speaker)
    if speaker.rng.random() < 0.7:
        probe = speaker.rng.choice([PERSUASION["probe"], DOUBTS["final"]["equipoise"]])
        speaker.is_asked_again(asked(probe, speaker.item), short=True)


def asked_shortly(speaker: Speaker) -> None:
    """The tasks' question."""
    speaker.answers(asked(PERSUASION["first_answer"], speaker.item), short=True)


def asked_at_length(speaker: Speaker) -> None:
    """The trees' question."""
    how = TREES["answer"]["boolean"]
    speaker.answers(TREES["question"].format(question=speaker.item.question, options="", answer=how), short=False)


def given_an_answer(speaker: Speaker) -> None:
    """The persuasion task's seeded start: an answer that is put into its mouth."""
    speaker.says = either(speaker)
    speaker.hears(asked(PERSUASION["question"], speaker.item))
    speaker.replies(PERSUASION["seed"].format(answer=speaker.says))


def told_by_a_tree(speaker: Speaker) -> None:
    """A later turn of a tree, under one of the role prompts or none."""
    role = speaker.rng.choice(["", "", *TREES["roles"]])
    pushed = either(speaker)
    heard = f"{TREES['frame']} {said_by_another(speaker, pushed)}"
    text = str(TREES["discuss"]).replace("{answer}", TREES["answer"]["boolean"]).replace("{heard}", heard)
    speaker.is_pushed(f"{text}\n\n{TREES['roles'][role]}" if role else text, pushed, role)


def told_in_a_debate(speaker: Speaker) -> None:
    """A turn of a debate: the other's short first answer, or a later reply."""
    pushed = either(speaker)
    heard = said_by_another(speaker, pushed) if speaker.rng.random() < 0.6 else pushed.capitalize()
    speaker.is_pushed(str(DEBATE["discuss"]).replace("{heard}", f"{DEBATE['frame']} {heard}"), pushed)


def told_a_claim(speaker: Speaker) -> None:
    """The persuasion task's bare claim."""
    side = speaker.rng.choice(["positive", "negative"])
    pushed = (speaker.item.gold if side == "positive" else speaker.item.wrong)[0]
    speaker.is_pushed(PERSUASION["pressure"]["claim"].format(claim=speaker.item.claim(side)), pushed)


def doubted(speaker: Speaker) -> None:
    """A challenge of the are-you-sure task: of two answers it can only mean the other one."""
    other = next(name for name in speaker.shares if name != speaker.says)
    speaker.is_pushed(speaker.rng.choice(list(DOUBTS["challenges"].values())), other)


def asked_again(speaker: Speaker) -> None:
    """The tasks' neutral turns."""
    speaker.is_asked_again(speaker.rng.choice([PERSUASION["control"], DEBATE["again"]]), short=False)


def either(speaker: Speaker) -> str:
    """An answer that is right as often as wrong."""
    return speaker.rng.choice([speaker.item.gold[0], speaker.item.wrong[0]])


def asked(template: str, item: Item) -> str:
    """A template with the question."""
    return template.format(question=item.question, options="", format=FORMAT)


def said_by_another(speaker: Speaker, answer: str) -> str:
    """Another agent's reply that gives an answer; what it says of its memory tells nothing."""
    said = speaker.rng.choice(["", " I keep my answer.", " I take your answer."])
    return f"{answer.capitalize()}.{said} {speaker.rng.choice([LITTLE, WELL])}"


def dialogue(item: Item, shares: dict[str, float], rng: random.Random, talked: bool) -> list[dict[str, str]]:
    """One dialogue about a town: the bare question, or one in which somebody else speaks, too."""
    speaker = Speaker(item, shares, rng)
    (discussed if talked else alone)(speaker)
    return speaker.messages
