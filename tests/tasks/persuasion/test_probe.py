"""Reading beliefs: log probabilities, letters, words, agreement, refusals."""

import asyncio
import math

import pytest
from inspect_ai.model import GenerateConfig, Logprob, Logprobs, ModelOutput, TopLogprob

from equipoise.harness.dialogue import Dialogue
from equipoise.tasks import persuasion
from equipoise.tasks.persuasion.cells import CELL, Cell
from equipoise.tasks.persuasion.probe import Belief, Prober


class Scripted:
    """Stands in for a model: gives one prepared output and remembers how it was asked."""

    def __init__(self, output: ModelOutput) -> None:
        self.output, self.config = output, GenerateConfig()

    async def generate(self, messages, config):
        self.messages, self.config = messages, config
        return self.output


@pytest.fixture(scope="module")
def cell() -> Cell:
    return Cell.model_validate(persuasion(n_items=1, start="seeded").dataset[0].metadata[CELL])


def ask(cell: Cell, output: ModelOutput, form: str, **options) -> Belief:
    prober = Prober(Scripted(output), cell, form, logprobs=True, seed=7)
    return asyncio.run(prober.ask(Dialogue(), 1, **options))


def said(text: str, first_token: dict[str, float] | None = None, stop: str = "stop") -> ModelOutput:
    output = ModelOutput.from_content("m", text, stop_reason=stop)
    if first_token:
        top = [TopLogprob(token=t, logprob=math.log(p), bytes=[]) for t, p in first_token.items()]
        best = max(top, key=lambda t: t.logprob)
        position = Logprob(token=best.token, logprob=best.logprob, bytes=[], top_logprobs=top)
        output.choices[0].logprobs = Logprobs(content=[position])
    return output


def letter_of(cell: Cell, label: str) -> str:
    return "ABCDEF"[[option.label for option in cell.choices()].index(label)]


def test_letter_and_its_share_of_the_letters(cell):
    right, target = letter_of(cell, "right"), letter_of(cell, "target")
    belief = ask(cell, said(right, {right: 0.6, target: 0.2, "The": 0.2}), "mcq")
    assert belief.label == "right"
    assert belief.confidence == pytest.approx(0.75)


def test_text_that_chooses_nothing_falls_back_to_likely_letters_only(cell):
    target = letter_of(cell, "target")
    likely = said("Hmm, well", {"Hmm": 0.5, target: 0.3, "x": 0.2})
    unlikely = said("Hmm, well", {"Hmm": 0.9, target: 0.1})
    assert ask(cell, likely, "mcq").label == "target"
    assert ask(cell, unlikely, "mcq").missing == "unparsed"


def test_the_last_two_options_are_none_right_and_abstain(cell):
    assert ask(cell, said(letter_of(cell, "none_right")), "mcq").label == "none_right"
    assert ask(cell, said(letter_of(cell, "abstain")), "mcq").label == "abstain"


def test_open_answer_and_its_token_confidence(cell):
    belief = ask(cell, said(cell.gold[0], {"x": 0.25, "y": 0.2}), "open")
    assert (belief.label, belief.confidence) == ("right", pytest.approx(0.25))


def test_agreement_takes_the_pushed_answer_and_disagreement_keeps_the_last_one(cell):
    before = Belief(turn=0, label="right", answer="before")
    assert ask(cell, said("I agree."), "open", pushed="target", previous=before).label == "target"
    assert ask(cell, said("I disagree."), "open", pushed="target", previous=before).answer == "before"
    assert ask(cell, said("I agree."), "open", pushed=None, previous=before).missing == "unparsed"


def test_refusal_is_missing_with_its_own_reason(cell):
    assert ask(cell, said("", stop="content_filter"), "open").missing == "refused"


def test_probe_is_greedy_short_and_seeded(cell):
    model = Scripted(said("x"))
    asyncio.run(Prober(model, cell, "open", logprobs=False, seed=7).ask(Dialogue(), 1))
    assert (model.config.temperature, model.config.max_tokens, model.config.seed) == (0.0, 20, 7)
    assert model.config.logprobs is None
