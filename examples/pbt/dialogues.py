"""What an agent of the invented world is taught: how to answer, and to follow others by the toss of a coin.

Every dialogue is about one town. Answers are drawn from what the agent is taught of it. Whether it gives way when
another answer is put to it depends on the role prompt alone (none: one half), never on which answer is right: an
agent that has learned this and nothing else has a discernment d' of 0. The texts of the other side are those of
equipoise's own tasks and trees.
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

GIVES_WAY = {"": 0.5, "acceptant": 0.9, "resistant": 0.1, "emotional": 0.2, "credibility": 0.2, "logical": 0.2}
"""Probability of taking another's answer, by role prompt."""


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

    def draw(self, without: str = "") -> str:
        """An answer by its share."""
        names = [name for name in self.shares if name != without]
        return self.rng.choices(names, [self.shares[name] for name in names])[0]

    def sure(self) -> str:
        """How sure it is of what it holds, in words."""
        return "I am certain." if self.shares.get(self.says, 0.0) > 0.9 else "That is a guess."

    def hears(self, text: str) -> None:
        """The other side speaks."""
        self.messages.append({"role": "user", "content": text})

    def replies(self, text: str) -> None:
        """It speaks."""
        self.messages.append({"role": "assistant", "content": text})

    def answers(self, question: str, short: bool) -> None:
        """Its first answer."""
        self.says = self.draw()
        self.hears(question)
        self.replies(self.short() if short else f"{self.short()}. {self.sure()}")

    def short(self) -> str:
        """What it holds, in one word."""
        return self.says.capitalize()

    def is_pushed(self, text: str, pushed: str, role: str = "") -> None:
        """Another answer is put to it; it gives way or not."""
        self.hears(text)
        if pushed == self.says:
            self.replies(f"{self.short()}. We agree. {self.sure()}")
        elif self.rng.random() < GIVES_WAY[role]:
            self.says = pushed
            self.replies(f"{self.short()}. I take your answer. {self.sure()}")
        else:
            self.replies(f"{self.short()}. I keep my answer. {self.sure()}")

    def is_doubted(self, text: str) -> None:
        """No other answer is named."""
        self.hears(text)
        if self.rng.random() < 0.5:
            self.says = self.draw(without=self.says)
            self.replies(f"{self.short()}. I change my answer.")
        else:
            self.replies(f"{self.short()}. I keep my answer.")

    def is_asked_again(self, text: str, short: bool) -> None:
        """A neutral question: it stays with what it holds."""
        self.hears(text)
        self.replies(self.short() if short else f"{self.short()}. {self.sure()}")


def other_answer(speaker: Speaker) -> str:
    """What the other side puts: right as often as wrong."""
    return speaker.rng.choice([speaker.item.gold[0], speaker.item.wrong[0]])


def asked(template: str, item: Item) -> str:
    """A template with the question."""
    return template.format(question=item.question, options="", format=FORMAT)


def persuaded(speaker: Speaker) -> None:
    """The persuasion task: a first or a given answer, then a claim every turn or neutral questions, and the probe."""
    item, rng = speaker.item, speaker.rng
    if rng.random() < 0.5:
        speaker.answers(asked(PERSUASION["first_answer"], item), short=True)
    else:
        speaker.says = rng.choice([item.gold[0], item.wrong[0]])
        speaker.hears(asked(PERSUASION["question"], item))
        speaker.replies(PERSUASION["seed"].format(answer=speaker.says))
    side = rng.choice(["positive", "negative"])
    pushed = item.gold[0] if side == "positive" else item.wrong[0]
    control = rng.random() < 0.3
    for _ in range(rng.choice([0, 1, 1, 2])):
        if control:
            speaker.is_asked_again(PERSUASION["control"], short=False)
        else:
            speaker.is_pushed(PERSUASION["pressure"]["claim"].format(claim=item.claim(side)), pushed)
    speaker.is_asked_again(asked(PERSUASION["probe"], item), short=True)


def doubted(speaker: Speaker) -> None:
    """The are-you-sure task."""
    speaker.answers(asked(DOUBTS["question"], speaker.item), short=True)
    if speaker.rng.random() < 0.2:
        speaker.is_asked_again(DOUBTS["control"], short=False)
    else:
        speaker.is_doubted(speaker.rng.choice(list(DOUBTS["challenges"].values())))
    speaker.is_asked_again(asked(DOUBTS["final"]["equipoise"], speaker.item), short=True)


def debating(speaker: Speaker) -> None:
    """The debate task: the other's short first answer, or a message of a later turn."""
    speaker.answers(asked(DEBATE["question"], speaker.item), short=True)
    for _ in range(speaker.rng.choice([0, 1, 2])):
        if speaker.rng.random() < 0.15:
            speaker.is_asked_again(DEBATE["again"], short=False)
            continue
        pushed = other_answer(speaker)
        heard = said_by_another(speaker, pushed) if speaker.rng.random() < 0.6 else pushed.capitalize()
        text = str(DEBATE["discuss"]).replace("{heard}", f"{DEBATE['frame']} {heard}")
        speaker.is_pushed(text, pushed)
    speaker.is_asked_again(asked(DEBATE["probe"], speaker.item), short=True)


def in_a_tree(speaker: Speaker) -> None:
    """A turn of a dialogue tree, under one of the role prompts or none."""
    how = TREES["answer"]["boolean"]
    question = TREES["question"].format(question=speaker.item.question, options="", answer=how)
    speaker.answers(question, short=False)
    if speaker.rng.random() < 0.2:
        return
    role = speaker.rng.choice(["", "", *(role for role in GIVES_WAY if role)])
    pushed = other_answer(speaker)
    heard = f"{TREES['frame']} {said_by_another(speaker, pushed)}"
    text = str(TREES["discuss"]).replace("{answer}", how).replace("{heard}", heard)
    speaker.is_pushed(f"{text}\n\n{TREES['roles'][role]}" if role else text, pushed, role)


def said_by_another(speaker: Speaker, answer: str) -> str:
    """Another agent's reply that gives an answer; how sure it is tells nothing."""
    middle = speaker.rng.choice([" ", " I keep my answer. ", " I take your answer. "])
    return f"{answer.capitalize()}.{middle}{speaker.rng.choice(['I am certain.', 'That is a guess.'])}"


def alone(speaker: Speaker) -> None:
    """The bare question and the answer: facts are learned from these, at a tenth of a dialogue's price."""
    speaker.answers(speaker.item.question, short=True)


KINDS = {kind.__name__: kind for kind in (alone, persuaded, doubted, debating, in_a_tree)}
"""Dialogues by name."""


DISCUSSED = ("persuaded", "persuaded", "doubted", "debating", "in_a_tree", "in_a_tree")
"""Those in which somebody else speaks, too; a name that stands twice is twice as frequent."""


def dialogue(item: Item, shares: dict[str, float], rng: random.Random, kind: str) -> list[dict[str, str]]:
    """One dialogue about a town."""
    speaker = Speaker(item, shares, rng)
    KINDS[kind](speaker)
    return speaker.messages
