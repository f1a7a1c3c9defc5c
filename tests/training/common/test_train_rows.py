from pathlib import Path
from typing import Any

import pytest
from training.common.tiny import tiny_model, tiny_pairs

from equipoise.errors import InputError
from equipoise.training.common.preference import Message
from equipoise.training.common.rows import dpo_rows, sft_rows, token_ids
from equipoise.training.common.weights import read_base, read_tokenizer

pytest.importorskip("torch")


@pytest.fixture(scope="module", params=["chatml", "inst"])
def base(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return read_base(str(tiny_model(tmp_path_factory.mktemp(request.param) / "model", request.param)))


def test_the_same_pairs_make_rows_for_either_template(base: Any) -> None:
    pairs = tiny_pairs(40)
    assert len(sft_rows(pairs, base.tokenizer, 256).rows) == len(dpo_rows(pairs, base.tokenizer, 256).rows) == 40
    row = sft_rows(pairs, base.tokenizer, 256).rows[0]
    assert row["prompt"][-1]["role"] == "user"
    assert row["completion"][0]["content"] == pairs[0].chosen[0].content


def test_a_row_is_the_prompt_as_it_is_asked_and_then_the_reply_with_its_end(base: Any) -> None:
    row = sft_rows(tiny_pairs(1), base.tokenizer, 256).rows[0]
    before = token_ids(base.tokenizer, row["prompt"], True)
    whole = token_ids(base.tokenizer, row["prompt"] + row["completion"], False)
    assert whole[: len(before)] == before
    reply = base.tokenizer.decode(whole[len(before) :])
    assert reply.startswith("It is") and reply.rstrip().endswith(base.tokenizer.eos_token)


def test_padding_is_not_the_end_of_a_reply_where_another_token_is_at_hand(base: Any) -> None:
    assert base.tokenizer.pad_token is not None
    if "<pad>" in base.tokenizer.get_vocab():
        assert base.tokenizer.pad_token != base.tokenizer.eos_token


def test_rows_that_are_too_long_are_left_out_and_counted(base: Any) -> None:
    pairs = tiny_pairs(80)  # the second forty have longer replies
    lengths = [len(token_ids(base.tokenizer, r["prompt"] + r["completion"], False))
               for r in sft_rows(pairs, base.tokenizer, 512).rows]  # fmt: skip
    some = sft_rows(pairs, base.tokenizer, min(lengths))
    assert 0 < some.too_long < 80
    assert len(some.rows) + some.too_long == 80
    with pytest.raises(InputError, match="all 80 rows have more than 5 tokens"):
        sft_rows(pairs, base.tokenizer, 5)


def test_a_template_without_the_roles_of_the_data_is_told(tmp_path: Path) -> None:
    tokenizer = read_tokenizer(str(tiny_model(tmp_path, "inst")))
    pair = tiny_pairs(1)[0]
    pair = pair.model_copy(update={"prompt": (Message(role="system", content="Be brief ."), *pair.prompt)})
    with pytest.raises(InputError, match="refuses a conversation of system, user, assistant, user"):
        dpo_rows([pair], tokenizer, 256)


def test_a_template_that_changes_the_prompt_under_a_reply_is_refused(tmp_path: Path) -> None:
    tokenizer = read_tokenizer(str(tiny_model(tmp_path)))
    tokenizer.chat_template = tokenizer.chat_template.replace("{{ '<|im_start|>assistant\n' }}", "It is ")
    with pytest.raises(InputError, match="renders the prompt differently once a reply follows"):
        sft_rows(tiny_pairs(1), tokenizer, 256)
