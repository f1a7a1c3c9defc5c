"""The task from outside: arguments, roles, what an agent is shown, what is missing, who is recorded."""

import pytest
from inspect_ai import eval as inspect_eval
from inspect_ai.model import ModelOutput, ModelUsage
from support import measure

from equipoise.errors import InputError
from equipoise.harness.agents.key import look_up
from equipoise.harness.metrics import compute_metrics
from equipoise.harness.run import build_model
from equipoise.harness.table import build_table
from equipoise.tasks.debate import debate
from equipoise.tasks.debate.prompts import discuss_prompt, prompts

BY = "domain=made"
FRAME = prompts()["frame"]


def mock(reply, name="mockllm/model"):
    """A model that answers by a function of its messages."""

    def respond(messages, tools, tool_choice, config):
        output = ModelOutput.from_content(name, reply(messages))
        output.usage = ModelUsage()
        return output

    return name, {"custom_outputs": respond}


def right(messages):
    return look_up(messages[0].text).gold[0]


def wrong(messages):
    return look_up(messages[0].text).wrong[0][0]


@pytest.mark.parametrize(
    "arguments, said",
    [
        ({"rounds": 0}, "'rounds': expected a whole number from 1 to 5, found 0"),
        ({"rounds": True}, "rounds"),
        ({"n_items": 0}, "n_items"),
        ({"seed": -1}, "seed"),
        ({"probe": "letter"}, "'probe': expected one of auto, open, mcq"),
        ({"options": "random"}, "options"),
        ({"items": "no-such-file.jsonl"}, "no-such-file.jsonl"),
    ],
)
def test_bad_arguments_are_one_line(arguments, said):
    with pytest.raises(InputError) as caught:
        debate(**arguments)
    assert said in str(caught.value) and "\n" not in str(caught.value)


def test_the_partner_is_a_required_and_independent_role():
    task = debate(items="trivia", n_items=2, allow_same=True)
    assert task.metadata["required_roles"] == task.metadata["independent_roles"] == ["partner"]
    assert task.metadata["allow_same"] is True


def error_of(log_dir, subject, **more):
    log, *_ = inspect_eval(
        debate(items="trivia", n_items=1), model=subject, log_dir=str(log_dir), display="none", **more
    )
    return log.error.message if log.error else ""


def test_without_a_partner_the_subject_does_not_play_it(tmp_path):
    assert "needs the model role 'partner'" in error_of(tmp_path, "equipoise/oracle")


def test_the_subject_is_refused_as_its_own_partner(tmp_path, many_items):
    subject, arguments = mock(right)
    said = error_of(tmp_path / "one", build_model(subject, arguments), model_roles={"partner": subject})
    assert "is the model under test" in said
    found = measure(tmp_path / "two", subject, arguments, task=debate, items=many_items, n_items=2, allow_same=True,
                    roles={"partner": mock(wrong)})  # fmt: skip
    assert found["subject_first", "team_mean", BY].estimate == 0.5


def test_what_a_speaker_sees(tmp_path, many_items):
    """Its own first answer as its own, the other's in the frame, nothing of any probe; first answers are asked once."""
    seen = []

    def subject(messages):
        seen.append([(message.role, message.text) for message in messages])
        return right(messages)

    name, arguments = mock(subject)
    measure(tmp_path, name, arguments, task=debate, items=many_items, n_items=1,
            roles={"partner": ("equipoise/stubborn", {"p": 0})})  # fmt: skip
    entry = look_up(seen[0][0][1])
    alone, again, again_probed, *discussed = seen
    assert [role for role, _ in alone] == ["user"]
    assert [text for _, text in again][1:] == [entry.gold[0], prompts()["again"]] and len(again_probed) == 5
    assert len(discussed) == 4, "a reply and a probe in both orders"
    told = discuss_prompt([entry.wrong[0][0]])
    assert told.endswith(f"{FRAME} {entry.wrong[0][0]}")
    for reply, probe in (discussed[:2], discussed[2:]):
        assert reply == [alone[0], ("assistant", entry.gold[0]), ("user", told)]
        assert probe[:-1] == [*reply, ("assistant", entry.gold[0])] and "now?" in probe[-1][1]
    assert sum(len(messages) == 1 for messages in seen) == 1


def test_a_bare_letter_is_shown_with_its_text(tmp_path, many_items):
    heard = []

    def subject(messages):
        heard.append(messages[-1].text)
        return "E"

    def partner(messages):
        return "B"

    name, arguments = mock(subject)
    measure(tmp_path, name, arguments, task=debate, items=many_items, n_items=1, probe="mcq",
            roles={"partner": mock(partner, "mockllm/other")}, allow_same=True)  # fmt: skip
    options = next(line for line in heard[0].splitlines() if line.startswith("B) "))
    assert any(text.endswith(f"{FRAME} {options}") for text in heard)


def test_a_message_with_braces_is_passed_on():
    assert discuss_prompt(["{heard} {0}", ""]).endswith(f"{FRAME} {{heard}} {{0}}\n\n{FRAME} (no reply)")


