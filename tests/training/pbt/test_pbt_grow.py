"""Trees grow as pictured in the paper, from whatever was there before, and a failing call costs only its branch."""

import json
from itertools import groupby

import pytest
from growing import agent, always, asked, grown, plan_of
from inspect_ai.model import ModelOutput, ModelUsage, get_model

from equipoise.errors import InputError
from equipoise.training.pbt.plan import questions, seed_of, seedlings
from equipoise.training.pbt.prompts import prompts
from equipoise.training.pbt.shape import Shape
from equipoise.training.pbt.store import NODES_FILE, VERDICTS_FILE

ROLES = prompts()["roles"]
FULL = [
    "q1:0", "q1:0.0",
    "q1:0.0.acceptant", "q1:0.0.resistant",
    *(f"q1:0.0.acceptant.{role}" for role in ("emotional", "credibility", "logical")),
    *(f"q1:0.0.resistant.{role}" for role in ("emotional", "credibility", "logical")),
]  # fmt: skip


def ids(nodes):
    return [node.id for node in nodes]


def test_two_who_never_agree_make_the_whole_tree_of_ten(tmp_path):
    nodes, grower = grown(tmp_path, agent(always("Paris.")), agent(always("Lyon."), "n"))
    assert ids(nodes) == FULL
    assert [node.speaker for node in nodes] == ["a", "b", "a", "a", *"bbbbbb"]
    assert [node.role for node in nodes[:4]] == ["standard", "standard", "acceptant", "resistant"]
    assert {node.model for node in nodes if node.speaker == "b"} == {"mockllm/n"}
    assert {(node.speaker, node.right) for node in nodes} == {("a", True), ("b", False)}
    assert grower.progress.calls["replies"] == 10 and grower.progress.tokens == 30
    assert len({node.seed for node in nodes}) == 10


def test_a_reply_that_reached_the_limit_of_tokens_is_marked(tmp_path):
    def cut(*_):
        output = ModelOutput.from_content("mockllm/n", "Lyon, since", stop_reason="max_tokens")
        output.usage = ModelUsage(output_tokens=3)
        return output

    cutting = get_model("mockllm/n", custom_outputs=cut, memoize=False)
    nodes, _ = grown(tmp_path, agent(always("Paris.")), cutting)
    assert {(node.speaker, node.cut) for node in nodes} == {("a", False), ("b", True)}


def test_agreement_ends_a_branch_and_only_that(tmp_path):
    def yielding(texts):
        return "Lyon." if ROLES["acceptant"] in texts[-1] else "Paris."

    nodes, _ = grown(tmp_path, agent(yielding), agent(always("Lyon."), "n"))
    assert ids(nodes) == [*FULL[:4], *FULL[7:]]


def test_first_answers_that_agree_are_a_tree_of_two(tmp_path):
    nodes, _ = grown(tmp_path, agent(always("Paris.")), agent(always("It is Paris."), "n"))
    assert ids(nodes) == FULL[:2]


@pytest.mark.parametrize(
    "said", ["", "I don't know.", "Well, that is a long story that nobody has told to the end yet"]
)
def test_no_answer_equals_no_answer(tmp_path, said):
    def silent(texts):
        return "Lyon." if "q2" in texts[0] else said

    nodes, _ = grown(tmp_path, agent(silent), agent(silent, "n"), [asked("q1"), asked("q2")])
    assert [node.tree for node in nodes] == ["q1"] * 10 + ["q2"] * 2


def test_what_each_is_told(tmp_path):
    heard = []

    def listening(name, text):
        def say(texts):
            heard.append((name, texts))
            return text

        return say

    nodes, _ = grown(tmp_path, agent(listening("a", "Paris {sure}.")), agent(listening("b", "Lyon."), "n"))
    first, second, third, *_ = nodes
    opening = heard[0][1][0]
    assert opening.startswith("Capital of France, q1?")
    assert [texts for _, texts in heard[:2]] == [[opening], [opening]], "the second answers without hearing the first"
    assert [name for name, _ in heard] == [node.speaker for node in nodes]
    assert [m.role for m in third.prompt] == ["user", "assistant", "user"]
    assert [m.content for m in third.prompt[:2]] == [opening, "Paris {sure}."]
    assert third.prompt[2].content.endswith(f"{prompts()['frame']} Lyon.")
    assert heard[2][1] == [*(m.content for m in third.prompt[:2]), f"{third.prompt[2].content}\n\n{ROLES['acceptant']}"]
    fourth = next(node for node in nodes if node.id.endswith("resistant.logical"))
    assert [m.content for m in fourth.prompt[:2]] == [opening, "Lyon."]
    assert fourth.prompt[2].content.endswith("Paris {sure}.")
    told = [m.content for node in nodes for m in node.prompt]
    assert not [text for text in told if any(role in text for role in ROLES.values())], "no role is ever stored"
    assert first.prompt == second.prompt
    assert not [m for node in nodes for m in node.prompt if m.role == "system"]


