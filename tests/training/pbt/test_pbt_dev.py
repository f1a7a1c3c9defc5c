"""The dev check on a real tiny model, and with generated replies that are given."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from training.common.tiny import tiny_model, tiny_pairs  # noqa: E402

from equipoise.training.common.preference import Message, write_pairs  # noqa: E402
from equipoise.training.common.settings import read_settings  # noqa: E402
from equipoise.training.pbt.dev import DevCheck, DevResult  # noqa: E402
from equipoise.training.pbt.pairs import PbtPair  # noqa: E402
from equipoise.training.pbt.recipe import job  # noqa: E402


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("dev") / "model")


@pytest.fixture(scope="module")
def tokenizer(folder: Path) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(folder)


@pytest.fixture
def model(folder: Path) -> Any:
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(folder)


Reply = Callable[[PbtPair], str]


class Parrot(DevCheck):
    """Reads what it is told that the model replies."""

    def __init__(self, pairs: Sequence[PbtPair], tokenizer: Any, reply: Reply) -> None:
        super().__init__(pairs, tokenizer)
        self.reply = reply

    def _replies(self, model: Any) -> list[str]:
        return [self.reply(pair) for _, pair in self.prompts]


def found(tokenizer: Any, reply: Reply, pairs: Sequence[PbtPair] | None = None) -> DevResult:
    return Parrot(tiny_pairs(40) if pairs is None else pairs, tokenizer, reply).evaluate(None)


def wrong(pair: PbtPair) -> str:
    return next(iter(pair.asked.wrong))


def test_a_model_that_is_always_right(tokenizer: Any) -> None:
    assert found(tokenizer, lambda pair: pair.asked.gold[0]) == (1.0, 1.0, 20, 20, 0, 1.0)


def test_a_model_that_is_always_wrong(tokenizer: Any) -> None:
    assert found(tokenizer, wrong) == (0.0, 0.0, 20, 20, 0, 0.0)


def test_agreement_is_the_partners_answer_and_disagreement_the_own_one(tokenizer: Any) -> None:
    """Released defect 8: both were counted wrong."""
    assert found(tokenizer, lambda pair: "I agree.") == (0.0, 1.0, 20, 20, 0, 0.5)
    assert found(tokenizer, lambda pair: "Agree") == (0.0, 1.0, 20, 20, 0, 0.5)
    assert found(tokenizer, lambda pair: "I disagree.") == (1.0, 0.0, 20, 20, 0, 0.5)


def test_agreement_with_an_answer_that_could_not_be_read_is_no_answer(tokenizer: Any) -> None:
    pairs = [pair.model_copy(update={"parent_answers": ()}) for pair in tiny_pairs(20)]
    assert found(tokenizer, lambda pair: "Agree", pairs) == (None, None, 0, 0, 20, None)


def test_what_cannot_be_read_is_kept_apart_and_never_wrong(tokenizer: Any) -> None:
    def reply(pair: PbtPair) -> str:
        if pair.dimension == "resist":
            return pair.asked.gold[0] if pair.family < "d" else ""
        return "red or blue, maybe either"

    part = sum(pair.family < "d" for pair in tiny_pairs(20))
    assert 0 < part < 20
    assert found(tokenizer, reply) == (1.0, None, part, 0, 40 - part, part / 40)


def test_who_answers_only_where_it_is_easy_gains_no_score(tokenizer: Any) -> None:
    names = sorted({pair.family for pair in tiny_pairs(20)})[:5]

    def reply(pair: PbtPair) -> str:
        return pair.asked.gold[0] if pair.dimension == "resist" or pair.family in names else ""

    assert found(tokenizer, reply) == (1.0, 1.0, 20, 5, 15, (1 + 5 / 20) / 2)


def test_no_reply_that_can_be_read_is_no_score(tokenizer: Any) -> None:
    assert found(tokenizer, lambda pair: "") == (None, None, 0, 0, 40, None)


def test_it_runs_beside_a_running_loop(tokenizer: Any) -> None:
    """As in a notebook."""

    async def cell() -> DevResult:
        return found(tokenizer, lambda pair: pair.asked.gold[0])

    assert asyncio.run(cell()) == (1.0, 1.0, 20, 20, 0, 1.0)


def test_a_share_between(tokenizer: Any) -> None:
    def reply(pair: PbtPair) -> str:
        return pair.asked.gold[0] if pair.family.startswith(("bel", "cor")) else wrong(pair)

    assert found(tokenizer, reply) == (0.4, 0.4, 20, 20, 0, 0.4)


def test_the_first_sentence_is_read_as_in_the_trees(tokenizer: Any) -> None:
    result = found(tokenizer, lambda pair: f"{pair.asked.gold[0]}. I am not sure, there may be 2 flags.")
    assert result == (1.0, 1.0, 20, 20, 0, 1.0)


def test_pairs_that_share_a_prompt_are_one_prompt(tokenizer: Any) -> None:
    pairs = tiny_pairs(120)
    assert len(DevCheck(pairs, tokenizer).prompts) == len({pair.prompt for pair in pairs}) == 40


@pytest.mark.parametrize(("rows", "each"), [(40, 3), (5, 2), (1, 1)])
def test_dev_rows_are_prompts_of_their_own_half_of_each_dimension(
    folder: Path, tmp_path: Path, rows: int, each: int
) -> None:
    write_pairs(tmp_path / "pairs.jsonl", tiny_pairs(160))  # of each dimension 12 dev rows with 3 prompts
    settings = read_settings("cpu", {"dev.rows": rows})
    dev = job(str(folder), tmp_path, "resist", settings, 0, None).data["by_dimension"]["dev"]
    assert dev == {"resist": each, "accept": each}


def test_no_pairs_no_numbers(tokenizer: Any, model: Any) -> None:
    assert DevCheck([], tokenizer).evaluate(model) == (None, None, 0, 0, 0, None)


def test_a_real_model_gives_the_same_in_every_batch_and_again(tokenizer: Any, model: Any) -> None:
    pairs = _of_different_length(tiny_pairs(40))
    checks = [DevCheck(pairs, tokenizer, max_new_tokens=6, batch=batch) for batch in (1, 7, 64)]
    lengths = [len(ids) for ids, _ in checks[0].prompts]
    assert lengths == sorted(lengths, reverse=True) and len(set(lengths)) > 1
    replies = [check._replies(model) for check in checks]
    assert replies[0] == replies[1] == replies[2] == checks[1]._replies(model)
    assert all(reply.strip() for reply in replies[0])
    assert checks[0].evaluate(model) == checks[2].evaluate(model)


def test_a_model_in_training_comes_back_as_it_was(tokenizer: Any, model: Any) -> None:
    model.train()
    model.gradient_checkpointing_enable()
    model.config.use_cache = False
    model.model.embed_tokens.eval()  # as a frozen part may be
    modes = [module.training for module in model.modules()]
    state = torch.get_rng_state()
    seen = []
    model.model.register_forward_pre_hook(
        lambda module, args, given: seen.append((module.training, torch.is_grad_enabled(), given["use_cache"])),
        with_kwargs=True,
    )
    DevCheck(tiny_pairs(4), tokenizer, max_new_tokens=3).evaluate(model)
    assert seen and set(seen) == {(False, False, True)}
    assert [module.training for module in model.modules()] == modes
    assert model.config.use_cache is False and model.is_gradient_checkpointing
    assert torch.equal(torch.get_rng_state(), state)


def test_the_mode_comes_back_after_an_error(tokenizer: Any, model: Any) -> None:
    def broken(**arguments: Any) -> None:
        raise RuntimeError("out of memory")

    model.train()
    model.generate = broken
    with pytest.raises(RuntimeError, match="out of memory"):
        DevCheck(tiny_pairs(4), tokenizer).evaluate(model)
    assert all(module.training for module in model.modules())


def test_adapters_take_part(tokenizer: Any, model: Any) -> None:
    peft = pytest.importorskip("peft")
    check = DevCheck(tiny_pairs(8), tokenizer, max_new_tokens=6)
    plain = check._replies(model)
    adapted = peft.get_peft_model(model, peft.LoraConfig(target_modules=["q_proj", "v_proj"], init_lora_weights=False))
    torch.nn.init.normal_(adapted.base_model.model.model.layers[0].self_attn.v_proj.lora_B["default"].weight, std=3.0)
    changed = check._replies(adapted)
    with adapted.disable_adapter():
        assert check._replies(adapted) == plain
    assert changed != plain


def test_a_tokenizer_without_padding_and_with_its_own_template(tmp_path: Path) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = tiny_model(tmp_path / "inst", "inst")
    own = AutoTokenizer.from_pretrained(folder)
    assert own.pad_token_id is None
    check = DevCheck(_of_different_length(tiny_pairs(6)), own, max_new_tokens=3, batch=4)
    assert all("[INST]" in own.decode(ids) for ids, _ in check.prompts)
    replies = check._replies(AutoModelForCausalLM.from_pretrained(folder))
    assert len(replies) == 6 and own.padding_side == AutoTokenizer.from_pretrained(folder).padding_side


def _of_different_length(pairs: Sequence[PbtPair]) -> list[PbtPair]:
    def longer(pair: PbtPair, by: int) -> tuple[Message, ...]:
        last = pair.prompt[-1]
        return (*pair.prompt[:-1], Message(role="user", content=last.content + " I am sure ." * by))

    return [pair.model_copy(update={"prompt": longer(pair, at % 5)}) for at, pair in enumerate(pairs)]