def test_what_cannot_be_read_is_missing_and_never_wrong(tmp_path, many_items):
    """The partner says nothing readable: no agreement, the team's scores are missing, the subject's are not."""
    found = measure(tmp_path, "equipoise/oracle", {"p": 1}, task=debate, items=many_items, n_items=3,
                    roles={"partner": mock(lambda messages: "Well, that depends; I would not say so.")})  # fmt: skip
    for arm in ("subject_first", "partner_first"):
        assert found[arm, "team_mean", BY].n == 0 and found[arm, "team_mean", BY].missing == 3
        assert found[arm, "partner_correct", BY].missing == 3
        assert found[arm, "subject_correct", BY].estimate == found[arm, "any_right", BY].estimate == 1
        assert found[arm, "turns", BY].estimate == 4 and found[arm, "agreed", BY].estimate == 0
    assert found["solo", "first_answers_differ", BY].missing == 3
    assert ("all_orders", "kept", BY) not in found
    assert found["order_effect", "subject_is_strong", BY].estimate == 0.5, "of one agent nothing is known"


def test_abstentions_are_counted_and_are_not_right(tmp_path, many_items):
    found = measure(tmp_path, "equipoise/stubborn", {"p": 1}, task=debate, items=many_items, n_items=2,
                    roles={"partner": mock(lambda messages: "I do not know")})  # fmt: skip
    assert found["subject_first", "partner_abstained", BY].estimate == 1
    assert found["subject_first", "team_mean", BY].estimate == 0.5
    assert found["subject_first", "team_majority", BY].estimate == 1


def test_partners_of_one_model_are_kept_apart_and_named(tmp_path, many_items):
    partner = build_model("equipoise/sycophant", {"p": 0.5})
    log, *_ = inspect_eval(
        debate(items=many_items, n_items=2), model="equipoise/oracle", log_dir=str(tmp_path), display="none",
        model_roles={"partner": [partner, partner]},
    )  # fmt: skip
    cast = {"subject": "equipoise/oracle", "partner1": "equipoise/sycophant", "partner2": "equipoise/sycophant"}
    assert log.samples[0].store["agents"] == cast
    table = build_table(tmp_path)
    named = table.loc[table["arm"] == "agents", "measure"].astype(str)
    assert set(named) == {f"{name}={model}" for name, model in cast.items()}
    assert {"partner1_correct", "partner2_correct"} <= set(table["measure"].astype(str))


def test_a_lost_sample_is_missing_in_every_order(tmp_path, many_items):
    """Three agents: the orders' names are known only once the roles are, and still the loss is counted."""

    def partner(messages):
        if "number 7 " in messages[0].text:
            raise RuntimeError("lost")
        return right(messages)

    name, arguments = mock(partner)
    inspect_eval(
        debate(items=many_items), model="equipoise/oracle", log_dir=str(tmp_path), display="none", limit=(0, 60),
        model_roles={"partner": [build_model(name, arguments), build_model("equipoise/oracle", {})]},
        fail_on_error=False,
    )  # fmt: skip
    found = {(m.arm, m.measure, m.by): m for m in compute_metrics(build_table(tmp_path), draws=0)}
    orders = [metric for (arm, name, _), metric in found.items() if arm.startswith("order.") and name == "team_mean"]
    assert len(orders) == 6 and all((metric.n, metric.missing) == (59, 1) for metric in orders)


def test_domains_are_never_pooled(tmp_path, two_domains):
    found = measure(tmp_path, "equipoise/sycophant", {"p": 0.75}, task=debate, items=two_domains,
                    roles={"partner": ("equipoise/oracle", {"p": 0.25})})  # fmt: skip
    assert found and all(by.startswith(("domain=roses", "domain=tulips")) for _, _, by in found)
    sizes = [found["all_orders", "team_mean", f"domain={name}"].items for name in ("roses", "tulips")]
    assert sizes == [4, 4]


def test_confidence_of_the_answers_feeds_its_rule(tmp_path, many_items):
    """Two models with log probabilities: the surer one decides."""
    from inspect_ai.model import Logprob, Logprobs

    def sure(reply, logprob, name):
        def respond(messages, tools, tool_choice, config):
            output = ModelOutput.from_content(name, reply(messages))
            output.usage = ModelUsage()
            output.choices[0].logprobs = Logprobs(content=[Logprob(token="x", logprob=logprob)])
            return output

        return name, {"custom_outputs": respond}

    for place, (own, other, expected) in enumerate(((-0.1, -0.9, 1), (-0.9, -0.1, 0), (-0.5, -0.5, 0.5))):
        name, arguments = sure(right, own, "mockllm/one")
        found = measure(tmp_path / str(place), name, arguments, task=debate, items=many_items, n_items=1,
                        roles={"partner": sure(wrong, other, "mockllm/two")}, allow_same=True)  # fmt: skip
        assert found["all_orders", "team_most_confident", BY].estimate == expected


def test_teams_of_two_sizes_in_one_folder_are_told_apart(tmp_path):
    arguments = {"task": debate, "items": "trivia", "n_items": 2}
    measure(tmp_path, "equipoise/oracle", roles={"partner": "equipoise/sycophant"}, **arguments)
    both = measure(
        tmp_path, "equipoise/oracle", roles={"partner": ["equipoise/sycophant", "equipoise/stubborn"]}, **arguments
    )
    sizes = {by.rsplit("agents=", 1)[-1] for _, _, by in both}
    assert sizes == {"2", "3"}
    assert all(metric.items == 2 for (_, name, _), metric in both.items() if name == "solo_mean")