def test_the_second_hears_the_first_where_first_answers_are_not_independent(tmp_path):
    shape = Shape(independent=False)
    nodes, grower = grown(tmp_path, agent(always("Paris.")), agent(always("Lyon."), "n"),
                          plan=plan_of([asked()], shape=shape))  # fmt: skip
    assert ids(nodes) == FULL
    (told,) = nodes[1].prompt
    assert told.content.startswith(nodes[0].prompt[0].content) and told.content.endswith("Paris.")
    assert grower.progress.level == grower.progress.levels == 4


@pytest.mark.parametrize("connections", [None, 4])
def test_a_level_is_asked_for_at_once_with_siblings_side_by_side(tmp_path, connections):
    heard = []

    def say(answer):
        def listen(texts):
            heard.append((texts[0], len(texts), texts[-1].partition("\n\nFor this reply")[0]))
            return answer

        return listen

    some, levels = [asked("q1"), asked("q2"), asked("q3")], []
    a, b = agent(say("Paris."), connections=connections), agent(say("Lyon."), "n", connections)
    nodes, _ = grown(tmp_path, a, b, some, watch=lambda p: levels.append((p.level, p.all)))
    assert sorted(set(levels)) == [(1, 6), (2, 6), (3, 18)]
    assert [node.tree for node in nodes] == ["q1"] * 10 + ["q2"] * 10 + ["q3"] * 10
    assert [length for _, length, _ in heard] == [1] * 6 + [3] * 24, "no tree is ahead of another"
    if connections is None:
        runs = [len(list(same)) for _, same in groupby(heard)]
        assert runs == [1] * 6 + [2] * 3 + [6] * 3 or runs == [2] * 3 + [2] * 3 + [6] * 3


@pytest.mark.parametrize("connections", [None, 2])
def test_a_failing_call_costs_its_branch_alone_and_is_asked_again(tmp_path, connections):
    broken = [True]

    def failing(texts):
        if broken and ROLES["acceptant"] in texts[-1] and "q1" in texts[0]:
            raise RuntimeError("overloaded\nagain")
        return "Paris."

    some = [asked("q1"), asked("q2")]
    a, b = agent(failing, connections=connections), agent(always("Lyon."), "n", connections)
    plan = plan_of(some, first="both")
    nodes, grower = grown(tmp_path, a, b, some, plan)
    assert len(nodes) == 36 and grower.progress.failed == 1
    assert grower.progress.error == "RuntimeError: overloaded again"
    assert "q1:0.0.acceptant" not in ids(nodes) and "q1:0.0.resistant.logical" in ids(nodes)
    broken.clear()
    again, grower = grown(tmp_path, a, b, some, plan)
    assert len(again) == 40 and grower.progress.calls["replies"] == 4 and not grower.progress.failed
    nothing, grower = grown(tmp_path, a, b, some, plan)
    assert nothing == again and not grower.progress.calls["replies"]


def test_a_second_answer_whose_partner_failed_waits_for_it(tmp_path):
    def never(texts):
        raise RuntimeError("down")

    nodes, grower = grown(tmp_path, agent(never), agent(always("Lyon."), "n"))
    assert nodes == [] and grower.progress.failed == 1
    nodes, grower = grown(tmp_path, agent(always("Paris.")), agent(always("Lyon."), "n"))
    assert sorted(ids(nodes)) == sorted(FULL) and grower.progress.calls["replies"] == 9


