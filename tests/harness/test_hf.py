"""`hf/PATH`: a tiny random Llama in this process, through Inspect's Model."""

import json
import math

import anyio
import pytest

torch = pytest.importorskip("torch")

from inspect_ai.log import list_eval_logs, read_eval_log  # noqa: E402
from inspect_ai.model import ChatMessageUser, GenerateConfig  # noqa: E402
from support import measure  # noqa: E402
from training.common.tiny import tiny_model  # noqa: E402

from equipoise.errors import InputError  # noqa: E402
from equipoise.harness.run import build_model  # noqa: E402

GREEDY = GenerateConfig(temperature=0.0, max_tokens=6)
QUESTIONS = [f"What colour is the flag of {name} ?" for name in ("belara", "corino", "danest", "fenumo", "golara")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A model whose replies depend on the question: as made, its first token decides everything."""
    from transformers import AutoModelForCausalLM

    made = tiny_model(tmp_path_factory.mktemp("tiny") / "model")
    model = AutoModelForCausalLM.from_pretrained(made)
    with torch.no_grad():
        for layer in model.model.layers:
            for weights in layer.parameters():
                weights *= 10 if weights.ndim == 2 else 1
    model.save_pretrained(made)
    return made


@pytest.fixture
def model(folder):
    return build_model(f"hf/{folder}", {})


def ask_all(model, questions, *configs):
    """All questions at the same time, in their order."""
    outputs = {}

    async def one(place, question):
        outputs[place] = await model.generate(question, config=configs[place % len(configs)])

    async def every():
        async with anyio.create_task_group() as group:
            for place, question in enumerate(questions):
                group.start_soon(one, place, question)

    anyio.run(every)
    return [outputs[place] for place in range(len(questions))]


def counted(model, monkeypatch):
    """The sizes of the batches that the model is asked for."""
    sizes, real = [], model.api.model.generate

    def generate(input_ids, **settings):
        sizes.append(len(input_ids))
        return real(input_ids=input_ids, **settings)

    monkeypatch.setattr(model.api.model, "generate", generate)
    return sizes


def alone(model, question):
    """Greedy decoding of one prompt by transformers itself."""
    tokenizer = model.api.tokenizer
    text = tokenizer.apply_chat_template(
        [{"role": "user", "content": question}], tokenize=False, add_generation_prompt=True
    )
    ids = tokenizer(text, return_tensors="pt", add_special_tokens=False)
    said = model.api.model.generate(**ids, do_sample=False, max_new_tokens=6)[0, ids["input_ids"].shape[1] :]
    return tokenizer.decode(said, skip_special_tokens=True)


def test_at_temperature_0_a_batch_says_what_each_prompt_alone_gets(model):
    outputs = ask_all(model, QUESTIONS, GREEDY)
    assert [output.completion for output in outputs] == [alone(model, question) for question in QUESTIONS]
    assert len({output.completion for output in outputs}) > 1


def test_whoever_waits_shares_a_batch(model, monkeypatch):
    sizes = counted(model, monkeypatch)
    ask_all(model, QUESTIONS * 4, GREEDY)
    assert sum(sizes) == 20 and len(sizes) <= 3


def test_a_batch_holds_no_more_than_the_connections(model, monkeypatch):
    sizes = counted(model, monkeypatch)
    ask_all(model, QUESTIONS * 4, GREEDY.merge(GenerateConfig(max_connections=8)))
    assert sum(sizes) == 20 and max(sizes) <= 8


def test_requests_with_other_settings_never_share_a_batch(model, monkeypatch):
    sizes = counted(model, monkeypatch)
    longer = GREEDY.merge(GenerateConfig(max_tokens=3))
    outputs = ask_all(model, QUESTIONS * 2, GREEDY, longer)
    assert sum(sizes) == 10 and len(sizes) >= 2
    assert {output.usage.output_tokens for output in outputs[1::2]} <= {0, 1, 2, 3}


def test_seeded_sampling_repeats_itself(model):
    warm = GenerateConfig(temperature=1.5, max_tokens=6, seed=3)
    first, again = (ask_all(model, QUESTIONS, warm) for _ in range(2))
    other = ask_all(model, QUESTIONS, warm.merge(GenerateConfig(seed=4)))
    assert [output.completion for output in first] == [output.completion for output in again]
    assert [output.completion for output in first] != [output.completion for output in other]


def test_log_probabilities_are_those_of_the_tokens_that_were_said(model):
    [output] = ask_all(model, QUESTIONS[:1], GREEDY.merge(GenerateConfig(logprobs=True, top_logprobs=5)))
    content = output.choices[0].logprobs.content
    tokenizer = model.api.tokenizer
    text = tokenizer.apply_chat_template(
        [{"role": "user", "content": QUESTIONS[0]}], tokenize=False, add_generation_prompt=True
    )
    ids = tokenizer(text, return_tensors="pt", add_special_tokens=False)["input_ids"]
    with torch.no_grad():
        shares = model.api.model(ids).logits[0, -1].log_softmax(-1)
    assert content[0].logprob == pytest.approx(float(shares.max()), abs=1e-4)  # greedy: the best is what was said
    assert [top.logprob for top in content[0].top_logprobs] == pytest.approx(shares.topk(5).values.tolist(), abs=1e-4)
    assert len(content) == output.usage.output_tokens
    assert all(math.isfinite(token.logprob) for token in content)


def test_a_reply_ends_at_the_end_of_sequence(model, monkeypatch):
    real = model.api.model.generate

    def ends_early(**settings):
        made = real(**settings)
        made.sequences[:, -1] = model.api.tokenizer.eos_token_id
        return made

    monkeypatch.setattr(model.api.model, "generate", ends_early)
    short = GREEDY.merge(GenerateConfig(max_tokens=3))
    [output] = ask_all(model, QUESTIONS[:1], short)
    assert output.usage.output_tokens == 2 and output.stop_reason == "stop"
    monkeypatch.undo()
    [output] = ask_all(model, QUESTIONS[:1], short)
    assert output.usage.output_tokens == 3 and output.stop_reason == "max_tokens"


def test_a_failed_batch_fails_each_of_its_requests_and_no_other(model, monkeypatch):
    real, calls = model.api.model.generate, []

    def fails_once(**settings):
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError("out of memory")
        return real(**settings)

    monkeypatch.setattr(model.api.model, "generate", fails_once)

    async def two():
        with pytest.raises(RuntimeError, match="out of memory"):
            await model.api.generate([ChatMessageUser(content=QUESTIONS[0])], [], "auto", GREEDY)
        return await model.api.generate([ChatMessageUser(content=QUESTIONS[1])], [], "auto", GREEDY)

    assert anyio.run(two).completion == alone(model, QUESTIONS[1])


def test_what_cannot_be_loaded_is_one_line(tmp_path, folder):
    with pytest.raises(InputError, match=r"no such model; expected a Hugging Face folder with a config\.json"):
        build_model(f"hf/{tmp_path / 'nowhere'}", {})
    bare = tiny_model(tmp_path / "bare")
    about = json.loads((bare / "tokenizer_config.json").read_text())
    about.pop("chat_template", None)
    (bare / "tokenizer_config.json").write_text(json.dumps(about))
    (bare / "chat_template.jinja").unlink(missing_ok=True)
    with pytest.raises(InputError, match="the tokenizer has no chat template"):
        build_model(f"hf/{bare}", {})


def test_a_task_runs_on_it_and_names_it_as_the_user_did(tmp_path, folder):
    metrics = measure(
        tmp_path / "logs", f"hf/{folder}", items="trivia", n_items=3, turns=1, techniques="control", start="seeded"
    )
    assert metrics
    [log] = [read_eval_log(info) for info in list_eval_logs(str(tmp_path / "logs"))]
    assert log.eval.model == f"hf/{folder}"
    assert log.status == "success" and log.results.completed_samples == len(log.samples)


def test_a_setting_that_it_does_not_offer_is_refused(model):
    with pytest.raises(InputError, match="take no stop_seqs"):
        anyio.run(lambda: model.generate("Why ?", config=GREEDY.merge(GenerateConfig(stop_seqs=["."]))))