def test_a_model_that_stops_half_way_is_taken_up_where_it_stopped(tmp_path):
    said = []

    def stopping(texts):
        if len(said) == 7:
            raise InputError("no more")
        said.append(texts)
        return "Paris."

    some = [asked(f"q{i}") for i in range(4)]
    with pytest.raises(InputError, match="no more"):
        grown(tmp_path / "a", agent(stopping), agent(always("Lyon."), "n"), some)
    kept = (tmp_path / "a" / NODES_FILE).read_text().splitlines()
    nodes, grower = grown(tmp_path / "a", agent(always("Paris.")), agent(always("Lyon."), "n"), some)
    assert grower.progress.calls["replies"] == 40 - len(kept)
    whole, _ = grown(tmp_path / "b", agent(always("Paris.")), agent(always("Lyon."), "n"), some)
    assert nodes == whole, "in one go or in two"


@pytest.mark.parametrize(
    "reply", ["", "hm\x1b[31m, who knows what that would be then, all things being what they are?"]
)
def test_an_agent_that_nobody_can_read_ends_the_run_with_its_name(tmp_path, reply):
    some = [asked(f"q{i}") for i in range(5)]
    with pytest.raises(InputError) as told:
        grown(tmp_path, agent(always("Paris.")), agent(always(reply), "n"), some)
    assert "agent b (mockllm/n): none of its 5 first replies" in str(told.value)
    assert (repr(reply) if reply else "all are empty") in str(told.value) and "\x1b" not in str(told.value)
    assert len((tmp_path / NODES_FILE).read_text().splitlines()) == 10, "what was said is kept"


def test_an_error_in_the_place_of_a_reply_is_no_reply(tmp_path):
    model = agent(always("Paris."))
    said = ModelOutput.from_content("m", "too long for me", stop_reason="model_length")
    said.usage = ModelUsage()
    model.api.outputs = lambda *_: said
    nodes, grower = grown(tmp_path, model, agent(always("Lyon."), "n"))
    assert nodes == [] and grower.progress.error == "RuntimeError: too long for me"


def test_the_extractor_reads_and_what_it_wrote_is_kept(tmp_path):
    def extracting(texts):
        return "Agree" if "whatever you say" in texts[-1] else "Paris" if "capital P" in texts[-1] else "Lyon"

    def vague(texts):
        return "whatever you say" if len(texts) > 1 else "the one with a capital P"

    reader = agent(extracting, "x")
    nodes, grower = grown(tmp_path, agent(vague), agent(always("another one"), "n"), extractor=reader)
    assert [(node.extracted, node.belief.answer) for node in nodes] == [
        ("Paris", "paris"), ("Lyon", "lyon"), ("Agree", "lyon"), ("Agree", "lyon"),
    ]  # fmt: skip
    assert nodes[2].belief.label == "target", "agreement is with the partner's latest answer; both branches end"
    assert grower.progress.calls == {"replies": 4, "extractions": 4}


def test_the_filter_model_is_asked_once_about_answers_that_no_alias_connects(tmp_path):
    asked_about = []

    def judging(texts):
        asked_about.append(texts[-1])
        return "Yes"

    a, b = agent(always("Marseilles.")), agent(always("Old Marseille."), "n")
    nodes, _ = grown(tmp_path, a, b, judge=agent(judging, "f"))
    assert len(nodes) == 2 and len(asked_about) == 1
    assert {node.belief.answer for node in nodes} == {"marseilles", "old marseille"}, "answers stay what was said"
    (verdict,) = map(json.loads, (tmp_path / VERDICTS_FILE).read_text().splitlines())
    assert verdict["same"] is True and verdict["answers"] == ["marseilles", "old marseille"]
    grown(tmp_path, a, b, judge=agent(judging, "f"))
    assert len(asked_about) == 1, "a verdict is kept"
    without, _ = grown(tmp_path / "other", a, b)
    assert len(without) == 10


def test_both_agents_are_first_equally_often_whatever_the_order_of_the_file():
    some = questions("trivia", 40)
    trees = seedlings(some, "alternate")
    assert [tree.first for tree in trees].count("a") == 20
    assert [tree.tree for tree in trees] == [one.item for one in some]
    assert seedlings(questions("trivia", 10), "alternate") == trees[:10], "more questions leave the others as they are"
    both = seedlings(some[:1], "both")
    assert [(tree.tree, tree.first) for tree in both] == [(some[0].item, "a"), (f"{some[0].item}.b", "b")]
    assert both[1].speaker(1) == "a"


def test_seeds_are_of_plan_and_node_and_fit_every_provider():
    seeds = {seed_of(seed, node) for seed in range(20) for node in FULL}
    assert len(seeds) == 200 and all(0 <= seed < 2**31 for seed in seeds)
    assert seed_of(0, "q1:0") == seed_of(0, "q1:0")
